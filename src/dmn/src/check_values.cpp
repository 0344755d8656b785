// The constants in the cells of a table: kinds that do not fit, values that are not allowed.
#include <fmt/format.h>

#include <algorithm>

#include "check_table.hpp"
#include "schwarm/feel/operations.hpp"

namespace schwarm::dmn::detail {

using feel::TypeKind;
using Severity = Finding::Severity;
using Kind = Finding::Kind;

namespace {

bool is_scalar(TypeKind kind) {
    return kind != TypeKind::any && kind != TypeKind::null && kind != TypeKind::list &&
           kind != TypeKind::context && kind != TypeKind::range && kind != TypeKind::function;
}

bool is_empty_range(const feel::Range& range) {
    if (range.form != feel::Range::Form::interval) return false;
    const auto order = feel::compare(range.start, range.end);
    if (!order) return false;
    return *order > 0 || (*order == 0 && !(range.start_included && range.end_included));
}

}  // namespace

void TableCheck::check_inputs() {
    for (std::uint32_t r = 0; r < table().rules.size(); ++r) {
        const auto& rule = table().rules[r];
        for (std::size_t c = 0; c < rule.cells.size(); ++c) {
            const auto& dimension = table().dimensions[table().columns[c].dimension];
            const auto& cell = dimension.cells[rule.cells[c]];
            if (!cell.constants || !dimension.declared || !is_scalar(dimension.kind)) continue;
            for (const auto& value : cell.constants->values) {
                check_constant(dimension, value, false, r, rule.entry("inputEntry", c));
            }
        }
    }
}

void TableCheck::check_constant(const CheckDimension& dimension, const Value& value, bool is_end,
                                std::uint32_t rule, xml::Element at) {
    if (value.is_null()) return;
    if (value.is_list()) {
        for (const auto& item : value.as_list()) check_constant(dimension, item, false, rule, at);
        return;
    }
    if (value.is_range()) {
        const auto& range = value.as_range();
        const bool same = range.form == feel::Range::Form::equal;
        check_constant(dimension, range.start, !same, rule, at);
        check_constant(dimension, range.end, true, rule, at);
        if (is_empty_range(range)) {
            reported_rules_.insert(rule);
            add(Kind::value, Severity::error, at,
                fmt::format("rule {}: the range {} is empty", rule + 1, value.to_feel()));
        }
        return;
    }
    const auto kind = feel::Type::of(value)->kind();
    if (kind != dimension.kind) {
        reported_rules_.insert(rule);
        add(Kind::type, Severity::error, at,
            fmt::format("rule {}: {} is of the type {}, but {} is of the type {}", rule + 1,
                        value.to_feel(), feel::Type::of(value)->to_string(), dimension.text,
                        dimension.type_name));
        return;
    }
    if (is_end || !dimension.domain || dimension.domain->piece_of(value)) return;
    reported_rules_.insert(rule);
    if (!dimension.allowed_text.empty()) {
        add(Kind::value, Severity::error, at,
            fmt::format("rule {}: {} is not among the allowed values of {}: {}", rule + 1,
                        value.to_feel(), dimension.text, dimension.allowed_text));
    } else if (!dimension.results_text.empty()) {
        add(Kind::value, Severity::warning, at,
            fmt::format("rule {}: {} is never {}, its table only gives {}", rule + 1,
                        dimension.text, value.to_feel(), dimension.results_text));
    } else {
        add(Kind::value, Severity::error, at,
            fmt::format("rule {}: {} is no value of {}", rule + 1, value.to_feel(),
                        dimension.text));
    }
}

void TableCheck::check_outputs() {
    const auto& policy = table().policy;
    const bool ordered = policy == "PRIORITY" || policy == "OUTPUT ORDER";
    const bool ranked =
        std::any_of(table().outputs.begin(), table().outputs.end(),
                    [](const CheckOutput& output) { return !output.priorities.empty(); });
    if (ordered && !ranked) {
        add(Kind::value, Severity::warning, table().element,
            fmt::format("the hit policy {} needs output values: their order is the priority",
                        policy));
    }
    const auto& aggregation = table().aggregation;
    if (policy == "COLLECT" && table().outputs.size() > 1 && !aggregation.empty() &&
        aggregation != "COUNT") {
        add(Kind::type, Severity::error, table().element,
            fmt::format("{} of several outputs is always null", aggregation));
    }
    for (std::uint32_t r = 0; r < table().rules.size(); ++r) {
        const auto& rule = table().rules[r];
        for (std::size_t i = 0; i < rule.outputs.size(); ++i) {
            check_output(i, rule.outputs[i], r);
        }
    }
}

void TableCheck::check_output(std::size_t column, std::size_t number, std::uint32_t rule) {
    const auto& output = table().outputs[column];
    const auto& cell = output.cells[number];
    const auto at = [&] { return table().rules[rule].entry("outputEntry", column); };
    const auto name = output.name.empty() ? std::string("the output") : output.name;
    if (!cell.constant) {
        if (!cell.expression || feel::may_fit(*cell.expression.static_type(), *output.type->type)) {
            return;
        }
        add(Kind::type, Severity::error, at(),
            fmt::format("rule {}: {} is of the type {}, but {} is of the type {}", rule + 1,
                        cell.text, cell.expression.static_type()->to_string(), name,
                        output.type->name));
        return;
    }
    const auto& value = *cell.constant;
    if (value.is_null()) return;
    feel::Diagnostics diagnostics;
    feel::Evaluation evaluation(&diagnostics);
    if (!output.type->is_any() && !output.type->conform(value, evaluation)) {
        const bool type = !feel::may_fit(*feel::Type::of(value), *output.type->type);
        add(type ? Kind::type : Kind::value, Severity::error, at(),
            fmt::format("rule {}: {} does not fit the type of {}: {}", rule + 1, value.to_feel(),
                        name,
                        diagnostics.items().empty() ? std::string("it becomes null")
                                                    : diagnostics.items().front().reason));
        return;
    }
    if (output.values.is_any() || !output.values.is_closed()) return;
    const feel::ContextEnvironment nothing{Value()};
    if (feel::evaluate_tests(output.values.expression, value, nothing, evaluation).is_true()) {
        return;
    }
    add(Kind::value, Severity::error, at(),
        fmt::format("rule {}: {} is not among the output values of {}: {}", rule + 1,
                    value.to_feel(), name, output.values_text));
}

}  // namespace schwarm::dmn::detail
