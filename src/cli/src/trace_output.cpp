#include "trace_output.hpp"

#include <fmt/format.h>

#include "schwarm/base/utf8.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::cli {

namespace {

// --- JSON ---

json::Value place_json(const dmn::Place& place) {
    auto out = json::Value::object();
    out.set("file", std::string(place.file));
    out.set("line", static_cast<std::int64_t>(place.line));
    out.set("element", std::string(place.element));
    if (place.rule != 0) out.set("rule", static_cast<std::int64_t>(place.rule));
    if (place.number != 0) {
        const bool output = place.part == dmn::Place::Part::output_entry;
        out.set(output ? "output" : "input", static_cast<std::int64_t>(place.number));
        out.set("label", std::string(place.column));
    }
    return out;
}

json::Value nulls_json(const std::vector<dmn::TracedNull>& nulls) {
    auto out = json::Value::array();
    for (const auto& null : nulls) {
        auto one = json::Value::object();
        one.set("reason", null.reason);
        if (null.line != 0) {
            one.set("line", static_cast<std::int64_t>(null.line));
            one.set("column", static_cast<std::int64_t>(null.column));
        }
        if (!null.place.file.empty()) one.set("place", place_json(null.place));
        out.push_back(std::move(one));
    }
    return out;
}

json::Value table_json(const dmn::TableMatch& table) {
    auto out = json::Value::object();
    out.set("table", std::string(table.table));
    out.set("key", std::string(table.key));
    out.set("hitPolicy", std::string(table.hit_policy));
    auto inputs = json::Value::array();
    for (const auto& input : table.inputs) {
        auto one = json::Value::object();
        one.set("label", std::string(input.label));
        one.set("value", feel::to_json(input.value));
        inputs.push_back(std::move(one));
    }
    out.set("inputs", std::move(inputs));
    auto rules = json::Value::array();
    for (const auto& rule : table.rules) {
        auto one = json::Value::object();
        one.set("number", static_cast<std::int64_t>(rule.number));
        one.set("id", std::string(rule.id));
        auto annotations = json::Value::array();
        for (const auto& [column, text] : rule.annotations) {
            auto annotation = json::Value::object();
            annotation.set("column", std::string(column));
            annotation.set("text", std::string(text));
            annotations.push_back(std::move(annotation));
        }
        one.set("annotations", std::move(annotations));
        rules.push_back(std::move(one));
    }
    out.set("rules", std::move(rules));
    out.set("output", feel::to_json(table.output));
    return out;
}

json::Value step_json(const dmn::TraceStep& step) {
    auto out = json::Value::object();
    out.set("kind", std::string(dmn::name_of(step.kind)));
    out.set("name", std::string(step.name));
    out.set("id", std::string(step.id));
    out.set("place", place_json(step.place));
    out.set("inputs", feel::to_json(step.inputs));
    out.set("result", feel::to_json(step.result));
    auto entries = json::Value::array();
    for (const auto& [name, value] : step.entries) {
        auto one = json::Value::object();
        one.set("name", std::string(name));
        one.set("value", feel::to_json(value));
        entries.push_back(std::move(one));
    }
    out.set("entries", std::move(entries));
    auto tables = json::Value::array();
    for (const auto& table : step.tables) tables.push_back(table_json(table));
    out.set("tables", std::move(tables));
    auto calls = json::Value::array();
    for (const auto& call : step.calls) calls.push_back(step_json(call));
    out.set("calls", std::move(calls));
    out.set("nulls", nulls_json(step.nulls));
    return out;
}

// --- text ---

class Text {
  public:
    void line(std::size_t depth, std::string_view text) {
        out_.append(2 * depth, ' ');
        out_ += text;
        out_ += '\n';
    }
    std::string take() { return std::move(out_); }

    void nulls(std::size_t depth, const std::vector<dmn::TracedNull>& nulls) {
        for (const auto& null : nulls) {
            auto where = null.place.file.empty() ? std::string() : dmn::to_string(null.place);
            if (null.line != 0) {
                where += fmt::format("{}at {}:{} of the expression", where.empty() ? "" : ", ",
                                     null.line, null.column);
            }
            line(depth, fmt::format("null because {}{}{}{}", null.reason,
                                    where.empty() ? "" : "  [", where, where.empty() ? "" : "]"));
        }
    }

    void step(std::size_t depth, const dmn::TraceStep& step) {
        line(depth, fmt::format("{} = {}", step.name, shown(step.result)));
        line(depth + 1,
             fmt::format("{} {}:{}", dmn::name_of(step.kind), step.place.file, step.place.line));
        if (step.inputs.is_context()) {
            for (const auto& entry : step.inputs.as_context()) {
                line(depth + 1, fmt::format("with {} = {}", entry.key.text(), shown(entry.value)));
            }
        }
        for (const auto& call : step.calls) this->step(depth + 1, call);
        for (const auto& [name, value] : step.entries) {
            line(depth + 1, fmt::format("where {} = {}", name, shown(value)));
        }
        for (const auto& one : step.tables) table(depth + 1, one);
        nulls(depth + 1, step.nulls);
    }

  private:
    static std::string shown(const feel::Value& value) {
        constexpr std::size_t kMax = 120;
        auto text = value.to_feel();
        if (utf8::length(text) <= kMax) return text;
        std::size_t end = 0;
        for (std::size_t n = 0; n < kMax; ++n) {
            ++end;
            while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
                ++end;
            }
        }
        return text.substr(0, end) + "…";
    }

    void table(std::size_t depth, const dmn::TableMatch& table) {
        line(depth, fmt::format("table {} ({})", table.table, table.hit_policy));
        for (const auto& input : table.inputs) {
            line(depth + 1, fmt::format("{} is {}", input.label, shown(input.value)));
        }
        if (table.rules.empty()) line(depth + 1, "no rule matches");
        for (const auto& rule : table.rules) {
            std::string text = fmt::format("rule {} matches", rule.number);
            for (const auto& [column, annotation] : rule.annotations) {
                text += fmt::format(" · {}{}{}", column, column.empty() ? "" : ": ", annotation);
            }
            line(depth + 1, text);
        }
        line(depth + 1, fmt::format("gives {}", shown(table.output)));
    }

    std::string out_;
};

}  // namespace

json::Value trace_json(std::string_view decision, const dmn::Program& program,
                       const dmn::Outcome& outcome) {
    auto out = json::Value::object();
    out.set("decision", std::string(decision));
    out.set("model", program.fingerprint());
    out.set("result", feel::to_json(outcome.value));
    auto steps = json::Value::array();
    for (const auto& step : outcome.trace) steps.push_back(step_json(step));
    out.set("steps", std::move(steps));
    out.set("nulls", nulls_json(outcome.trace_nulls));
    out.set("dropped", static_cast<std::int64_t>(outcome.trace_dropped));
    out.set("nulls_dropped", static_cast<std::int64_t>(outcome.diagnostics_dropped));
    return out;
}

std::string trace_text(const dmn::Outcome& outcome) {
    Text text;
    text.nulls(0, outcome.trace_nulls);
    for (const auto& step : outcome.trace) text.step(0, step);
    if (outcome.trace_dropped != 0) {
        text.line(0, fmt::format("… and {} more steps, tables and entries", outcome.trace_dropped));
    }
    if (outcome.diagnostics_dropped != 0) {
        text.line(0, fmt::format("… and {} more nulls", outcome.diagnostics_dropped));
    }
    return text.take();
}

}  // namespace schwarm::cli
