#include "rule_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <random>

#include "demo_server.hpp"
#include "load_client.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/server/stopwatch.hpp"

namespace schwarm::bench {
namespace {

using feel::Value;

constexpr std::uint64_t kSeed = 20'261'125;
constexpr std::int64_t kFirstDay = 20'454;  // 2026-01-01
constexpr std::size_t kExpectedChecked = 500;

// One rule as the generator knows it; what is empty is "-" in the table.
struct Rule {
    std::vector<std::string> texts;
    std::optional<std::pair<std::int64_t, std::int64_t>> cents;  // from, to (exclusive)
    std::optional<std::pair<std::int64_t, std::int64_t>> days;   // from, to (inclusive)
    std::optional<bool> flag;
};

struct Question {
    std::string text;
    std::int64_t cents = 0;
    std::int64_t days = 0;
    bool flag = false;

    bool fits(const Rule& rule) const {
        const bool named = rule.texts.empty() || std::find(rule.texts.begin(), rule.texts.end(),
                                                           text) != rule.texts.end();
        return named &&
               (!rule.cents || (rule.cents->first <= cents && cents < rule.cents->second)) &&
               (!rule.days || (rule.days->first <= days && days <= rule.days->second)) &&
               (!rule.flag || *rule.flag == flag);
    }
    Value inputs(const std::vector<feel::Key>& names) const {
        feel::ContextBuilder out;
        out.reserve(names.size());
        out.append(names[0], text);
        out.append(names[1], Decimal::scaled(cents, -2));
        out.append(names[2], Date{days});
        out.append(names[3], flag);
        return out.build();
    }
};

struct Shape {
    std::string name;
    std::string what;
    std::string policy;
    std::vector<Rule> rules;
};

using Random = std::mt19937_64;

std::int64_t between(Random& random, std::int64_t from, std::int64_t to) {
    return from + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(to - from + 1));
}

std::string place(std::int64_t number) {
    return fmt::format("Gemeinde {:04}", number);
}

// 50 places x 20 bands of an amount x (rules / 2000) periods x yes and no; nothing overlaps.
Shape unique_shape(std::size_t rules) {
    Shape out{"unique", "UNIQUE, every cell filled, intervals without overlap", "UNIQUE", {}};
    for (std::size_t i = 0; i < rules; ++i) {
        const auto n = static_cast<std::int64_t>(i);
        const auto band = n / 2 % 20;
        const auto period = n / 2000;
        Rule rule;
        rule.texts = {place(n / 40 % 50)};
        rule.cents = {band * 20'000, (band + 1) * 20'000};
        rule.days = {kFirstDay + period * 73, kFirstDay + period * 73 + 72};
        rule.flag = n % 2 == 0;
        out.rules.push_back(std::move(rule));
    }
    return out;
}

// Exceptions first, general rules last, as such lists grow: six of ten cells are "-".
Shape first_shape(std::size_t rules, Random& random) {
    Shape out{"first", "FIRST, six of ten cells are \"-\", intervals overlap", "FIRST", {}};
    for (std::size_t i = 0; i < rules; ++i) {
        Rule rule;
        if (random() % 10 < 4) rule.texts = {place(between(random, 0, 1999))};
        if (random() % 10 < 4 || rule.texts.empty()) {
            const auto from = between(random, 0, 400'000);
            rule.cents = {from, from + between(random, 1, 2'000)};
        }
        if (random() % 10 < 4) {
            const auto from = kFirstDay + between(random, 0, 360);
            rule.days = {from, from + between(random, 0, 30)};
        }
        if (random() % 10 < 4) rule.flag = random() % 2 == 0;
        out.rules.push_back(std::move(rule));
    }
    return out;
}

// Surcharges and hints, of which several hold at once; some rules name several places.
Shape collect_shape(std::size_t rules, Random& random) {
    Shape out{"collect", "COLLECT, wide intervals, several rules match", "COLLECT", {}};
    for (std::size_t i = 0; i < rules; ++i) {
        Rule rule;
        for (auto count = between(random, 1, 3); count > 0; --count) {
            rule.texts.push_back(place(between(random, 0, 199)));
        }
        const auto from = between(random, 0, 400'000);
        rule.cents = {from, from + between(random, 10'000, 100'000)};
        const auto day = kFirstDay + between(random, 0, 300);
        rule.days = {day, day + between(random, 10, 120)};
        if (random() % 2 == 0) rule.flag = random() % 2 == 0;
        out.rules.push_back(std::move(rule));
    }
    return out;
}

std::string cell(std::string_view tag, std::string_view text) {
    return fmt::format("<{0}><text><![CDATA[{1}]]></text></{0}>", tag, text);
}

std::string rule_xml(const Rule& rule, std::size_t number) {
    std::string texts;
    for (const auto& text : rule.texts) {
        texts += fmt::format("{}\"{}\"", texts.empty() ? "" : ", ", text);
    }
    const auto euro = [](std::int64_t cents) { return Decimal::scaled(cents, -2).to_string(); };
    const auto date = [](std::int64_t days) { return Date{days}.to_string(); };
    std::string out = fmt::format("<rule id=\"R{}\">", number);
    out += cell("inputEntry", texts.empty() ? "-" : texts);
    out += cell("inputEntry", rule.cents ? fmt::format("[{}..{})", euro(rule.cents->first),
                                                       euro(rule.cents->second))
                                         : "-");
    out +=
        cell("inputEntry", rule.days ? fmt::format("[date(\"{}\")..date(\"{}\")]",
                                                   date(rule.days->first), date(rule.days->second))
                                     : "-");
    out += cell("inputEntry", rule.flag ? (*rule.flag ? "true" : "false") : "-");
    return out + cell("outputEntry", std::to_string(number)) + "</rule>\n";
}

std::string model_xml(const Shape& shape) {
    struct Input {
        std::string_view name;
        std::string_view type;
    };
    std::string out =
        "<definitions xmlns=\"https://www.omg.org/spec/DMN/20191111/MODEL/\" id=\"table\" "
        "name=\"table\" namespace=\"urn:schwarm:bench:table\">\n";
    std::string needs;
    std::string columns;
    for (const auto& [name, type] :
         {Input{"Ort", "string"}, {"Betrag", "number"}, {"Tag", "date"}, {"Merkmal", "boolean"}}) {
        out += fmt::format(
            "<inputData id=\"{0}\" name=\"{0}\"><variable name=\"{0}\" typeRef=\"{1}\"/>"
            "</inputData>\n",
            name, type);
        needs += fmt::format(
            "<informationRequirement><requiredInput href=\"#{}\"/></informationRequirement>", name);
        columns += fmt::format("<input>{}</input>", cell("inputExpression", name));
    }
    out += "<decision id=\"Regel\" name=\"Regel\"><variable name=\"Regel\"/>" + needs +
           fmt::format("<decisionTable hitPolicy=\"{}\">", shape.policy) + columns +
           "<output name=\"Regel\" typeRef=\"number\"/>\n";
    for (std::size_t i = 0; i < shape.rules.size(); ++i) out += rule_xml(shape.rules[i], i + 1);
    return out + "</decisionTable></decision></definitions>\n";
}

// Half of the questions are aimed at a rule; the others take each value from a rule of its own, or
// (one of ten) one that no rule names.
Question ask(const Shape& shape, Random& random) {
    Question out;
    const auto any_rule = [&]() -> const Rule& {
        return shape.rules[random() % shape.rules.size()];
    };
    const bool aimed = random() % 2 == 0;
    const auto& target = any_rule();
    const auto rule = [&]() -> const Rule& { return aimed ? target : any_rule(); };
    const auto& texts = rule().texts;
    out.text = texts.empty() || (!aimed && random() % 10 == 0) ? place(between(random, 0, 9'999))
                                                               : texts[random() % texts.size()];
    const auto& cents = rule().cents;
    out.cents =
        cents ? between(random, cents->first, cents->second - 1) : between(random, 0, 450'000);
    const auto& days = rule().days;
    out.days =
        days ? between(random, days->first, days->second) : kFirstDay + between(random, 0, 400);
    const auto& flag = rule().flag;
    out.flag = flag ? *flag : random() % 2 == 0;
    return out;
}

std::vector<std::int64_t> numbers_of(const Value& answer) {
    std::vector<std::int64_t> out;
    const auto add = [&out](const Value& value) {
        out.push_back(value.is_number() ? value.as_number().to_int64().value_or(-1) : -1);
    };
    if (answer.is_list()) {
        for (const auto& item : answer.as_list()) add(item);
    } else if (!answer.is_null()) {
        add(answer);
    }
    return out;
}

Result<void> check(const Shape& shape, const Question& question, const Value& answer) {
    std::vector<std::int64_t> expected;
    for (std::size_t i = 0; i < shape.rules.size(); ++i) {
        if (!question.fits(shape.rules[i])) continue;
        expected.push_back(static_cast<std::int64_t>(i + 1));
        if (shape.policy == "FIRST") break;
    }
    if (numbers_of(answer) == expected) return {};
    return fail(
        ErrorCode::internal,
        fmt::format("the table '{}' answers {} for {}, {} cents, day {}, {}", shape.name,
                    answer.to_feel(), question.text, question.cents, question.days, question.flag));
}

Result<RuleTableFigures> measure(const Shape& shape, std::size_t evaluations, Random& random) {
    RuleTableFigures out;
    out.shape = shape.name;
    out.what = shape.what;
    out.rules = shape.rules.size();
    out.evaluations = evaluations;
    auto text = model_xml(shape);
    const server::Stopwatch loading;
    SCHWARM_TRY(program, dmn::Program::load({"table.dmn", std::move(text)}));
    out.load_millis = loading.seconds() * 1000;
    SCHWARM_TRY(decision, program.find("Regel"));
    const std::vector<feel::Key> names = {feel::Key("Ort"), feel::Key("Betrag"), feel::Key("Tag"),
                                          feel::Key("Merkmal")};
    for (std::size_t i = 0; i < kExpectedChecked; ++i) {
        const auto question = ask(shape, random);
        SCHWARM_TRY_VOID(
            check(shape, question, program.evaluate(decision, question.inputs(names)).value));
    }
    std::vector<Value> inputs;
    for (std::size_t i = 0; i < evaluations; ++i)
        inputs.push_back(ask(shape, random).inputs(names));
    std::vector<std::uint32_t> nanos;
    nanos.reserve(evaluations);
    std::uint64_t total = 0;
    for (const auto& input : inputs) {
        const server::Stopwatch watch;
        const auto outcome = program.evaluate(decision, input);
        nanos.push_back(static_cast<std::uint32_t>(watch.elapsed().count()));
        total += nanos.back();
        const auto matched = numbers_of(outcome.value).size();
        out.hits += matched > 0 ? 1 : 0;
        out.matches += matched;
    }
    out.max_micros = *std::max_element(nanos.begin(), nanos.end()) / 1000.0;
    out.mean_micros = static_cast<double>(total) / static_cast<double>(evaluations) / 1000.0;
    out.p50_micros = percentile(nanos, 0.5) / 1000.0;
    out.p99_micros = percentile(nanos, 0.99) / 1000.0;
    return out;
}

void write(json::Writer& out, const RuleTableFigures& f) {
    out.begin_object();
    out.member("shape", f.shape).member("what", f.what);
    out.member("rules", static_cast<std::uint64_t>(f.rules));
    out.name("load_ms").number(fixed(f.load_millis, 1));
    out.name("mean_us").number(fixed(f.mean_micros, 2));
    out.name("p50_us").number(fixed(f.p50_micros, 2));
    out.name("p99_us").number(fixed(f.p99_micros, 2));
    out.name("max_us").number(fixed(f.max_micros, 2));
    out.member("evaluations", f.evaluations).member("hits", f.hits).member("matches", f.matches);
    out.end_object();
}

}  // namespace

Result<std::vector<RuleTableFigures>> measure_rule_table(const RuleTableOptions& options) {
    if (options.rules == 0 || options.evaluations == 0) {
        return fail(ErrorCode::invalid_input, "at least one rule and one evaluation");
    }
    Random random(kSeed);
    std::vector<RuleTableFigures> out;
    for (const auto& shape : {unique_shape(options.rules), first_shape(options.rules, random),
                              collect_shape(options.rules, random)}) {
        SCHWARM_TRY(figures, measure(shape, options.evaluations, random));
        out.push_back(std::move(figures));
    }
    return out;
}

Result<void> bench_rule_table(const RuleTableOptions& options) {
    SCHWARM_TRY(figures, measure_rule_table(options));
    if (!options.json) {
        for (const auto& f : figures) {
            std::cout << f.rules << " rules over 4 inputs, " << f.what << ": p50 "
                      << fixed(f.p50_micros, 2) << " us, p99 " << fixed(f.p99_micros, 2)
                      << " us; loaded in " << fixed(f.load_millis, 0) << " ms; " << f.hits << " of "
                      << f.evaluations << " questions match " << f.matches << " rules\n";
        }
        return {};
    }
    json::Writer out = json::Writer::pretty();
    out.begin_object();
    out.member("benchmark", "table").member("inputs", std::int64_t{4});
    out.name("tables").begin_array();
    for (const auto& f : figures) write(out, f);
    out.end_array().end_object();
    std::cout << out.take() << std::endl;
    return {};
}

}  // namespace schwarm::bench
