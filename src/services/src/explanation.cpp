#include "schwarm/services/explanation.hpp"

#include <algorithm>

#include "schwarm/base/check.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/services/document.hpp"

namespace schwarm::services {
namespace {

using feel::Value;

// About as many bytes as its encoding; stops counting beyond `max`.
std::size_t bytes_of(const Value& value, std::size_t max) {
    constexpr std::size_t kScalar = 8;
    if (value.is_string()) return value.as_string().size() + 2;
    std::size_t sum = 2;
    if (value.is_list()) {
        for (const auto& item : value.as_list()) {
            if (sum > max) break;
            sum += bytes_of(item, max - sum);
        }
        return sum;
    }
    if (value.is_context()) {
        for (const auto& entry : value.as_context()) {
            if (sum > max) break;
            sum += entry.key.text().size() + 1;
            if (sum <= max) sum += bytes_of(entry.value, max - sum);
        }
        return sum;
    }
    return value.is_function() ? max + 1 : kScalar;
}

// Counts what is kept and what is not.
class Budget {
  public:
    explicit Budget(const ExplanationLimits& limits) : limits_(limits) {}

    // The value, or the text "…" where it is too large.
    Value cut(const Value& value) {
        const auto bytes = bytes_of(value, limits_.value_bytes);
        if (bytes > limits_.value_bytes || bytes > limits_.total_bytes - used_) {
            ++left_out_;
            return Value("…");
        }
        used_ += bytes;
        return value;
    }
    // True if there is room for another one, of about so many bytes.
    bool take(std::size_t present, std::size_t max, std::size_t bytes) {
        if (present >= max || bytes > limits_.total_bytes - used_) {
            ++left_out_;
            return false;
        }
        used_ += bytes;
        return true;
    }
    std::size_t left_out() const { return left_out_; }

  private:
    const ExplanationLimits& limits_;
    std::size_t used_ = 0;
    std::size_t left_out_ = 0;
};

template <class Visit>
void each_table(const std::vector<dmn::TraceStep>& steps, const Visit& visit) {
    for (const auto& step : steps) {
        each_table(step.calls, visit);
        for (const auto& table : step.tables) {
            if (!table.rules.empty()) visit(table);
        }
    }
}

template <class Visit>
void each_null(const std::vector<dmn::TraceStep>& steps, const Visit& visit) {
    for (const auto& step : steps) {
        each_null(step.calls, visit);
        for (const auto& null : step.nulls) visit(null);
    }
}

void add_once(Value::List& list, Value value) {
    if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(std::move(value));
}

// [key, [numbers], [inputs], output]
Value pack(const dmn::TableMatch& table, Budget& budget) {
    Value::List numbers;
    for (const auto& rule : table.rules) {
        numbers.emplace_back(static_cast<std::int64_t>(rule.number));
    }
    Value::List inputs;
    for (const auto& input : table.inputs) inputs.push_back(budget.cut(input.value));
    return Value::list({Value(table.key), Value::list(std::move(numbers)),
                        Value::list(std::move(inputs)), budget.cut(table.output)});
}

// [reason, file, line of the file, element, line, column, rule, column of the table, is output,
// its label]; what follows is missing where there is nothing to say.
Value pack(const dmn::TracedNull& null) {
    const auto number = [](std::size_t n) { return Value(static_cast<std::int64_t>(n)); };
    Value::List out;
    out.reserve(10);
    out.emplace_back(null.reason);
    const auto& place = null.place;
    if (!place.file.empty()) {
        out.emplace_back(place.file);
        out.push_back(number(place.line));
        out.emplace_back(place.element);
        if (null.line != 0 || place.rule != 0 || place.number != 0) {
            out.push_back(number(null.line));
            out.push_back(number(null.column));
        }
        if (place.rule != 0 || place.number != 0) {
            out.push_back(number(place.rule));
            out.push_back(number(place.number));
            out.emplace_back(place.part == dmn::Place::Part::output_entry);
            out.emplace_back(place.column);
        }
    }
    return Value::list(std::move(out));
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& text : texts) out += (out.empty() ? "" : "; ") + text;
    return out;
}

// What the rules say beside their cells, each text once.
std::vector<std::string> annotations_of(const std::vector<dmn::RuleMatch>& rules) {
    std::vector<std::string> out;
    for (const auto& rule : rules) {
        for (const auto& [column, text] : rule.annotations) {
            if (std::find(out.begin(), out.end(), text) == out.end()) out.emplace_back(text);
        }
    }
    return out;
}

// The entries of this name of a context, or of the contexts in a list.
Value entries_of(const Value& value, std::string_view name) {
    if (value.is_context()) {
        const auto* found = value.as_context().find(name);
        return found != nullptr ? *found : Value();
    }
    if (!value.is_list()) return {};
    Value::List out;
    for (const auto& one : value.as_list()) out.push_back(entries_of(one, name));
    return Value::list(std::move(out));
}

// Label and value of each output; of the rules of a COLLECT table lists of values.
std::vector<std::pair<std::string_view, Value>> outputs_of(const dmn::TableText& table,
                                                           const Value& output) {
    std::vector<std::pair<std::string_view, Value>> out;
    if (table.outputs.size() > 1 && (output.is_context() || output.is_list())) {
        for (std::size_t i = 0; i < table.outputs.size(); ++i) {
            out.emplace_back(table.output_labels[i], entries_of(output, table.outputs[i]));
        }
    } else {
        out.emplace_back(table.outputs.size() == 1 ? table.output_labels.front() : table.table,
                         output);
    }
    return out;
}

// "Stichtag: 01.01.2026", without what has no value.
Value lines_of(const std::vector<std::pair<std::string_view, Value>>& from) {
    Value::List out;
    for (const auto& [name, value] : from) {
        auto text = display_text(value);
        if (!text.empty()) out.emplace_back(std::string(name) + ": " + text);
    }
    return Value::list(std::move(out));
}

Value readable(const dmn::Program& program, const dmn::TableMatch& table,
               const std::vector<std::string>& annotations, Budget& budget) {
    static const feel::Key kRule("regel");
    static const feel::Key kNumbers("nummern");
    static const feel::Key kInputs("angaben");
    static const feel::Key kOutputs("ergebnis");
    static const feel::Key kSource("fundstelle");
    Value::List numbers;
    for (const auto& rule : table.rules) {
        numbers.emplace_back(static_cast<std::int64_t>(rule.number));
    }
    std::vector<std::pair<std::string_view, Value>> inputs;
    for (const auto& input : table.inputs) {
        inputs.emplace_back(input.label, budget.cut(input.value));
    }
    const auto text = program.table(table.key);
    CHECK(text.has_value(), "a trace names a table of another program");
    feel::ContextBuilder out;
    out.append(kRule, Value(table.table));
    out.append(kNumbers, Value::list(std::move(numbers)));
    out.append(kInputs, lines_of(inputs));
    out.append(kOutputs, lines_of(outputs_of(*text, budget.cut(table.output))));
    out.append(kSource, Value(joined(annotations)));
    return out.build();
}

const Value* item(const Value& list, std::size_t index) {
    if (!list.is_list() || index >= list.as_list().size()) return nullptr;
    return &list.as_list()[index];
}

std::string text_at(const Value& list, std::size_t index) {
    const auto* found = item(list, index);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

std::size_t number_of(const Value& value) {
    const auto number = value.is_number() ? value.as_number().to_int64() : std::nullopt;
    return number && *number > 0 ? static_cast<std::size_t>(*number) : 0;
}

std::size_t number_at(const Value& list, std::size_t index) {
    const auto* found = item(list, index);
    return found != nullptr ? number_of(*found) : 0;
}

// As pack() wrote it: "hoehe.dmn:12 T rule 3 output 1 (Betrag), 1:5".
std::string place_text(const Value& null) {
    dmn::Place place;
    const auto file = text_at(null, 1);
    const auto element = text_at(null, 3);
    const auto column = text_at(null, 9);
    place.file = file;
    place.element = element;
    place.column = column;
    place.line = static_cast<std::uint32_t>(number_at(null, 2));
    place.rule = static_cast<std::uint32_t>(number_at(null, 6));
    place.number = static_cast<std::uint32_t>(number_at(null, 7));
    const auto* output = item(null, 8);
    place.part = output != nullptr && output->is_true() ? dmn::Place::Part::output_entry
                                                        : dmn::Place::Part::input_entry;
    if (file.empty()) return {};
    auto out = to_string(place);
    if (const auto line = number_at(null, 4); line != 0) {
        out += ", " + std::to_string(line) + ":" + std::to_string(number_at(null, 5));
    }
    return out;
}

std::optional<ExplainedTable> unpack(const dmn::Program& program, const Value& packed) {
    const auto key = text_at(packed, 0);
    const auto text = program.table(key);
    if (!text) return std::nullopt;
    ExplainedTable out;
    out.name = text->table;
    std::vector<dmn::RuleMatch> rules;
    if (const auto* numbers = item(packed, 1); numbers != nullptr && numbers->is_list()) {
        for (const auto& number : numbers->as_list()) {
            auto rule = program.rule(key, number_of(number));
            if (!rule) continue;
            out.rules.push_back(rule->number);
            rules.push_back(std::move(*rule));
        }
    }
    out.annotations = annotations_of(rules);
    const auto* inputs = item(packed, 2);
    for (std::size_t i = 0; inputs != nullptr && i < text->inputs.size(); ++i) {
        if (const auto* value = item(*inputs, i)) {
            out.inputs.emplace_back(text->inputs[i], display_text(*value));
        }
    }
    if (const auto* output = item(packed, 3)) {
        for (const auto& [name, value] : outputs_of(*text, *output)) {
            out.outputs.emplace_back(name, display_text(value));
        }
    }
    return out;
}

// The list under a name of the packed explanation; empty if there is none.
std::span<const Value> list_of(const Value& packed, std::string_view name) {
    const auto* found = packed.as_context().find(name);
    if (found == nullptr || !found->is_list()) return {};
    return found->as_list();
}

}  // namespace

Value pack_explanation(const dmn::Outcome& outcome, const ExplanationLimits& limits) {
    static const feel::Key kRules("rules");
    static const feel::Key kSteps("steps");
    static const feel::Key kNulls("nulls");
    static const feel::Key kLeftOut("left_out");
    Budget budget(limits);
    Value::List rules;
    each_table(outcome.trace, [&](const dmn::TableMatch& table) {
        if (budget.take(rules.size(), limits.tables, table.key.size())) {
            add_once(rules, pack(table, budget));
        }
    });
    Value::List steps;
    // The last one is the decision that was asked: its result is in the event.
    for (std::size_t i = 0; i + 1 < outcome.trace.size(); ++i) {
        const auto& step = outcome.trace[i];
        if (bytes_of(step.result, limits.step_bytes) > limits.step_bytes) continue;
        if (!budget.take(steps.size(), limits.steps, step.name.size())) continue;
        steps.push_back(Value::list({Value(step.name), budget.cut(step.result)}));
    }
    Value::List nulls;
    const auto add_null = [&](const dmn::TracedNull& null) {
        if (budget.take(nulls.size(), limits.nulls, null.reason.size())) {
            add_once(nulls, pack(null));
        }
    };
    for (const auto& null : outcome.trace_nulls) add_null(null);
    each_null(outcome.trace, add_null);
    feel::ContextBuilder out;
    if (!rules.empty()) out.append(kRules, Value::list(std::move(rules)));
    if (!steps.empty()) out.append(kSteps, Value::list(std::move(steps)));
    if (!nulls.empty()) out.append(kNulls, Value::list(std::move(nulls)));
    const auto left_out = budget.left_out() + outcome.trace_dropped + outcome.diagnostics_dropped;
    if (left_out != 0) out.append(kLeftOut, Value(static_cast<std::int64_t>(left_out)));
    return out.empty() ? Value() : out.build();
}

Value readable_rules(const dmn::Program& program, const dmn::Outcome& outcome,
                     const ExplanationLimits& limits) {
    Budget budget(limits);
    Value::List out;
    each_table(outcome.trace, [&](const dmn::TableMatch& table) {
        const auto annotations = annotations_of(table.rules);
        if (annotations.empty() ||
            !budget.take(out.size(), limits.tables, joined(annotations).size())) {
            return;
        }
        add_once(out, readable(program, table, annotations, budget));
    });
    return Value::list(std::move(out));
}

std::string place_of_failure(const dmn::Outcome& outcome) {
    std::string out;
    each_null(outcome.trace, [&](const dmn::TracedNull& null) {
        if (!out.empty() || outcome.diagnostics.empty()) return;
        if (null.reason == outcome.diagnostics.front().reason && !null.place.file.empty()) {
            out = to_string(null.place);
        }
    });
    return out;
}

Explanation explain(const dmn::Program& program, const Value& packed) {
    Explanation out;
    if (!packed.is_context()) return out;
    for (const auto& table : list_of(packed, "rules")) {
        if (auto readable_table = unpack(program, table)) {
            out.tables.push_back(std::move(*readable_table));
        }
    }
    for (const auto& step : list_of(packed, "steps")) {
        const auto* result = item(step, 1);
        if (result == nullptr) continue;
        out.steps.emplace_back(text_at(step, 0), display_text(*result));
    }
    for (const auto& null : list_of(packed, "nulls")) {
        ExplainedNull one{text_at(null, 0), place_text(null)};
        out.nulls.push_back(std::move(one));
    }
    if (const auto* left_out = packed.as_context().find("left_out")) {
        out.left_out = number_of(*left_out);
    }
    return out;
}

}  // namespace schwarm::services
