package schwarm.peers;

import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.camunda.dmn.DmnEngine;
import org.camunda.dmn.parser.ParsedDmn;
import scala.jdk.javaapi.CollectionConverters;
import scala.util.Either;

/** Camunda's dmn-scala with feel-scala: DmnEngine.evalByName on a parsed model. */
public final class Camunda {
    private static final DmnEngine ENGINE = new DmnEngine.Builder()
            .escapeNamesWithSpaces(true)
            .escapeNamesWithDashes(true)
            .lazyEvaluation(true)
            .build();

    private Camunda() {}

    public static void main(String[] arguments) throws Exception {
        Measure.main("camunda", Camunda::load, arguments);
    }

    private static Measure.Model load(Tck.TestFile file) throws Exception {
        try (InputStream stream = Files.newInputStream(file.models().get(0))) {
            Either<DmnEngine.Failure, ParsedDmn> parsed = ENGINE.parse(stream);
            if (parsed.isLeft()) {
                throw new IllegalStateException(parsed.left().toOption().get().message());
            }
            ParsedDmn dmn = parsed.toOption().get();
            return (test, result) -> prepare(dmn, test, result);
        }
    }

    private static Object convert(Tck.Value value) {
        return Values.toJava(value, period -> period);
    }

    private static Measure.Prepared prepare(ParsedDmn dmn, Tck.Case test, Tck.Result result) {
        if (test.service() != null) {
            throw new IllegalStateException("decision services are not supported");
        }
        if (!dmn.decisionsByName().contains(result.name())) {
            throw new IllegalStateException("no decision of the name was parsed");
        }
        Map<String, Object> variables = new HashMap<>();
        test.inputs().forEach(input -> variables.put(input.name(), convert(input.value())));
        scala.collection.immutable.Map<String, Object> context =
                scala.collection.immutable.Map.from(CollectionConverters.asScala(variables));
        return new Measure.Prepared(
                () -> ENGINE.evalByName(dmn, result.name(), context),
                convert(result.expected()),
                Camunda::value);
    }

    private static Object value(Object answer) {
        Either<?, ?> either = (Either<?, ?>) answer;
        if (either.isRight() && either.toOption().get() instanceof DmnEngine.Result result) {
            return plain(result.value());
        }
        return null;
    }

    /** Scala's collections as Java's, so that every engine's answers are compared in one way. */
    private static Object plain(Object value) {
        if (value instanceof scala.collection.Map<?, ?> map) {
            Map<Object, Object> entries = new HashMap<>();
            CollectionConverters.asJava(map).forEach((key, item) -> entries.put(key, plain(item)));
            return entries;
        }
        if (value instanceof scala.collection.Seq<?> items) {
            return CollectionConverters.asJava(items).stream().map(Camunda::plain)
                    .collect(Collectors.toCollection(ArrayList::new));
        }
        return value;
    }
}
