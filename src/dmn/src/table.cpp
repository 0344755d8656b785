#include "table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "schwarm/feel/operations.hpp"

namespace schwarm::dmn::detail {

using feel::Evaluation;
using feel::Value;
using Shape = feel::Expression::TestShape;

bool matches_cell(const TestCell& cell, const Value& input, Frame frame, Evaluation& evaluation) {
    if (cell.shape == Shape::any) return true;
    // Lists have rules of their own in unary tests.
    if (cell.direct && !input.is_list() && !input.is_context()) {
        if (input.is_null()) {
            // A literal null matches null; nothing else does.
            return cell.shape == Shape::equality &&
                   std::any_of(cell.values.begin(), cell.values.end(),
                               [](const Value& value) { return value.is_null(); });
        }
        if (cell.shape == Shape::interval) {
            return feel::in_range(input, cell.values.front().as_range()).value_or(false);
        }
        for (const auto& value : cell.values) {
            if (feel::equal(input, value).value_or(false)) return true;
        }
        return false;
    }
    return cell.bound.test(input, frame, evaluation).is_true();
}

bool TableLogic::matches(std::uint32_t rule, std::span<const Value> values, Frame frame,
                         Evaluation& evaluation) const {
    if (current_recorder() != nullptr) return matches_recorded(rule, values, frame, evaluation);
    const auto* cells = &test_of[rule * inputs.size()];
    for (std::size_t column = 0; column < inputs.size(); ++column) {
        if (!matches_cell(tests[cells[column]], values[column], frame, evaluation)) return false;
    }
    return true;
}

std::vector<std::uint32_t> TableLogic::find(std::span<const Value> values, Frame frame,
                                            Evaluation& evaluation) const {
    std::vector<std::uint32_t> out;
    if (index) {
        TableIndex::Candidates candidates(*index, values);
        for (auto rule = candidates.next(); rule != TableIndex::Candidates::kEnd;
             rule = candidates.next()) {
            if (!evaluation.step()) return {};
            if (!candidates.exact() && !matches(rule, values, frame, evaluation)) continue;
            out.push_back(rule);
            if (policy == HitPolicy::first) break;
        }
        return out;
    }
    for (std::uint32_t rule = 0; rule < rules.size(); ++rule) {
        if (!evaluation.step()) return {};
        if (!matches(rule, values, frame, evaluation)) continue;
        out.push_back(rule);
        if (policy == HitPolicy::first) break;
    }
    return out;
}

Value TableLogic::run(Frame frame, Evaluation& evaluation) const {
    const At at(place);
    feel::Slots values(evaluation, inputs.size());
    for (std::size_t column = 0; column < inputs.size(); ++column) {
        const auto& input = inputs[column];
        values[column] = input.expression.run(frame, evaluation);
        if (input.allowed && !values[column].is_null() &&
            !input.allowed->test(values[column], frame, evaluation).is_true()) {
            return evaluation.null(fmt::format("{} is not among the input values of '{}': {}",
                                               values[column].to_feel(200), input.text,
                                               input.allowed->expression().text()));
        }
    }
    const auto matched = find(values, frame, evaluation);
    if (auto* const recorder = current_recorder()) {
        return decide_recorded(values, matched, frame, evaluation, *recorder);
    }
    if (matched.empty()) return without_match(frame, evaluation);
    return decide(matched, frame, evaluation);
}

Value TableLogic::cell(const OutputCell& cell, const Output& output, Frame frame,
                       Evaluation& evaluation) const {
    auto value = cell.is_constant ? cell.constant : cell.bound.run(frame, evaluation);
    return output.type->conform_or_null(value, "the output", evaluation);
}

Value TableLogic::output(std::uint32_t rule, Frame frame, Evaluation& evaluation) const {
    if (current_recorder() != nullptr) return output_recorded(rule, frame, evaluation);
    const auto* cells = &result_of[rule * outputs.size()];
    if (outputs.size() == 1) return cell(results[cells[0]], outputs[0], frame, evaluation);
    feel::ContextBuilder out;
    out.reserve(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        out.append(outputs[i].key, cell(results[cells[i]], outputs[i], frame, evaluation));
    }
    return out.build();
}

Value TableLogic::without_match(Frame frame, Evaluation& evaluation) const {
    const bool any = std::any_of(outputs.begin(), outputs.end(),
                                 [](const Output& output) { return output.fallback.has_value(); });
    if (!any) return evaluation.null("no rule of the table matches");
    const auto value = [&](const Output& output) {
        return output.fallback ? cell(*output.fallback, output, frame, evaluation) : Value();
    };
    if (outputs.size() == 1) return value(outputs[0]);
    feel::ContextBuilder out;
    for (const auto& output : outputs) out.append(output.key, value(output));
    return out.build();
}

std::string TableLogic::numbers(std::span<const std::uint32_t> matched) const {
    std::vector<std::uint32_t> out;
    for (const auto rule : matched) out.push_back(rule + 1);
    return fmt::format("{}", fmt::join(out, ", "));
}

Value TableLogic::decide(std::span<const std::uint32_t> matched, Frame frame,
                         Evaluation& evaluation) const {
    if (policy == HitPolicy::unique || policy == HitPolicy::first) {
        if (matched.size() > 1) {
            return evaluation.null(fmt::format(
                "the rules {} match together, but the hit policy is UNIQUE", numbers(matched)));
        }
        return output(matched.front(), frame, evaluation);
    }
    Value::List values;
    values.reserve(matched.size());
    for (const auto rule : matched) values.push_back(output(rule, frame, evaluation));
    switch (policy) {
        case HitPolicy::any:
            for (const auto& value : values) {
                if (!(value == values.front())) {
                    return evaluation.null(fmt::format(
                        "the rules {} match together with different outputs, but the hit policy "
                        "is ANY",
                        numbers(matched)));
                }
            }
            return values.front();
        case HitPolicy::priority:
            sort_by_priority(values);
            return values.front();
        case HitPolicy::output_order:
            sort_by_priority(values);
            return Value::list(std::move(values));
        case HitPolicy::collect:
            return aggregate(std::move(values), evaluation);
        default:
            return Value::list(std::move(values));
    }
}

std::size_t TableLogic::rank(const Value& value, const Output& output) const {
    for (std::size_t i = 0; i < output.priorities.size(); ++i) {
        if (feel::equal(value, output.priorities[i]).value_or(false)) return i;
    }
    return output.priorities.size();
}

void TableLogic::sort_by_priority(Value::List& values) const {
    std::vector<std::vector<std::size_t>> ranks;
    for (const auto& value : values) {
        std::vector<std::size_t> of_value;
        if (outputs.size() == 1) {
            of_value.push_back(rank(value, outputs[0]));
        } else {
            // Null if the outputs together are too large for a value.
            for (const auto& output : outputs) {
                const auto* part =
                    value.is_context() ? value.as_context().find(output.key) : nullptr;
                of_value.push_back(part != nullptr ? rank(*part, output) : 0);
            }
        }
        ranks.push_back(std::move(of_value));
    }
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return ranks[a] < ranks[b]; });
    Value::List sorted;
    sorted.reserve(values.size());
    for (const auto i : order) sorted.push_back(std::move(values[i]));
    values = std::move(sorted);
}

Value TableLogic::aggregate(Value::List values, Evaluation& evaluation) const {
    if (aggregation == Aggregation::none) return Value::list(std::move(values));
    if (aggregation == Aggregation::count) return static_cast<std::int64_t>(values.size());
    if (outputs.size() > 1) {
        return evaluation.null("several outputs cannot be summed up or compared");
    }
    auto out = values.front();
    for (std::size_t i = 1; i < values.size(); ++i) {
        if (aggregation == Aggregation::sum) {
            out = feel::add(out, values[i], evaluation);
            continue;
        }
        const auto order = feel::compare(values[i], out);
        if (!order) return evaluation.null("the outputs cannot be compared");
        if (aggregation == Aggregation::min ? *order < 0 : *order > 0) out = values[i];
    }
    return out;
}

}  // namespace schwarm::dmn::detail
