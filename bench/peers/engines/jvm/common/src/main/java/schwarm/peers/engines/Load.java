package schwarm.peers.engines;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Warms an engine up, measures both scenarios and checks what is in its history. */
public final class Load {
    private interface Round {
        Figures run(int count, int seconds) throws Exception;
    }

    private final Options options;
    private final Scenarios scenarios;
    private Engine engine;

    private Load(Options options) {
        this.options = options;
        this.scenarios = new Scenarios(options);
    }

    public static void main(String name, Engine.Opener opener, String[] arguments) {
        try {
            Options options = Options.of(arguments);
            new Load(options).run(name, opener);
            System.exit(0);
        } catch (IllegalArgumentException wrong) {
            System.err.println(name + ": " + wrong.getMessage());
            System.exit(2);
        } catch (Throwable thrown) {
            thrown.printStackTrace();
            System.exit(1);
        }
    }

    private void run(String name, Engine.Opener opener) throws Exception {
        try (Engine opened = opener.open(options.store(), options.models(), scenarios::onEnded)) {
            engine = opened;
            scenarios.use(engine);
            checkAnswers();
            long answered = scenarios.take(0);
            Figures straight = measure(scenarios::straight, options.instanceWarmUp(),
                    options.instances(), Scenarios.STRAIGHT, answered);
            Figures oneTask = measure(scenarios::oneTask, options.taskWarmUp(), options.tasks(),
                    Scenarios.ONE_TASK, 0);
            Files.writeString(options.output(),
                    "{\"engine\": \"" + name + "\", \"jar\": \"" + engine.jar()
                            + "\", \"store\": \"" + options.store().name() + "\",\n \"b\": "
                            + oneTask.json() + ",\n \"c\": " + straight.json() + "}\n");
        }
    }

    private Figures measure(Round round, int warmUp, int count, String process, long before)
            throws Exception {
        long started = before;
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(options.warmUpSeconds());
        do {
            started += round.run(warmUp, options.seconds()).count();
        } while (System.nanoTime() < until);
        Figures figures = round.run(count, options.seconds());
        checkHistory(process, started + figures.count());
        System.err.println(process + ": " + figures.json());
        return figures;
    }

    /** Every rule and both branches answer as they must before anything is timed. */
    private void checkAnswers() {
        for (long betrag : List.of(50L, 510L, 511L, 1500L, 1501L)) {
            boolean urgent = betrag % 3 == 0;
            String grade = betrag < 100 ? "gering"
                    : betrag < 1000 ? (urgent ? "hoch" : "mittel") : (urgent ? "sehr hoch" : "hoch");
            long number = scenarios.take(1);
            engine.start(Scenarios.STRAIGHT, number,
                    Map.of("betrag", betrag, "art", urgent ? "eilig" : "ruhig"));
            Map<String, Object> found = engine.variables(number);
            long size = betrag * 2;
            expect("stufe", grade, found);
            expect("text", grade + (size > 1000 ? " gross" : " klein"), found);
            expect("umfang", String.valueOf(size), found);
            expect("schluss", String.valueOf(size + 1), found);
        }
    }

    private static void expect(String name, String value, Map<String, Object> found) {
        if (!value.equals(String.valueOf(found.get(name)))) {
            throw new IllegalStateException(
                    name + " is " + found.get(name) + " and not " + value + ": " + found);
        }
    }

    private void checkHistory(String process, long started) {
        for (Engine.Rows rows : engine.history(process)) {
            System.err.println(process + ", history: " + rows.found() + " rows of " + rows.table());
            if (rows.found() != started * rows.perInstance()) {
                throw new IllegalStateException(process + ": " + started + " instances left "
                        + rows.found() + " rows of " + rows.table() + ", not "
                        + started * rows.perInstance());
            }
        }
    }
}
