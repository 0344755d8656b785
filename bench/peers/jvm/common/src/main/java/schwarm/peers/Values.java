package schwarm.peers;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Values of the test files as java.time and BigDecimal, and the comparison with answers. */
public final class Values {
    private static final BigDecimal TOLERANCE = new BigDecimal("0.00000001");

    private Values() {}

    /** months: makes the engine's own kind of duration in years and months. */
    public static Object toJava(Tck.Value value, Function<Period, Object> months) {
        if (value.items() != null) {
            List<Object> items = new ArrayList<>();
            value.items().forEach(item -> items.add(toJava(item, months)));
            return items;
        }
        if (value.entries() != null) {
            Map<String, Object> entries = new LinkedHashMap<>();
            value.entries().forEach((name, entry) -> entries.put(name, toJava(entry, months)));
            return entries;
        }
        return value.type() == null ? null : simple(value.type(), value.text(), months);
    }

    private static Object simple(String type, String text, Function<Period, Object> months) {
        String trimmed = text.trim();
        return switch (type) {
            case "boolean" -> Boolean.valueOf(trimmed);
            case "decimal", "double", "integer" -> new BigDecimal(trimmed);
            case "date" -> LocalDate.parse(trimmed);
            case "time" -> hasOffset(trimmed, 0)
                    ? OffsetTime.parse(trimmed)
                    : LocalTime.parse(trimmed);
            case "dateTime" -> hasOffset(trimmed, trimmed.indexOf('T'))
                    ? ZonedDateTime.parse(trimmed)
                    : LocalDateTime.parse(trimmed);
            case "duration" -> {
                String date = trimmed.split("T")[0];
                boolean long_ = date.contains("Y") || date.contains("M");
                yield long_ ? months.apply(Period.parse(trimmed)) : Duration.parse(trimmed);
            }
            case "string" -> text;
            default -> throw new IllegalArgumentException("unknown type '" + type + "'");
        };
    }

    private static boolean hasOffset(String text, int from) {
        return text.endsWith("Z") || text.indexOf('+', from) >= 0 || text.indexOf('-', from) >= 0;
    }

    /** Whether the answer is the expected value; numbers within 1e-8 as in the TCK's runners. */
    public static boolean same(Object expected, Object actual) {
        Object left = normal(expected);
        Object right = normal(actual);
        if (left == null || right == null) {
            return left == right;
        }
        if (left instanceof BigDecimal a && right instanceof BigDecimal b) {
            return a.subtract(b).abs().compareTo(TOLERANCE) < 0;
        }
        if (left instanceof Collection<?> a && right instanceof Collection<?> b) {
            if (a.size() != b.size()) {
                return false;
            }
            Iterator<?> other = b.iterator();
            return a.stream().allMatch(item -> same(item, other.next()));
        }
        if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
            return a.size() == b.size()
                    && a.keySet().stream().allMatch(
                            key -> b.containsKey(key) && same(a.get(key), b.get(key)));
        }
        return left.equals(right);
    }

    private static Object normal(Object value) {
        if (value instanceof BigDecimal || value == null) {
            return value;
        }
        if (value instanceof Number number) {
            return new BigDecimal(number.toString());
        }
        if (value instanceof ZonedDateTime zoned) {
            return zoned.toOffsetDateTime().toInstant();
        }
        if (value instanceof OffsetDateTime moment) {
            return moment.toInstant();
        }
        if (value instanceof TemporalAmount amount && !(value instanceof Duration)) {
            return List.of(
                    "months", amount.get(ChronoUnit.YEARS) * 12 + amount.get(ChronoUnit.MONTHS));
        }
        return value;
    }
}
