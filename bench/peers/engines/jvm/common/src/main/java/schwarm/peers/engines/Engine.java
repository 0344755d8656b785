package schwarm.peers.engines;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/** What the load needs of an embedded engine with both models deployed. Thread-safe. */
public interface Engine extends AutoCloseable {
    /** A locked task of an instance; the number is its business key. */
    record Job(String id, long number) {}

    /** Rows of a history table, and how many each ended instance must have left in it. */
    record Rows(String table, long found, long perInstance) {}

    /** Opens an engine on an empty database; tells each ended instance once it is committed. */
    interface Opener {
        Engine open(Store store, Path models, LongConsumer ended) throws Exception;
    }

    /** The jar of the engine, which names its version. */
    String jar();

    /** Starts an instance; returns when it waits or has ended and that is committed. */
    void start(String process, long number, Map<String, Object> variables);

    List<Job> fetch(String worker, int maximum);

    void complete(String worker, Job job);

    /** The last values of the variables of an ended instance, from the history. */
    Map<String, Object> variables(long number);

    List<Rows> history(String process);

    static String jarOf(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath())
                .getFileName()
                .toString();
    }
}
