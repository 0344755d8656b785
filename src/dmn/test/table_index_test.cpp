// The index of a table must answer as trying its rules one after the other does, diagnostics
// included. The reference: the same rules cut into tables too small for an index.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include <random>

#include "model_text.hpp"

namespace schwarm::dmn {
namespace {

using feel::Value;
using Row = std::pair<std::vector<std::string>, std::vector<std::string>>;
using Rows = std::vector<Row>;

constexpr std::size_t kColumns = 3;
constexpr std::size_t kRowsWithoutIndex = 4;

struct Random {
    std::mt19937_64 engine;
    int below(int limit) { return static_cast<int>(engine() % static_cast<unsigned>(limit)); }
    template <class T>
    const T& of(const std::vector<T>& values) {
        return values[static_cast<std::size_t>(below(static_cast<int>(values.size())))];
    }
};

// How many different end points the cells have: more of them share bit sets.
std::string number_cell(Random& random, int points) {
    const int a = random.below(points);
    const int b = a + random.below(points / 4 + 1);
    switch (random.below(10)) {
        case 0:
            return fmt::format("[{}..{}]", a, b);
        case 1:
            return fmt::format("({}..{})", a, b);
        case 2:
            return fmt::format("[{}..{}.5)", a, b);
        case 3:
            return fmt::format("< {}", a);
        case 4:
            return fmt::format(">= {}.0", a);
        case 5:
            return fmt::format("{}, {}", a, b);
        case 6:
            return fmt::format("= {}", a);
        case 7:
            return fmt::format("!= {}", a);
        case 8:
            return fmt::format("not({}, {})", a, b);
        default:
            return fmt::format("{}", a);
    }
}

std::string text_cell(Random& random, int points) {
    const int a = random.below(points);
    switch (random.below(8)) {
        case 0:
            return fmt::format("\"t{}\", \"t{}\"", a, random.below(points));
        case 1:
            return fmt::format("not(\"t{}\")", a);
        case 2:
            return fmt::format("< \"t{}\"", a);
        case 3:
            return fmt::format("[\"t{}\"..\"t{}\"]", a, a + 3);
        default:
            return fmt::format("\"t{}\"", a);
    }
}

std::string other_cell(Random& random, int points) {
    const int a = random.below(points) % 28 + 1;
    static const std::vector<std::string> kCells = {
        "true",
        "false",
        "null",
        "true, null",
        "= true",
        "= null",
        "!= null",
        "not(true)",
        "{a: 1}",
        "[1..\"x\"]",
        "[null..5]",
        "time(\"10:00:00\")",
        "> time(\"10:00:00Z\")",
        "date and time(\"2026-01-01T10:00:00\")",
        "? > 5 and ? < 30",
        "a + 1",
        "list contains(?, 3)",
        "[1, 2, 3]",
        "duration(\"P1M\")",
        "<= duration(\"P2Y\")",
        "duration(\"PT5H\"), 7",
        "[duration(\"PT1H\")..duration(\"P1D\")]",
        "5, \"t1\", true, date(\"2026-01-05\")",
    };
    switch (random.below(4)) {
        case 0:
            return fmt::format("date(\"2026-01-{:02}\")", a);
        case 1:
            return fmt::format("[date(\"2026-01-{:02}\")..date(\"2026-01-28\"))", a);
        default:
            return random.of(kCells);
    }
}

// Nothing that is left to the interpreter: such tables are answered by the index alone.
std::string plain_cell(Random& random, int points, int column) {
    const int a = random.below(points);
    if (column == 1) return fmt::format("\"t{}\"", a % 9);
    if (column == 2) return fmt::format(">= date(\"2026-01-{:02}\")", a % 28 + 1);
    switch (random.below(4)) {
        case 0:
            return fmt::format("[{}..{}]", a, a + random.below(points / 4 + 1));
        case 1:
            return fmt::format("> {}", a);
        default:
            return fmt::format("<= {}", a);
    }
}

// How the cells are chosen.
enum class Style : std::uint8_t { a_kind_for_each_column, mixed, plain };

Rows random_rows(Random& random, std::size_t count, int points, Style style) {
    Rows rows;
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<std::string> cells;
        for (int column = 0; column < static_cast<int>(kColumns); ++column) {
            const int kind = style == Style::mixed ? random.below(3) : column;
            if (random.below(4) == 0) {
                cells.emplace_back("-");
            } else if (style == Style::plain) {
                cells.push_back(plain_cell(random, points, column));
            } else if (kind == 0) {
                cells.push_back(number_cell(random, points));
            } else if (kind == 1) {
                cells.push_back(text_cell(random, points));
            } else {
                cells.push_back(other_cell(random, points));
            }
        }
        rows.push_back({cells, {fmt::format("{}", i)}});
    }
    return rows;
}

Value random_value(Random& random, int points, Style style, int column) {
    const int chosen = random.below(12);
    const int kind = chosen < 8 && style != Style::mixed ? column : chosen % 6;
    const int a = random.below(points);
    switch (kind) {
        case 0:
            return random.below(3) == 0 ? Value(Decimal::scaled(a * 10 + 5, -1)) : Value(a);
        case 1:
            return fmt::format("t{}", random.below(points + 2));
        case 2:
            return *Date::parse(fmt::format("2026-01-{:02}", a % 31 + 1));
        case 3:
            return Value(random.below(2) == 0);
        default:
            break;
    }
    static const std::vector<Value> kOthers = {
        Value(),
        Value(),
        Value::list({1, 2, 3}),
        Value::list({"t1"}),
        Value::context({{"a", 1}}),
        *Time::parse("10:00:00"),
        *Time::parse("10:30:00Z"),
        *DateTime::parse("2026-01-01T10:00:00"),
        *YearsMonths::parse("P1M"),
        *DaysTime::parse("PT5H"),
        Value(feel::Range{Value(1), Value(5), true, true}),
    };
    return random.of(kOthers);
}

std::string model_of(const Rows& rows, const std::string& policy) {
    const std::vector<std::string> inputs = {"a", "b", "c"};
    std::string needs;
    std::string content;
    for (const auto& name : inputs) {
        content += input(name, "Any");
        needs += requires_input(name);
    }
    content += decision("indexed", needs + table(policy, inputs, {"<output/>"}, rows));
    for (std::size_t from = 0; from < rows.size(); from += kRowsWithoutIndex) {
        const auto to = std::min(from + kRowsWithoutIndex, rows.size());
        const Rows part(rows.begin() + static_cast<std::ptrdiff_t>(from),
                        rows.begin() + static_cast<std::ptrdiff_t>(to));
        content += decision(fmt::format("part{}", from),
                            needs + table(policy, inputs, {"<output/>"}, part));
    }
    return model(content);
}

struct Answer {
    std::vector<Value> rules;
    std::vector<feel::Diagnostic> diagnostics;
};

std::vector<std::string> reasons_of(const std::vector<feel::Diagnostic>& diagnostics) {
    std::vector<std::string> out;
    for (const auto& one : diagnostics) out.push_back(one.reason);
    return out;
}

Answer ask(const Program& program, const std::string& name, const Value& inputs) {
    const auto outcome = program.evaluate(name, inputs);
    Answer out;
    if (outcome->value.is_list()) {
        const auto items = outcome->value.as_list();
        out.rules.assign(items.begin(), items.end());
    } else if (!outcome->value.is_null()) {
        out.rules.push_back(outcome->value);
    }
    for (const auto& diagnostic : outcome->diagnostics) {
        if (diagnostic.reason != "no rule of the table matches") {
            out.diagnostics.push_back(diagnostic);
        }
    }
    return out;
}

// The parts one after the other; with FIRST only up to the first that answers.
Answer ask_parts(const Program& program, std::size_t rows, bool first, const Value& inputs) {
    Answer out;
    for (std::size_t from = 0; from < rows; from += kRowsWithoutIndex) {
        const auto part = ask(program, fmt::format("part{}", from), inputs);
        out.rules.insert(out.rules.end(), part.rules.begin(), part.rules.end());
        out.diagnostics.insert(out.diagnostics.end(), part.diagnostics.begin(),
                               part.diagnostics.end());
        if (first && !out.rules.empty()) break;
    }
    return out;
}

void compare(std::uint64_t seed, std::size_t count, int points, Style style, int questions) {
    Random random{std::mt19937_64(seed)};
    const auto rows = random_rows(random, count, points, style);
    for (const bool first : {false, true}) {
        const auto program =
            loaded({model_of(rows, first ? "hitPolicy=\"FIRST\"" : "hitPolicy=\"RULE ORDER\"")});
        for (int question = 0; question < questions; ++question) {
            const auto inputs = Value::context({{"a", random_value(random, points, style, 0)},
                                                {"b", random_value(random, points, style, 1)},
                                                {"c", random_value(random, points, style, 2)}});
            const auto indexed = ask(program, "indexed", inputs);
            const auto tried = ask_parts(program, rows.size(), first, inputs);
            ASSERT_EQ(indexed.rules, tried.rules) << seed << ": " << inputs.to_feel();
            // An evaluation keeps a limited number of diagnostics; each part keeps its own.
            feel::Diagnostics kept;
            for (const auto& one : tried.diagnostics) kept.add(one);
            ASSERT_EQ(reasons_of(indexed.diagnostics), reasons_of(kept.items()))
                << seed << ": " << inputs.to_feel();
        }
    }
}

TEST(TableIndex, small_tables_answer_as_their_rules_do) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        compare(seed, 5 + seed % 40, 6, Style::a_kind_for_each_column, 25);
    }
}

TEST(TableIndex, mixed_kinds_in_a_column) {
    for (std::uint64_t seed = 100; seed < 160; ++seed) {
        compare(seed, 6 + seed % 90, 8, Style::mixed, 25);
    }
}

TEST(TableIndex, more_end_points_than_rows) {
    for (std::uint64_t seed = 200; seed < 203; ++seed) {
        compare(seed, 1500, 4000, Style::a_kind_for_each_column, 40);
    }
}

TEST(TableIndex, answers_alone_where_all_cells_are_constant) {
    for (std::uint64_t seed = 300; seed < 340; ++seed) {
        compare(seed, 6 + seed % 70, 9, Style::plain, 30);
    }
    for (std::uint64_t seed = 340; seed < 343; ++seed) {
        compare(seed, 1400, 2000, Style::plain, 200);
    }
}

}  // namespace
}  // namespace schwarm::dmn
