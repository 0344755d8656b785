package schwarm.peers;

import com.gs.dmn.DMNModelRepository;
import com.gs.dmn.ast.DMNBaseElement;
import com.gs.dmn.ast.TDRGElement;
import com.gs.dmn.ast.TDecision;
import com.gs.dmn.ast.TDecisionService;
import com.gs.dmn.ast.TDefinitions;
import com.gs.dmn.context.DMNContext;
import com.gs.dmn.el.analysis.semantics.type.Type;
import com.gs.dmn.error.LogErrorHandler;
import com.gs.dmn.log.NopBuildLogger;
import com.gs.dmn.serialization.DefaultTypeDeserializationConfigurer;
import com.gs.dmn.transformation.DMNToJavaTransformer;
import com.gs.dmn.transformation.DMNToNativeVisitor;
import com.gs.dmn.transformation.NativeVisitorContext;
import com.gs.dmn.transformation.ToQuotedNameTransformer;
import com.gs.dmn.transformation.basic.BasicDMNToNativeTransformer;
import com.gs.dmn.transformation.lazy.NopLazyEvaluationDetector;
import com.gs.dmn.transformation.template.TreeTemplateProvider;
import com.gs.dmn.validation.NopDMNValidator;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.slf4j.LoggerFactory;

/**
 * jDMN's translation of a model to Java, with one change in its favour: a decision that it cannot
 * translate (it types every expression first) is left out, not the whole model with it.
 */
final class JdmnTranslator extends DMNToJavaTransformer<
        Number, LocalDate, TemporalAccessor, TemporalAccessor, TemporalAmount> {
    private static final int MAX_ROUNDS = 20;

    private JdmnTranslator() {
        super(JdmnModel.DIALECT, new NopDMNValidator(),
                new ToQuotedNameTransformer(new NopBuildLogger()), new TreeTemplateProvider(),
                new NopLazyEvaluationDetector(), new DefaultTypeDeserializationConfigurer(),
                JdmnModel.PARAMETERS, new NopBuildLogger());
    }

    /** The classes of the file's models; the folder is filled with models, sources and classes. */
    static ClassLoader compile(Tck.TestFile file, Path folder) throws IOException {
        Path models = Files.createDirectories(folder.resolve("models"));
        Path sources = Files.createDirectories(folder.resolve("sources"));
        Path classes = Files.createDirectories(folder.resolve("classes"));
        for (Path model : file.models()) {
            Files.copy(model, models.resolve(model.getFileName()));
        }
        new JdmnTranslator().transform(models, sources);
        for (int round = 0; round < MAX_ROUNDS; ++round) {
            Set<Path> refused = compile(sources, classes);
            if (refused.isEmpty()) {
                return new URLClassLoader(new URL[] {classes.toUri().toURL()},
                        JdmnTranslator.class.getClassLoader());
            }
            for (Path source : refused) {
                Files.delete(source);
            }
        }
        throw new IOException("javac refused what jDMN wrote");
    }

    /** The sources that the Java compiler refuses. */
    private static Set<Path> compile(Path sources, Path classes) throws IOException {
        List<String> options = List.of("-proc:none", "-nowarn", "-Xmaxerrs", "100000",
                "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        try (Stream<Path> paths = Files.walk(sources);
                StandardJavaFileManager manager = compiler.getStandardFileManager(
                        null, null, null)) {
            List<Path> written = paths.filter(p -> p.toString().endsWith(".java")).toList();
            if (written.isEmpty()) {
                throw new IOException("jDMN could translate no decision");
            }
            compiler.getTask(null, manager, found, options, null,
                    manager.getJavaFileObjectsFromPaths(written)).call();
        }
        return found.getDiagnostics().stream()
                .filter(d -> d.getKind() == Diagnostic.Kind.ERROR && d.getSource() != null)
                .map(d -> Path.of(d.getSource().toUri()))
                .collect(Collectors.toSet());
    }

    @Override
    protected void transform(BasicDMNToNativeTransformer<Type, DMNContext> transformer,
            DMNModelRepository repository, Path output) {
        DMNToNativeVisitor visitor = new Visitor(transformer, repository, output);
        for (TDefinitions definitions : repository.getAllDefinitions()) {
            definitions.accept(visitor, new NativeVisitorContext(definitions));
        }
    }

    private final class Visitor extends DMNToNativeVisitor {
        private final BasicDMNToNativeTransformer<Type, DMNContext> transformer;
        private final Path output;

        Visitor(BasicDMNToNativeTransformer<Type, DMNContext> transformer,
                DMNModelRepository repository, Path output) {
            super(JdmnTranslator.this.logger,
                    new LogErrorHandler(LoggerFactory.getLogger(JdmnTranslator.class)),
                    transformer, repository, JdmnTranslator.this.templateProcessor, output,
                    new ArrayList<>(), JdmnTranslator.this.decisionBaseClass);
            this.transformer = transformer;
            this.output = output;
        }

        @Override
        public DMNBaseElement visit(TDecision element, NativeVisitorContext context) {
            return orLeaveOut(element, () -> super.visit(element, context));
        }

        @Override
        public DMNBaseElement visit(TDecisionService element, NativeVisitorContext context) {
            return orLeaveOut(element, () -> super.visit(element, context));
        }

        private DMNBaseElement orLeaveOut(TDRGElement element, Supplier<DMNBaseElement> write) {
            try {
                return write.get();
            } catch (RuntimeException refused) {
                String name = transformer.qualifiedName(element).replace('.', '/') + ".java";
                try {
                    Files.deleteIfExists(output.resolve(name)); // half written
                } catch (IOException e) {
                    refused.addSuppressed(e);
                    throw refused;
                }
                return element;
            }
        }
    }
}
