package schwarm.peers;

import com.gs.dmn.DRGElementReference;
import com.gs.dmn.ast.TDRGElement;
import com.gs.dmn.runtime.Context;
import com.gs.dmn.runtime.DMNType;
import com.gs.dmn.runtime.ExecutionContext;
import com.gs.dmn.runtime.Pair;
import com.gs.dmn.runtime.annotation.AnnotationSet;
import com.gs.dmn.runtime.cache.DefaultCache;
import com.gs.dmn.runtime.external.DefaultExternalFunctionExecutor;
import com.gs.dmn.runtime.external.ExternalFunctionExecutor;
import com.gs.dmn.runtime.listener.EventListener;
import com.gs.dmn.runtime.listener.NopEventListener;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The classes that jDMN writes for a model, compiled and loaded; `apply` of each decision. */
public final class JdmnCompiled {
    private static final EventListener LISTENER = new NopEventListener();
    private static final ExternalFunctionExecutor EXECUTOR = new DefaultExternalFunctionExecutor();

    private JdmnCompiled() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory(
                Path.of(arguments[1]).toAbsolutePath().getParent(), "jdmn-compiled-");
        Measure.main("jdmn-compiled", file -> {
            ClassLoader loader = JdmnTranslator.compile(file, folder.resolve(file.folder()));
            JdmnModel model = new JdmnModel(file);
            return (test, result) -> prepare(loader, model, test, result);
        }, arguments);
    }

    private static ExecutionContext newContext() {
        return new ExecutionContext(new AnnotationSet(), LISTENER, EXECUTOR, new DefaultCache());
    }

    private static Measure.Prepared prepare(
            ClassLoader loader, JdmnModel model, Tck.Case test, Tck.Result result)
            throws Exception {
        DRGElementReference<? extends TDRGElement> reference = model.reference(test, result);
        Class<?> type;
        try {
            type = loader.loadClass(model.transformer.qualifiedName(reference.getElement()));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("jDMN cannot translate it, or javac refuses the result");
        }
        List<String> names = parameters(model, reference);
        Method apply = Arrays.stream(type.getMethods())
                .filter(m -> m.getName().equals("apply")
                        && m.getParameterCount() == names.size() + 1
                        && m.getParameterTypes()[names.size()] == ExecutionContext.class)
                .findFirst().orElseThrow();
        Map<String, Object> given = new HashMap<>();
        model.test(test).getInputNode().forEach(node -> given.put(
                model.variableName(model.input(test, node)), model.value(node)));
        Object[] arguments = new Object[names.size()];
        for (int i = 0; i < arguments.length; ++i) {
            arguments[i] = convert(given.get(names.get(i)), apply.getGenericParameterTypes()[i]);
        }
        Object instance = instance(type);
        MethodHandle handle = MethodHandles.lookup().unreflect(apply).bindTo(instance);
        MethodHandle bound = MethodHandles.insertArguments(handle, 0, arguments)
                .asType(MethodType.methodType(Object.class, ExecutionContext.class));
        // Names are Java's in these answers ("resolve A" is resolveA): compared by their letters.
        return model.prepared(
                () -> call(bound), test, result, answer -> answer, JdmnCompiled::letters);
    }

    private static Object call(MethodHandle handle) throws Exception {
        try {
            return (Object) handle.invokeExact(newContext());
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static List<String> parameters(
            JdmnModel model, DRGElementReference<? extends TDRGElement> reference) {
        List<String> names = new ArrayList<>();
        Function<Object, String> producer = model.transformer::nativeName;
        for (Object pair : model.transformer.drgElementTypeSignature(reference, producer)) {
            names.add((String) ((Pair<?, ?>) pair).getLeft());
        }
        return names;
    }

    private static Object instance(Class<?> type) throws Exception {
        try {
            return type.getConstructor().newInstance();
        } catch (NoSuchMethodException e) {
            return type.getMethod("instance").invoke(null);
        }
    }

    /** A context as the interface that jDMN wrote for the item definition, members included. */
    private static Object convert(Object value, Type wanted) throws Exception {
        if (value instanceof List<?> list && wanted instanceof ParameterizedType parameterized) {
            List<Object> items = new ArrayList<>();
            for (Object item : list) {
                items.add(convert(item, parameterized.getActualTypeArguments()[0]));
            }
            return items;
        }
        if (value instanceof Context context && wanted instanceof Class<?> type
                && DMNType.class.isAssignableFrom(type)) {
            Class<?> implementation = type.getClassLoader().loadClass(type.getName() + "Impl");
            Object object = implementation.getConstructor().newInstance();
            Map<String, Object> members = new HashMap<>();
            for (Object entry : context.getBindings().entrySet()) {
                Map.Entry<?, ?> pair = (Map.Entry<?, ?>) entry;
                members.put(letters(String.valueOf(pair.getKey())), pair.getValue());
            }
            for (Method method : implementation.getMethods()) {
                if (method.getName().startsWith("set") && method.getParameterCount() == 1) {
                    Object member = members.get(letters(method.getName().substring(3)));
                    method.invoke(object, convert(member, method.getGenericParameterTypes()[0]));
                }
            }
            return object;
        }
        return value;
    }

    private static String letters(String name) {
        return name.replaceAll("[^\\p{L}\\p{N}]", "").toLowerCase(Locale.ROOT);
    }
}
