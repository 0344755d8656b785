package schwarm.peers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The test files of the DMN TCK (TestCases/testCases.xsd). */
public final class Tck {
    private static final String XSI = "http://www.w3.org/2001/XMLSchema-instance";

    /** A value as the test file writes it; null when no member is set. */
    public record Value(
            String type, String text, List<Value> items, Map<String, Value> entries) {
        static final Value NULL = new Value(null, null, null, null);
    }

    public record Input(String name, String namespace, Value value) {}

    public record Result(String name, Value expected) {}

    /** service: the decision service to invoke, or null for decisions by name. */
    public record Case(String id, String service, List<Input> inputs, List<Result> results) {}

    /** models: the tested model first, then those that it may import. */
    public record TestFile(
            String folder, String file, Path path, List<Path> models, List<Case> cases) {}

    private Tck() {}

    /** All test files of levels 2 and 3 below the suite's root, in the order of their names. */
    public static List<TestFile> readSuite(Path root) throws Exception {
        List<TestFile> files = new ArrayList<>();
        for (String level : List.of("compliance-level-2", "compliance-level-3")) {
            for (Path folder : sorted(root.resolve(level), "")) {
                if (!Files.isDirectory(folder)) {
                    continue;
                }
                for (Path test : sorted(folder, ".xml")) {
                    files.add(readFile(level + "/" + folder.getFileName(), folder, test));
                }
            }
        }
        return files;
    }

    private static List<Path> sorted(Path folder, String suffix) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(p -> p.toString().endsWith(suffix)).sorted().toList();
        }
    }

    private static TestFile readFile(String name, Path folder, Path test) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        DocumentBuilder builder = factory.newDocumentBuilder();
        Element root = builder.parse(new File(test.toString())).getDocumentElement();
        List<Case> cases = new ArrayList<>();
        Path tested = null;
        for (Element element : children(root)) {
            if (element.getLocalName().equals("modelName")) {
                tested = folder.resolve(element.getTextContent().trim());
            } else if (element.getLocalName().equals("testCase")) {
                cases.add(readCase(element));
            }
        }
        List<Path> models = new ArrayList<>();
        models.add(tested);
        for (Path other : sorted(folder, ".dmn")) {
            if (!other.equals(tested)) {
                models.add(other);
            }
        }
        String file = test.getFileName().toString().replaceFirst("\\.xml$", "");
        return new TestFile(name, file, test, models, cases);
    }

    private static Case readCase(Element element) {
        List<Input> inputs = new ArrayList<>();
        List<Result> results = new ArrayList<>();
        for (Element child : children(element)) {
            String name = child.getAttribute("name");
            if (child.getLocalName().equals("inputNode")) {
                inputs.add(new Input(name, child.getAttribute("namespace"), readValue(child)));
            } else if (child.getLocalName().equals("resultNode")) {
                List<Element> expected = children(child);
                results.add(new Result(
                        name, expected.isEmpty() ? Value.NULL : readValue(expected.get(0))));
            }
        }
        boolean service = element.getAttribute("type").equals("decisionService");
        String invocable = service ? element.getAttribute("invocableName") : null;
        return new Case(element.getAttribute("id"), invocable, inputs, results);
    }

    private static Value readValue(Element element) {
        Map<String, Value> entries = new LinkedHashMap<>();
        for (Element child : isNil(element) ? List.<Element>of() : children(element)) {
            switch (child.getLocalName()) {
                case "value" -> {
                    String type = child.getAttributeNS(XSI, "type");
                    String local = type.substring(type.indexOf(':') + 1);
                    return isNil(child)
                            ? Value.NULL
                            : new Value(local, child.getTextContent(), null, null);
                }
                case "list" -> {
                    List<Value> items = new ArrayList<>();
                    children(child).forEach(item -> items.add(readValue(item)));
                    return isNil(child) ? Value.NULL : new Value(null, null, items, null);
                }
                case "component" -> entries.put(child.getAttribute("name"), readValue(child));
                default -> { }
            }
        }
        return entries.isEmpty() ? Value.NULL : new Value(null, null, null, entries);
    }

    private static boolean isNil(Element element) {
        return element.getAttributeNS(XSI, "nil").equals("true");
    }

    private static List<Element> children(Element element) {
        List<Element> found = new ArrayList<>();
        for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element child) {
                found.add(child);
            }
        }
        return found;
    }
}
