package schwarm.peers;

import com.gs.dmn.DRGElementReference;
import com.gs.dmn.ast.TDRGElement;
import com.gs.dmn.ast.TDecision;
import com.gs.dmn.feel.analysis.syntax.ast.expression.function.FormalParameter;
import com.gs.dmn.runtime.interpreter.EvaluationContext;
import com.gs.dmn.runtime.interpreter.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** jDMN's interpreter: DMNInterpreter.evaluateDecision and evaluateInvocable. */
public final class Jdmn {
    private Jdmn() {}

    public static void main(String[] arguments) throws Exception {
        Measure.main("jdmn", file -> {
            JdmnModel model = new JdmnModel(file);
            return (test, result) -> prepare(model, test, result);
        }, arguments);
    }

    private static Measure.Prepared prepare(JdmnModel model, Tck.Case test, Tck.Result result) {
        DRGElementReference<? extends TDRGElement> reference = model.reference(test, result);
        TDRGElement element = reference.getElement();
        String namespace = reference.getNamespace();
        String name = reference.getElementName();
        Measure.Call call;
        if (element instanceof TDecision) {
            EvaluationContext context =
                    EvaluationContext.makeDecisionEvaluationContext(element, inputs(model, test));
            call = () -> model.interpreter.evaluateDecision(namespace, name, context);
        } else {
            EvaluationContext context = EvaluationContext.makeFunctionInvocationContext(
                    element, arguments(model, test, element));
            call = () -> model.interpreter.evaluateInvocable(namespace, name, context);
        }
        return model.prepared(
                call, test, result, answer -> Result.value((Result) answer),
                UnaryOperator.identity());
    }

    private static Map<String, Object> inputs(JdmnModel model, Tck.Case test) {
        Map<String, Object> inputs = new LinkedHashMap<>();
        model.test(test).getInputNode().forEach(node -> inputs.put(
                model.transformer.bindingName(model.input(test, node).getReference()),
                model.value(node)));
        return inputs;
    }

    private static List<Object> arguments(JdmnModel model, Tck.Case test, TDRGElement element) {
        Map<String, Object> given = new HashMap<>();
        model.test(test).getInputNode().forEach(
                node -> given.put(node.getName(), model.value(node)));
        List<Object> arguments = new ArrayList<>();
        for (Object parameter : model.transformer.invocableFEELParameters(element)) {
            arguments.add(given.get(((FormalParameter<?>) parameter).getName()));
        }
        return arguments;
    }
}
