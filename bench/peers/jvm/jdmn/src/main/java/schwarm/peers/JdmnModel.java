package schwarm.peers;

import com.gs.dmn.DMNModelRepository;
import com.gs.dmn.DRGElementReference;
import com.gs.dmn.ast.TDRGElement;
import com.gs.dmn.ast.TDefinitions;
import com.gs.dmn.dialect.JavaTimeDMNDialectDefinition;
import com.gs.dmn.feel.lib.StandardFEELLib;
import com.gs.dmn.log.NopBuildLogger;
import com.gs.dmn.runtime.Context;
import com.gs.dmn.runtime.DMNType;
import com.gs.dmn.runtime.interpreter.DMNInterpreter;
import com.gs.dmn.serialization.DMNSerializer;
import com.gs.dmn.tck.InputNodeInfo;
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
import java.util.function.UnaryOperator;

/** A test file with its models as jDMN reads them; what its two ways of running have in common. */
final class JdmnModel {
    static final InputParameters PARAMETERS = new InputParameters(Map.of(
            "xsdValidation", "false", "singletonInputData", "true", "strongTyping", "false"));
    static final JavaTimeDMNDialectDefinition DIALECT = new JavaTimeDMNDialectDefinition();

    final DMNInterpreter<Number, LocalDate, TemporalAccessor, TemporalAccessor, TemporalAmount>
            interpreter;
    @SuppressWarnings("rawtypes")
    final BasicDMNToNativeTransformer transformer;
    private final TCKUtil<Number, LocalDate, TemporalAccessor, TemporalAccessor, TemporalAmount>
            util;
    private final TCKValueInterpreter<Number, LocalDate, TemporalAccessor, TemporalAccessor,
            TemporalAmount> values;
    private final TestCases tests;
    private final Map<String, TestCase> byId = new HashMap<>();

    @SuppressWarnings({"unchecked", "rawtypes"})
    JdmnModel(Tck.TestFile file) {
        DMNSerializer serializer = DIALECT.createDMNSerializer(new NopBuildLogger(), PARAMETERS);
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
        interpreter = DIALECT.createDMNInterpreter(repository, PARAMETERS);
        transformer = interpreter.getBasicDMNTransformer();
        StandardFEELLib lib = (StandardFEELLib) interpreter.getFeelLib();
        util = new TCKUtil(transformer, lib);
        values = new TCKValueInterpreter(transformer, lib);
    }

    TestCase test(Tck.Case wanted) {
        return byId.get(wanted.id());
    }

    DRGElementReference<? extends TDRGElement> reference(Tck.Case wanted, Tck.Result result) {
        return util.extractResultNodeInfo(tests, test(wanted), node(wanted, result)).getReference();
    }

    private ResultNode node(Tck.Case wanted, Tck.Result result) {
        return test(wanted).getResultNode().get(wanted.results().indexOf(result));
    }

    InputNodeInfo input(Tck.Case wanted, InputNode node) {
        return util.extractInputNodeInfo(tests, test(wanted), node);
    }

    String variableName(InputNodeInfo info) {
        return util.inputDataVariableName(info);
    }

    Object value(InputNode node) {
        return values.makeValue(node);
    }

    /** unwrap: takes the FEEL value out of what the call answered; spelling: of names in it. */
    Measure.Prepared prepared(Measure.Call call, Tck.Case wanted, Tck.Result result,
            Measure.Unwrap unwrap, UnaryOperator<String> spelling) {
        boolean several = wanted.results().size() > 1 && wanted.service() != null;
        Object expected = plain(values.makeValue(node(wanted, result).getExpected()), spelling);
        String name = spelling.apply(result.name());
        return new Measure.Prepared(call, expected, answer -> {
            Object value = plain(unwrap.value(answer), spelling);
            return several && value instanceof Map<?, ?> map ? map.get(name) : value;
        });
    }

    /** jDMN's contexts as maps, so that every engine's answers are compared in the same way. */
    private static Object plain(Object value, UnaryOperator<String> spelling) {
        if (value instanceof DMNType type) {
            return plain(type.toContext(), spelling);
        }
        if (value instanceof Context context) {
            Map<Object, Object> map = new LinkedHashMap<>();
            for (Object entry : context.getBindings().entrySet()) {
                Map.Entry<?, ?> pair = (Map.Entry<?, ?>) entry;
                map.put(spelling.apply(String.valueOf(pair.getKey())),
                        plain(pair.getValue(), spelling));
            }
            return map;
        }
        if (value instanceof List<?> list) {
            List<Object> items = new ArrayList<>();
            list.forEach(item -> items.add(plain(item, spelling)));
            return items;
        }
        return value instanceof Number number ? new BigDecimal(number.toString()) : value;
    }
}
