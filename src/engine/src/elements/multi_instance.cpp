// Multi-instance activity (BPMN 2.0.2 clause 13.3.7): one iteration for each item of a list, one
// after another or all at once. The body carries the boundary events; input and output mappings
// belong to each iteration. Standard loop (13.3.6): one iteration after another as long as the
// condition holds; expressions see loopCounter, from 1.
#include "behaviors/expressions.hpp"
#include "behaviors/variable_mapping.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {
namespace {

void start_iteration(Transition& t, const Active& body) {
    const LoopState& loop = *t.state().element(body.key)->loop;
    const std::uint32_t counter = loop.next + 1;
    const bool standard = body.node->details.loop->standard.has_value();
    const feel::Value item = standard ? feel::Value() : loop.items.at(loop.next);
    t.emit(LoopAdvancedV1{body.key, true, counter, {}});
    const ElementKey key = t.activate(body.key, body.definition, body.node->index, counter);
    Variables local;
    local.set("loopCounter", feel::Value(static_cast<std::int64_t>(counter)));
    const std::string& name = body.node->details.loop->input_element;
    if (!name.empty()) local.set(name, item);
    t.emit(VariablesSetV1{key, std::move(local)});
    t.begin(key);
}

void end_loop(Transition& t, const Active& body) {
    const auto& definition = *body.node->details.loop;
    if (!definition.output_collection.empty()) {
        const LoopState& loop = *t.state().element(body.key)->loop;
        Variables out;
        out.set(definition.output_collection, feel::Value::list(loop.outputs));
        variable_mapping::propagate(t, body.scope, out);
    }
    t.complete(body.key);
}

// Whether a standard loop goes on after `finished` iterations, seen from `scope`.
Outcome<bool> goes_on(const Transition& t, const bpmn::Node& node, ElementKey scope,
                      std::uint32_t finished) {
    const bpmn::StandardLoop& loop = *node.details.loop->standard;
    if (loop.maximum != 0 && finished >= loop.maximum) return false;
    if (!loop.condition.present()) return true;
    Variables counter;
    counter.set("loopCounter", feel::Value(static_cast<std::int64_t>(finished)));
    const feel::Value value = expressions::evaluate(t, loop.condition, scope, &counter);
    if (value.is_boolean()) return value.is_true();
    return Failure{
        IncidentKind::expression,
        "the loop condition of '" + node.id + "' must be true or false, but " +
            expressions::explain(t, loop.condition, scope, "is " + value.to_string(), &counter),
        {}};
}

Outcome<bool> is_complete(const Transition& t, const Active& iteration, const LoopState& loop) {
    if (iteration.node->details.loop->standard) {
        const auto again = goes_on(t, *iteration.node, iteration.key, loop.finished + 1);
        if (again.has_error()) return again.error();
        return !*again;
    }
    const auto& condition = iteration.node->details.loop->completion_condition;
    const std::int64_t all = static_cast<std::int64_t>(loop.items.size());
    const std::int64_t finished = static_cast<std::int64_t>(loop.finished) + 1;
    if (!condition.present()) return finished == all;
    const std::int64_t active = static_cast<std::int64_t>(loop.next) - finished;
    Variables counts;
    counts.set("numberOfInstances", feel::Value(all));
    counts.set("numberOfActiveInstances", feel::Value(active));
    counts.set("numberOfCompletedInstances", feel::Value(finished));
    counts.set("numberOfTerminatedInstances", feel::Value(0));
    const feel::Value value = expressions::evaluate(t, condition, iteration.key, &counts);
    if (value.is_boolean()) return value.is_true() || finished == all;
    return Failure{
        IncidentKind::expression,
        "the completion condition of '" + iteration.node->id + "' must be true or false, but " +
            expressions::explain(t, condition, iteration.key, "is " + value.to_string(), &counts),
        {}};
}

MaybeFailure begin_standard_loop(Transition& t, const Active& body) {
    if (t.state().element(body.key)->loop == nullptr) {
        t.emit(LoopStartedV1{body.key, ValueList(), false});
    }
    if (body.node->details.loop->standard->test_before) {
        const auto begins = goes_on(t, *body.node, body.key, 0);
        if (begins.has_error()) return begins.error();
        if (!*begins) {
            end_loop(t, body);
            return std::nullopt;
        }
    }
    start_iteration(t, body);
    return std::nullopt;
}

}  // namespace

MaybeFailure begin_loop(Transition& t, const Active& body) {
    const auto& definition = *body.node->details.loop;
    if (definition.standard) return begin_standard_loop(t, body);
    const feel::Value items = expressions::evaluate(t, definition.input_collection, body.key);
    if (!items.is_list()) {
        return Failure{IncidentKind::expression,
                       "the input collection of '" + body.node->id + "' must be a list, but " +
                           expressions::explain(t, definition.input_collection, body.key,
                                                "is " + items.to_string()),
                       {}};
    }
    const std::size_t most = t.definitions().limits.loop_items_max;
    if (items.as_list().size() > most) {
        return Failure{IncidentKind::step_limit,
                       "'" + body.node->id + "' has more than " + std::to_string(most) + " items",
                       {}};
    }
    const auto list = items.as_list();
    t.emit(LoopStartedV1{body.key, ValueList(list.begin(), list.end()),
                         !definition.output_collection.empty()});
    if (list.empty()) {
        end_loop(t, body);
        return std::nullopt;
    }
    const std::size_t at_once = definition.sequential ? 1 : list.size();
    for (std::size_t i = 0; i < at_once; ++i) {
        // A completion condition or an error may have ended the whole meanwhile.
        if (t.state().element(body.key) == nullptr) break;
        start_iteration(t, body);
    }
    return std::nullopt;
}

void continue_loop(Transition& t, const Active& body) {
    // The items of a multi-instance activity are limited by themselves.
    if (body.node->details.loop->standard && !t.count_step()) {
        t.raise(body.key, t.too_many_steps(), ElementPhase::active);
        return;
    }
    start_iteration(t, body);
}

MaybeFailure end_iteration(Transition& t, const Active& iteration) {
    const Active body = t.active(iteration.scope);
    const auto& definition = *body.node->details.loop;
    const feel::Value output =
        definition.output_collection.empty()
            ? feel::Value()
            : expressions::evaluate(t, definition.output_element, iteration.key);
    const auto complete = is_complete(t, iteration, *t.state().element(body.key)->loop);
    if (complete.has_error()) return complete.error();
    remember_completion(t, iteration);
    t.emit(ElementCompletedV1{iteration.key, {}});
    t.emit(LoopAdvancedV1{body.key, false, iteration.loop_counter, output});
    if (*complete) {
        t.terminate_children(body.key);
        end_loop(t, body);
    } else if (definition.sequential) {
        t.continue_loop_later(body.key);
    }
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
