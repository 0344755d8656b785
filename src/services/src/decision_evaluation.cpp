#include "schwarm/services/decision_evaluation.hpp"

#include <algorithm>

#include "parts.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/services/explanation.hpp"
#include "schwarm/xml/document.hpp"

namespace schwarm::services {
namespace {

using Compiled = CompiledDecisions;

// Of one evaluation; more steps than that are not told.
constexpr std::size_t kTraceMax = 2'000;

TableColumn column_of(const xml::Element& element) {
    TableColumn column;
    column.id = std::string(element.attribute_or("id", ""));
    column.name = std::string(element.attribute_or("label", element.attribute_or("name", "")));
    if (column.name.empty()) {
        column.name = element.child("inputExpression").child("text").trimmed_text();
    }
    return column;
}

void read_logic(const xml::Element& element, Compiled::Decision& decision) {
    if (element.child("literalExpression")) {
        decision.logic = Compiled::Logic::literal_expression;
    }
    const auto table = element.child("decisionTable");
    if (!table) return;
    decision.logic = Compiled::Logic::decision_table;
    for (const auto part : table.children()) {
        if (part.name() == "input") decision.inputs.push_back(column_of(part));
        if (part.name() == "output") decision.outputs.push_back(column_of(part));
    }
}

Result<std::vector<Compiled::Decision>> read_decisions(const xml::Element& root) {
    std::vector<Compiled::Decision> out;
    for (const auto element : root.children()) {
        if (element.name() != "decision") continue;
        Compiled::Decision decision;
        decision.id = std::string(element.attribute_or("id", ""));
        if (decision.id.empty()) {
            return fail(ErrorCode::invalid_input, "a decision has no id", element.where());
        }
        decision.name = std::string(element.attribute_or("name", decision.id));
        decision.version_tag = std::string(
            element.child("extensionElements").child("versionTag").attribute_or("value", ""));
        read_logic(element, decision);
        out.push_back(std::move(decision));
    }
    if (out.empty()) {
        return fail(ErrorCode::invalid_input, "the file has no decision", root.where());
    }
    return out;
}

}  // namespace

Result<CompiledDecisions> CompiledDecisions::compile(const dmn::SourceFile& file,
                                                     const std::vector<dmn::SourceFile>& others) {
    SCHWARM_TRY(document, xml::Document::parse(file.text, file.name));
    const auto root = document.root();
    std::vector<std::string> imported;
    const auto resolver = [&](std::string_view name_space,
                              std::string_view) -> Result<dmn::SourceFile> {
        for (const auto& other : others) {
            const auto parsed = xml::Document::parse(other.text, other.name);
            if (!parsed || parsed->root().attribute_or("namespace", "") != name_space) continue;
            imported.push_back(other.name);
            return other;
        }
        return fail(ErrorCode::unresolved, "no file of this deployment has the namespace '" +
                                               std::string(name_space) + "'");
    };
    SCHWARM_TRY(program, dmn::Program::load(file, resolver));
    CompiledDecisions out(std::move(program));
    out.id_ = std::string(root.attribute_or("id", ""));
    if (out.id_.empty()) {
        return fail(ErrorCode::invalid_input, "the definitions have no id", root.where());
    }
    out.name_ = std::string(root.attribute_or("name", out.id_));
    out.imported_ = std::move(imported);
    SCHWARM_TRY(decisions, read_decisions(root));
    const auto& invocables = out.program_.invocables();
    for (auto& decision : decisions) {
        const auto found =
            std::find_if(invocables.begin(), invocables.end(), [&](const dmn::Invocable& one) {
                return one.kind == dmn::InvocableKind::decision && one.id == decision.id &&
                       one.file == file.name;
            });
        if (found == invocables.end()) continue;
        decision.invocable = static_cast<std::size_t>(found - invocables.begin());
        for (const auto& input : found->inputs) decision.reads.emplace_back(input.first);
        out.decisions_.push_back(std::move(decision));
    }
    return out;
}

const CompiledDecisions::Decision* CompiledDecisions::find(std::string_view id) const {
    for (const auto& decision : decisions_) {
        if (decision.id == id) return &decision;
    }
    return nullptr;
}

namespace {

// What one rule of a table gave: an only rule the whole output, one of several its place in the
// list. Aggregated outputs belong to no single rule.
feel::Value output_of_rule(const dmn::TableMatch& match, std::size_t position) {
    if (match.rules.size() == 1 && !match.output.is_list()) return match.output;
    if (match.output.is_list() && match.output.as_list().size() == match.rules.size()) {
        return match.output.as_list()[position];
    }
    return {};
}

EvaluatedRule rule_of(const dmn::TableMatch& match, std::size_t position,
                      const Compiled::Decision& decision) {
    EvaluatedRule rule;
    rule.id = std::string(match.rules[position].id);
    rule.index = match.rules[position].number;
    const auto output = output_of_rule(match, position);
    for (std::size_t i = 0; i < decision.outputs.size(); ++i) {
        const auto& column = decision.outputs[i];
        EvaluatedItem item{column.id, column.name, output};
        if (decision.outputs.size() > 1) {
            item.value = {};
            if (output.is_context() && i < output.as_context().size()) {
                item.value = output.as_context()[i].value;
            }
        }
        rule.outputs.push_back(std::move(item));
    }
    return rule;
}

EvaluatedDecision evaluated(const dmn::TraceStep& step, const Compiled::Decision& decision) {
    EvaluatedDecision out;
    out.decision = &decision;
    out.output = step.result;
    if (step.tables.empty()) return out;
    const auto& match = step.tables.front();
    for (std::size_t i = 0; i < match.inputs.size(); ++i) {
        const bool known = i < decision.inputs.size();
        out.inputs.push_back({known ? decision.inputs[i].id : std::string(),
                              known ? decision.inputs[i].name : std::string(match.inputs[i].label),
                              match.inputs[i].value});
    }
    for (std::size_t i = 0; i < match.rules.size(); ++i) {
        out.rules.push_back(rule_of(match, i, decision));
    }
    return out;
}

}  // namespace

DecisionEvaluation evaluate_decision(const CompiledDecisions& compiled,
                                     const CompiledDecisions::Decision& decision,
                                     const feel::Value& variables, Instant now,
                                     const feel::EvaluationLimits& limits) {
    const ManualClock clock(now);
    dmn::EvaluationOptions options;
    options.clock = &clock;
    options.limits = limits;
    options.trace = true;
    options.trace_max = kTraceMax;
    auto outcome = compiled.program().evaluate(decision.invocable, variables, options);
    DecisionEvaluation out;
    std::string failed = decision.id;
    for (const auto& step : outcome.trace) {
        if (step.kind != dmn::StepKind::decision) continue;
        const auto* known = compiled.find(step.id);
        if (known == nullptr) continue;
        if (step.result.is_null() && !step.nulls.empty() && failed == decision.id) {
            failed = known->id;
        }
        out.decisions.push_back(evaluated(step, *known));
    }
    const auto error = std::find_if(
        outcome.diagnostics.begin(), outcome.diagnostics.end(),
        [](const auto& one) { return one.severity == feel::Diagnostic::Severity::error; });
    if (outcome.value.is_null() && error != outcome.diagnostics.end()) {
        const auto place = place_of_failure(outcome);
        out.failed_decision_id = std::move(failed);
        out.failure = (error->subject.empty() ? "" : error->subject + ": ") + error->reason +
                      (place.empty() ? "" : " (" + place + ")");
        return out;
    }
    out.output = std::move(outcome.value);
    return out;
}

}  // namespace schwarm::services
