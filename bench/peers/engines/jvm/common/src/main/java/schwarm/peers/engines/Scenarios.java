package schwarm.peers.engines;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

/** The two scenarios of README.md. One runs at a time; each ends by itself. */
final class Scenarios {
    static final String ONE_TASK = "one_task";
    static final String STRAIGHT = "straight";
    private static final long STALLED_SECONDS = 60;

    private final Options options;
    private Engine engine;
    private long nextNumber;
    private volatile LongConsumer ended = number -> {};

    Scenarios(Options options) {
        this.options = options;
    }

    void use(Engine engine) {
        this.engine = engine;
    }

    /** The engine calls it for each ended instance. */
    void onEnded(long number) {
        ended.accept(number);
    }

    static Map<String, Object> variables(long number) {
        return Map.of("betrag", number % 2000, "art", number % 3 == 0 ? "eilig" : "ruhig");
    }

    /** A number that no other instance has. */
    long take(int count) {
        long first = nextNumber;
        nextNumber += count;
        return first;
    }

    /** Straight-through: the call that starts an instance returns when it has ended. */
    Figures straight(int count, int seconds) throws Exception {
        long base = take(count);
        long[] latencies = new long[count];
        Team team = new Team(count, seconds);
        for (int i = 0; i < options.threads(); ++i) {
            team.run(() -> {
                for (int index = team.next(); index >= 0; index = team.next()) {
                    long before = System.nanoTime();
                    engine.start(STRAIGHT, base + index, variables(base + index));
                    latencies[index] = System.nanoTime() - before;
                }
            });
        }
        team.join();
        return Figures.of(latencies, team.taken(), team.begin, System.nanoTime());
    }

    /** One task: some threads start instances, others fetch and complete their tasks. */
    Figures oneTask(int count, int seconds) throws Exception {
        long base = take(count);
        AtomicLongArray starts = new AtomicLongArray(count);
        AtomicLongArray ends = new AtomicLongArray(count);
        Semaphore open = new Semaphore(options.open());
        Semaphore ready = new Semaphore(0);
        Semaphore done = new Semaphore(0);
        ended = number -> {
            ends.set((int) (number - base), System.nanoTime());
            open.release();
            done.release();
        };
        Team starters = new Team(count, seconds);
        for (int i = 0; i < options.threads(); ++i) {
            starters.run(() -> {
                while (true) {
                    await(open, 1, "no instance ended");
                    int index = starters.next();
                    if (index < 0) {
                        open.release();
                        return;
                    }
                    starts.set(index, System.nanoTime());
                    engine.start(ONE_TASK, base + index, variables(base + index));
                    ready.release();
                }
            });
        }
        Team workers = new Team(0, seconds);
        for (int i = 0; i < options.threads(); ++i) {
            String name = "worker-" + i;
            workers.run(() -> work(name, ready, workers));
        }
        try {
            starters.join();
            await(done, starters.taken(), "not every instance ended");
        } finally {
            workers.stop();
            // One worker takes up to a batch of permits at once.
            ready.release(options.threads() * options.batch());
            workers.join();
            ended = number -> {};
        }
        long last = 0;
        long[] latencies = new long[starters.taken()];
        for (int i = 0; i < latencies.length; ++i) {
            latencies[i] = ends.get(i) - starts.get(i);
            last = i == 0 ? ends.get(i) : Math.max(last, ends.get(i));
        }
        return Figures.of(latencies, latencies.length, starters.begin, last);
    }

    /** A permit is a committed task, so that no fetch comes back with nothing for want of tasks. */
    private void work(String name, Semaphore ready, Team team) throws Exception {
        while (true) {
            ready.acquire();
            int owed = 1;
            while (owed < options.batch() && ready.tryAcquire()) {
                ++owed;
            }
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STALLED_SECONDS);
            while (owed > 0) {
                if (team.stopped()) {
                    return;
                }
                List<Engine.Job> jobs;
                synchronized (this) {
                    jobs = engine.fetch(name, owed);
                }
                for (Engine.Job job : jobs) {
                    engine.complete(name, job);
                }
                owed -= jobs.size();
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("a task was started and never fetched");
                }
            }
        }
    }

    private static void await(Semaphore semaphore, int permits, String otherwise)
            throws InterruptedException {
        if (!semaphore.tryAcquire(permits, STALLED_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(otherwise + " for " + STALLED_SECONDS + " s");
        }
    }

    /** Threads that share a bounded number of rounds. */
    private static final class Team {
        interface Body {
            void run() throws Exception;
        }

        final long begin = System.nanoTime();
        private final int count;
        private final long deadline;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean stopped;

        Team(int count, int seconds) {
            this.count = count;
            this.deadline = begin + TimeUnit.SECONDS.toNanos(seconds);
        }

        void run(Body body) {
            Thread thread = new Thread(() -> {
                try {
                    body.run();
                } catch (Throwable thrown) {
                    failure.compareAndSet(null, thrown);
                    stopped = true;
                }
            });
            threads.add(thread);
            thread.start();
        }

        /** The next round, or -1 when there is none left or the time is over. */
        synchronized int next() {
            if (stopped || next.get() >= count || System.nanoTime() > deadline) {
                return -1;
            }
            return next.getAndIncrement();
        }

        int taken() {
            return next.get();
        }

        void stop() {
            stopped = true;
        }

        boolean stopped() {
            return stopped;
        }

        void join() throws Exception {
            for (Thread thread : threads) {
                thread.join();
            }
            if (failure.get() != null) {
                throw new IllegalStateException("a thread of the load failed", failure.get());
            }
        }
    }
}
