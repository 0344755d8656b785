package schwarm.peers;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.kie.api.io.Resource;
import org.kie.dmn.api.core.DMNContext;
import org.kie.dmn.api.core.DMNModel;
import org.kie.dmn.api.core.DMNResult;
import org.kie.dmn.api.core.DMNRuntime;
import org.kie.dmn.backend.marshalling.v1x.DMNMarshallerFactory;
import org.kie.dmn.core.internal.utils.DMNRuntimeBuilder;
import org.kie.dmn.feel.lang.types.impl.ComparablePeriod;
import org.kie.dmn.model.api.Definitions;
import org.kie.internal.io.ResourceFactory;

/** Apache KIE (Drools): DMNRuntime.evaluateByName and evaluateDecisionService. */
public final class Drools {
    private Drools() {}

    public static void main(String[] arguments) throws Exception {
        Measure.main("drools", Drools::load, arguments);
    }

    private static Measure.Model load(Tck.TestFile file) throws Exception {
        List<Resource> resources = new ArrayList<>();
        for (Path path : file.models()) {
            resources.add(ResourceFactory.newReaderResource(
                    Files.newBufferedReader(path), "UTF-8"));
        }
        DMNRuntime runtime = DMNRuntimeBuilder.usingStrict()
                .fromResources(resources)
                .getOrElseThrow(IllegalStateException::new);
        Definitions definitions = DMNMarshallerFactory.newDefaultMarshaller()
                .unmarshal(new StringReader(Files.readString(file.models().get(0))));
        DMNModel model = runtime.getModel(definitions.getNamespace(), definitions.getName());
        if (model == null) {
            throw new IllegalStateException("the model was not loaded");
        }
        return (test, result) -> prepare(runtime, model, test, result);
    }

    private static Object convert(Tck.Value value) {
        return Values.toJava(value, ComparablePeriod::new);
    }

    private static Measure.Prepared prepare(
            DMNRuntime runtime, DMNModel model, Tck.Case test, Tck.Result result) {
        DMNContext context = runtime.newContext();
        test.inputs().forEach(input -> context.set(input.name(), convert(input.value())));
        String name = result.name();
        Measure.Call call = test.service() != null
                ? () -> runtime.evaluateDecisionService(model, context, test.service())
                : () -> runtime.evaluateByName(model, context, name);
        return new Measure.Prepared(call, convert(result.expected()),
                answer -> ((DMNResult) answer).getContext().get(name));
    }
}
