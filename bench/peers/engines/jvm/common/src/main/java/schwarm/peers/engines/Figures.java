package schwarm.peers.engines;

import java.util.Arrays;
import java.util.Locale;

/** What a measured run of a scenario gave. */
record Figures(int count, double seconds, double p50Millis, double p99Millis) {
    static Figures of(long[] latencies, int count, long firstStart, long lastEnd) {
        long[] sorted = Arrays.copyOf(latencies, count);
        Arrays.sort(sorted);
        return new Figures(count, (lastEnd - firstStart) / 1e9, quantile(sorted, 0.5) / 1e6,
                quantile(sorted, 0.99) / 1e6);
    }

    private static double quantile(long[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }

    String json() {
        return String.format(Locale.ROOT,
                "{\"count\": %d, \"seconds\": %.3f, \"per_second\": %.1f, \"p50_ms\": %.2f,"
                        + " \"p99_ms\": %.2f}",
                count, seconds, count / seconds, p50Millis, p99Millis);
    }
}
