package schwarm.peers.engines;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The options of the load; every number is bounded. */
record Options(Path models, Path output, Store store, int tasks, int instances, int taskWarmUp,
        int instanceWarmUp, int warmUpSeconds, int seconds, int open, int batch, int threads) {

    static final String USAGE = "usage: --models FOLDER --output FILE.json"
            + " (--h2 FILE | --postgres PORT --database NAME) [--tasks N] [--instances N]"
            + " [--task-warm-up N] [--instance-warm-up N] [--warm-up-seconds N] [--seconds N]"
            + " [--open N] [--batch N] [--threads N]";

    static Options of(String[] arguments) {
        Map<String, String> given = new HashMap<>();
        if (arguments.length % 2 != 0) {
            throw new IllegalArgumentException(USAGE);
        }
        for (int i = 0; i < arguments.length; i += 2) {
            given.put(arguments[i], arguments[i + 1]);
        }
        Store store = given.containsKey("--postgres")
                ? Store.postgres(given.remove("--postgres"), text(given, "--database"))
                : Store.h2(Path.of(text(given, "--h2")));
        Options options = new Options(Path.of(text(given, "--models")),
                Path.of(text(given, "--output")), store,
                number(given, "--tasks", 5_000, 1, 1_000_000),
                number(given, "--instances", 20_000, 1, 1_000_000),
                number(given, "--task-warm-up", 2_000, 1, 1_000_000),
                number(given, "--instance-warm-up", 5_000, 1, 1_000_000),
                number(given, "--warm-up-seconds", 20, 0, 600),
                number(given, "--seconds", 60, 1, 600),
                number(given, "--open", 256, 1, 100_000),
                number(given, "--batch", 16, 1, 1_000),
                number(given, "--threads", 2, 1, 256));
        if (!given.isEmpty()) {
            throw new IllegalArgumentException("unknown: " + given.keySet() + "\n" + USAGE);
        }
        return options;
    }

    private static String text(Map<String, String> given, String name) {
        String value = given.remove(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing\n" + USAGE);
        }
        return value;
    }

    private static int number(Map<String, String> given, String name, int otherwise, int least,
            int most) {
        String value = given.remove(name);
        int number = value == null ? otherwise : Integer.parseInt(value);
        if (number < least || number > most) {
            throw new IllegalArgumentException(name + " must be from " + least + " to " + most);
        }
        return number;
    }
}
