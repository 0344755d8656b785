// What a decision table tells a trace.
#include "table.hpp"

namespace schwarm::dmn::detail {

namespace {

std::string_view name_of(HitPolicy policy, Aggregation aggregation) {
    switch (policy) {
        case HitPolicy::unique:
            return "UNIQUE";
        case HitPolicy::any:
            return "ANY";
        case HitPolicy::priority:
            return "PRIORITY";
        case HitPolicy::first:
            return "FIRST";
        case HitPolicy::rule_order:
            return "RULE ORDER";
        case HitPolicy::output_order:
            return "OUTPUT ORDER";
        case HitPolicy::collect:
            break;
    }
    switch (aggregation) {
        case Aggregation::count:
            return "COLLECT COUNT";
        case Aggregation::sum:
            return "COLLECT SUM";
        case Aggregation::min:
            return "COLLECT MIN";
        case Aggregation::max:
            return "COLLECT MAX";
        case Aggregation::none:
            break;
    }
    return "COLLECT";
}

}  // namespace

TableText TableLogic::text() const {
    TableText out;
    out.table = owner;
    out.hit_policy = name_of(policy, aggregation);
    for (const auto& input : inputs) out.inputs.emplace_back(input.label);
    for (const auto& output : outputs) {
        out.outputs.emplace_back(output.name);
        out.output_labels.emplace_back(output.label.empty() ? owner : output.label);
    }
    out.rules = rules.size();
    return out;
}

RuleMatch TableLogic::rule_match(std::uint32_t rule) const {
    const auto& of = rules[rule];
    RuleMatch out{rule + 1U, of.id, {}};
    for (std::size_t i = 0; i < of.annotations.size(); ++i) {
        if (of.annotations[i].empty()) continue;
        out.annotations.emplace_back(i < annotation_names.size()
                                         ? std::string_view(annotation_names[i])
                                         : std::string_view(),
                                     of.annotations[i]);
    }
    return out;
}

Place TableLogic::place_of_cell(std::uint32_t rule, std::size_t column, bool input) const {
    auto out = *place;
    const auto position = (input ? 0 : inputs.size()) + column;
    out.line = lines[rule * (inputs.size() + outputs.size()) + position];
    out.rule = rule + 1;
    out.number = static_cast<std::uint32_t>(column + 1);
    out.part = input ? Place::Part::input_entry : Place::Part::output_entry;
    out.column = input ? inputs[column].label : outputs[column].label;
    return out;
}

bool TableLogic::matches_recorded(std::uint32_t rule, std::span<const feel::Value> values,
                                  Frame frame, feel::Evaluation& evaluation) const {
    const auto* cells = &test_of[rule * inputs.size()];
    for (std::size_t column = 0; column < inputs.size(); ++column) {
        const auto& test = tests[cells[column]];
        // Only what the interpreter runs can become null for a reason.
        if (test.direct && !values[column].is_list() && !values[column].is_context()) {
            if (!matches_cell(test, values[column], frame, evaluation)) return false;
            continue;
        }
        const auto of_cell = place_of_cell(rule, column, true);
        const At at(&of_cell);
        if (!matches_cell(test, values[column], frame, evaluation)) return false;
    }
    return true;
}

feel::Value TableLogic::output_recorded(std::uint32_t rule, Frame frame,
                                        feel::Evaluation& evaluation) const {
    const auto* cells = &result_of[rule * outputs.size()];
    const auto entry = [&](std::size_t column) {
        const auto of_cell = place_of_cell(rule, column, false);
        const At at(&of_cell);
        return cell(results[cells[column]], outputs[column], frame, evaluation);
    };
    if (outputs.size() == 1) return entry(0);
    feel::ContextBuilder out;
    out.reserve(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) out.append(outputs[i].key, entry(i));
    return out.build();
}

feel::Value TableLogic::decide_recorded(std::span<const feel::Value> values,
                                        std::span<const std::uint32_t> matched, Frame frame,
                                        feel::Evaluation& evaluation, Recorder& recorder) const {
    auto value =
        matched.empty() ? without_match(frame, evaluation) : decide(matched, frame, evaluation);
    if (recorder.step() == nullptr || (matched.empty() && !recorder.full())) return value;
    if (!recorder.take()) return value;
    TableMatch out;
    out.table = owner;
    out.key = key;
    out.hit_policy = name_of(policy, aggregation);
    out.inputs.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        out.inputs.push_back({inputs[i].label, values[i]});
    }
    out.rules.reserve(matched.size());
    for (const auto rule : matched) out.rules.push_back(rule_match(rule));
    out.output = value;
    recorder.step()->tables.push_back(std::move(out));
    return value;
}

}  // namespace schwarm::dmn::detail
