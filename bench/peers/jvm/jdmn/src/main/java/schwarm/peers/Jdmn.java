package schwarm.peers;

import com.gs.dmn.DMNModelRepository;
import com.gs.dmn.DRGElementReference;
import com.gs.dmn.ast.TDRGElement;
import com.gs.dmn.ast.TDecision;
import com.gs.dmn.ast.TDefinitions;
import com.gs.dmn.dialect.JavaTimeDMNDialectDefinition;
import com.gs.dmn.feel.analysis.syntax.ast.expression.function.FormalParameter;
import com.gs.dmn.feel.lib.StandardFEELLib;
import com.gs.dmn.log.NopBuildLogger;
import com.gs.dmn.runtime.Context;
import com.gs.dmn.runtime.interpreter.DMNInterpreter;
import com.gs.dmn.runtime.interpreter.EvaluationContext;
import com.gs.dmn.runtime.interpreter.Result;
import com.gs.dmn.serialization.DMNSerializer;
import com.gs.dmn.tck.TCKUtil;
import com.gs.dmn.tck.TCKValueInterpreter;
import com.gs.dmn.tck.ast.InputNode;
import com.gs.dmn.tck.ast.ResultNode;
import com.gs.dmn.tck.ast.TestCase;
import com.gs.dmn.tck.ast.TestCases;
import com.gs.dmn.tck.serialization.xstream.XMLTCKSerializer;
import com.gs.dmn.transformation.InputParameters;
import com.gs.dmn.transformation.ToQuotedNameTransformer;
import com.gs.dmn.transformation.basic.BasicDMNToNativeTransformer;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** jDMN's interpreter: DMNInterpreter.evaluateDecision and evaluateInvocable. */
public final class Jdmn implements Measure.Model {
    private static final InputParameters PARAMETERS = new InputParameters(Map.of(
            "xsdValidation", "false", "singletonInputData", "true", "strongTyping", "false"));

    private final DMNInterpreter<Number, LocalDate, TemporalAccessor, TemporalAccessor,
            TemporalAmount> interpreter;
    private final BasicDMNToNativeTransformer transformer;
    private final TCKUtil<Number, LocalDate, TemporalAccessor, TemporalAccessor,
            TemporalAmount> util;
    private final TCKValueInterpreter<Number, LocalDate, TemporalAccessor, TemporalAccessor,
            TemporalAmount> values;
    private final TestCases tests;
    private final Map<String, TestCase> byId = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        Measure.main("jdmn", Jdmn::new, arguments);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private Jdmn(Tck.TestFile file) {
        JavaTimeDMNDialectDefinition dialect = new JavaTimeDMNDialectDefinition();
        DMNSerializer serializer = dialect.createDMNSerializer(new NopBuildLogger(), PARAMETERS);
        List<TDefinitions> definitions = new ArrayList<>();
        for (Path path : file.models()) {
            definitions.add(serializer.readModel(path.toFile()));
        }
        DMNModelRepository repository = new DMNModelRepository(definitions);
        TestCases read = new XMLTCKSerializer(new NopBuildLogger(), PARAMETERS)
                .read(file.path().toFile());
        tests = (TestCases) ((List) new ToQuotedNameTransformer(new NopBuildLogger())
                .transform(repository, new ArrayList<>(List.of(read))).getRight()).get(0);
        tests.getTestCase().forEach(test -> byId.put(test.getId(), test));
        interpreter = dialect.createDMNInterpreter(repository, PARAMETERS);
        transformer = interpreter.getBasicDMNTransformer();
        StandardFEELLib lib = (StandardFEELLib) interpreter.getFeelLib();
        util = new TCKUtil(transformer, lib);
        values = new TCKValueInterpreter(transformer, lib);
    }

    @Override
    public Measure.Prepared prepare(Tck.Case wanted, Tck.Result result) throws Exception {
        TestCase test = byId.get(wanted.id());
        ResultNode node = test.getResultNode().get(wanted.results().indexOf(result));
        DRGElementReference<? extends TDRGElement> reference =
                util.extractResultNodeInfo(tests, test, node).getReference();
        TDRGElement element = reference.getElement();
        String namespace = reference.getNamespace();
        String name = reference.getElementName();
        Measure.Call call;
        if (element instanceof TDecision) {
            EvaluationContext context =
                    EvaluationContext.makeDecisionEvaluationContext(element, inputs(test));
            call = () -> interpreter.evaluateDecision(namespace, name, context);
        } else {
            EvaluationContext context =
                    EvaluationContext.makeFunctionInvocationContext(element, arguments(test, element));
            call = () -> interpreter.evaluateInvocable(namespace, name, context);
        }
        boolean several = wanted.results().size() > 1 && wanted.service() != null;
        Object expected = plain(values.makeValue(node.getExpected()));
        return new Measure.Prepared(call, expected, answer -> {
            Object value = plain(Result.value((Result) answer));
            return several && value instanceof Map<?, ?> map ? map.get(result.name()) : value;
        });
    }

    private Map<String, Object> inputs(TestCase test) {
        Map<String, Object> inputs = new LinkedHashMap<>();
        for (InputNode node : test.getInputNode()) {
            String name = transformer.bindingName(
                    util.extractInputNodeInfo(tests, test, node).getReference());
            inputs.put(name, values.makeValue(node));
        }
        return inputs;
    }

    @SuppressWarnings("unchecked")
    private List<Object> arguments(TestCase test, TDRGElement element) {
        Map<String, Object> given = new HashMap<>();
        test.getInputNode().forEach(node -> given.put(node.getName(), values.makeValue(node)));
        List<Object> arguments = new ArrayList<>();
        for (Object parameter : transformer.invocableFEELParameters(element)) {
            arguments.add(given.get(((FormalParameter<?>) parameter).getName()));
        }
        return arguments;
    }

    /** jDMN's contexts as maps, so that every engine's answers are compared in the same way. */
    private static Object plain(Object value) {
        if (value instanceof Context context) {
            Map<Object, Object> map = new LinkedHashMap<>();
            for (Object entry : context.getBindings().entrySet()) {
                Map.Entry<?, ?> pair = (Map.Entry<?, ?>) entry;
                map.put(pair.getKey(), plain(pair.getValue()));
            }
            return map;
        }
        if (value instanceof List<?> list) {
            List<Object> items = new ArrayList<>();
            list.forEach(item -> items.add(plain(item)));
            return items;
        }
        return value instanceof Number number ? new BigDecimal(number.toString()) : value;
    }
}
