package schwarm.peers;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Times an engine over the TCK. Protocol: ../README.md. */
public final class Measure {
    private static final int SAMPLES = 11;
    private static final long SAMPLE_NS = 500_000;
    private static final long WARM_UP_NS = 2_000_000;
    private static final long ALL_WARM_UP_NS = 25_000_000_000L;
    private static final int MIN_ROUNDS = 15;
    private static final long WARM_UP_LIMIT_NS = 100_000_000;
    /** -Dpeers.explain=PART: times nothing, tells what is wrong in folders of such a name. */
    private static final String EXPLAIN = System.getProperty("peers.explain");

    /** One result node, its model and input context ready: the timed part. */
    public interface Call {
        Object run() throws Exception;
    }

    /** A prepared result node; value() takes the node's value out of what the call answered. */
    public record Prepared(Call call, Object expected, Unwrap unwrap) {}

    public interface Unwrap {
        Object value(Object answer) throws Exception;
    }

    public interface Model {
        Prepared prepare(Tck.Case test, Tck.Result result) throws Exception;
    }

    public interface Engine {
        Model load(Tck.TestFile file) throws Exception;
    }

    private static final class Row {
        String name;
        Call[] calls;
        String status = "error";
        double ns;
        long warmed;
    }

    private static volatile Object sink;

    private final String engine;
    private final Map<String, Integer> reasons = new TreeMap<>();

    private Measure(String engine) {
        this.engine = engine;
    }

    public static void main(String name, Engine engine, String[] arguments) throws Exception {
        if (arguments.length != 2) {
            System.err.println("usage: " + name + " TCK_FOLDER OUTPUT.csv");
            System.exit(2);
        }
        new Measure(name).run(engine, Path.of(arguments[0]), Path.of(arguments[1]));
        System.exit(0);
    }

    private void run(Engine engine, Path root, Path output) throws Exception {
        // The engines report on these streams what the status of a case already says.
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setOut(new PrintStream(PrintStream.nullOutputStream()));
        System.setErr(new PrintStream(PrintStream.nullOutputStream()));
        List<Row> rows = new ArrayList<>();
        for (Tck.TestFile file : Tck.readSuite(root)) {
            if (EXPLAIN == null || file.folder().contains(EXPLAIN)) {
                rows.addAll(prepare(engine, file, err));
            }
        }
        if (EXPLAIN != null) {
            reasons.forEach((reason, count) -> err.println(count + " cases: " + reason));
            return;
        }
        List<Row> timed = rows.stream().filter(row -> !row.status.equals("error")).toList();
        long start = System.nanoTime();
        int rounds = 0;
        for (; rounds < MIN_ROUNDS || System.nanoTime() - start < ALL_WARM_UP_NS; ++rounds) {
            for (Row row : timed) {
                if (row.warmed < WARM_UP_LIMIT_NS) { // the slowest case must not take it all
                    row.warmed += time(row, 1);
                }
            }
        }
        for (Row row : timed) {
            row.ns = measure(row);
        }
        StringBuilder text = new StringBuilder("folder,file,case,ns,status\n");
        for (Row row : rows) {
            String ns = row.status.equals("error") ? "" : String.valueOf(Math.round(row.ns));
            text.append(row.name).append(',').append(ns).append(',').append(row.status);
            text.append('\n');
        }
        Files.writeString(output, text, StandardCharsets.UTF_8);
        reasons.forEach((reason, count) -> err.println(
                this.engine + ": " + count + " cases: " + reason));
        out.println(this.engine + ": " + rows.size() + " cases, " + count(rows, "ok") + " ok, "
                + count(rows, "wrong") + " wrong, " + count(rows, "error") + " error; warmed up "
                + rounds + " rounds");
    }

    private static long count(List<Row> rows, String status) {
        return rows.stream().filter(row -> row.status.equals(status)).count();
    }

    private List<Row> prepare(Engine engine, Tck.TestFile file, PrintStream explain) {
        Model model = null;
        try {
            model = engine.load(file);
        } catch (Exception | LinkageError | StackOverflowError e) {
            reasons.merge(file.folder() + ": " + reason(e), file.cases().size(), Integer::sum);
        }
        List<Row> rows = new ArrayList<>();
        for (Tck.Case test : file.cases()) {
            Row row = new Row();
            row.name = file.folder() + "," + file.file() + "," + test.id();
            rows.add(row);
            if (model == null) {
                continue;
            }
            try {
                List<Call> calls = new ArrayList<>();
                boolean expected = true;
                for (Tck.Result result : test.results()) {
                    Prepared prepared = model.prepare(test, result);
                    calls.add(prepared.call());
                    Object answer = prepared.unwrap().value(prepared.call().run());
                    boolean same = Values.same(prepared.expected(), answer);
                    if (!same && EXPLAIN != null) {
                        explain.println(row.name + ": expected " + prepared.expected()
                                + ", answered " + answer);
                    }
                    expected &= same;
                }
                row.calls = calls.toArray(new Call[0]);
                row.status = expected ? "ok" : "wrong";
            } catch (Exception | LinkageError | StackOverflowError e) {
                reasons.merge(file.folder() + ": " + reason(e), 1, Integer::sum);
            }
        }
        return rows;
    }

    private static String reason(Throwable error) {
        String text = error.getMessage() == null ? error.toString() : error.getMessage();
        text = text.replaceAll("\\s+", " ");
        return text.length() > 160 ? text.substring(0, 160) + "..." : text;
    }

    private static long time(Row row, long iterations) {
        long start = System.nanoTime();
        try {
            for (long i = 0; i < iterations; ++i) {
                for (Call call : row.calls) {
                    sink = call.run();
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException(row.name + " failed after it had worked", e);
        }
        return Math.max(1, System.nanoTime() - start);
    }

    /** Median over the samples, in ns for one evaluation of all result nodes of the case. */
    private static double measure(Row row) {
        long spent = 0;
        long done = 0;
        for (; spent < WARM_UP_NS; ++done) {
            spent += time(row, 1);
        }
        long iterations = Math.max(1, SAMPLE_NS * done / spent);
        double[] samples = new double[SAMPLES];
        for (int i = 0; i < SAMPLES; ++i) {
            samples[i] = (double) time(row, iterations) / iterations;
        }
        Arrays.sort(samples);
        return samples[SAMPLES / 2];
    }
}
