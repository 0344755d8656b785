#include "behaviors/triggers.hpp"

#include <algorithm>

#include "behaviors/expressions.hpp"
#include "behaviors/variable_mapping.hpp"
#include "elements/elements.hpp"
#include "schwarm/bpmn/timer_text.hpp"

namespace schwarm::engine::triggers {
namespace {

Failure bad_timer(const Transition& t, const bpmn::Node& node, ElementKey host,
                  const feel::Value& value) {
    const auto& timer = node.details.event.timer;
    const char* wanted = timer.kind == bpmn::TimerKind::date       ? "a date and time"
                         : timer.kind == bpmn::TimerKind::duration ? "a duration"
                                                                   : "a repeating interval";
    return {IncidentKind::expression,
            "the timer of '" + node.id + "' must be " + wanted + ", but " +
                expressions::explain(
                    t, timer.value, host,
                    value.is_null() ? std::string("is null") : "is " + value.to_string()),
            {}};
}

std::optional<bpmn::Period> to_period(const feel::Value& value) {
    if (value.kind() == feel::Kind::days_time_duration) {
        return bpmn::Period{0, value.as_days_time()};
    }
    if (value.kind() == feel::Kind::years_months_duration) {
        return bpmn::Period{value.as_years_months().months, {}};
    }
    if (value.is_string()) return bpmn::Period::parse(value.as_string());
    return std::nullopt;
}

Outcome<Timer> evaluate_timer(const Transition& t, ElementKey host, const bpmn::Node& node) {
    const auto& definition = node.details.event.timer;
    const feel::Value value = expressions::evaluate(t, definition.value, host);
    Timer timer;
    std::optional<Instant> due;
    switch (definition.kind) {
        case bpmn::TimerKind::date:
            due = expressions::to_instant(value);
            break;
        case bpmn::TimerKind::duration:
            if (const auto period = to_period(value)) due = period->after(t.now());
            break;
        case bpmn::TimerKind::cycle: {
            const auto cycle = value.is_string() ? bpmn::Cycle::parse(value.as_string())
                                                 : std::optional<bpmn::Cycle>();
            if (!cycle || cycle->repetitions == 0) break;
            due = cycle->start ? cycle->start : cycle->period.after(t.now());
            timer.repetitions = cycle->repetitions < 0 ? -1 : cycle->repetitions - 1;
            timer.cycle = std::string(value.as_string());
            break;
        }
    }
    if (!due) return bad_timer(t, node, host, value);
    timer.due = *due;
    timer.host = host;
    timer.node = node.index;
    return timer;
}

template <class T>
bool is_open(const std::vector<T>& items, ElementKey host, std::uint16_t definition,
             bpmn::NodeIndex node) {
    return std::any_of(items.begin(), items.end(), [&](const T& item) {
        return item.host == host && item.definition == definition && item.node == node;
    });
}

MaybeFailure open_timer(Transition& t, ElementKey host, std::uint16_t definition,
                        const bpmn::Node& node) {
    if (is_open(t.state().timers, host, definition, node.index)) return std::nullopt;
    auto timer = evaluate_timer(t, host, node);
    if (timer.has_error()) return timer.error();
    timer->key = t.new_key<TimerKey>();
    timer->definition = definition;
    t.emit(TimerArmedV1{std::move(*timer)});
    return std::nullopt;
}

MaybeFailure open_subscription(Transition& t, ElementKey host, std::uint16_t definition,
                               const bpmn::Node& node) {
    if (is_open(t.state().subscriptions, host, definition, node.index)) return std::nullopt;
    const auto& message = node.details.event.message;
    auto name = expressions::text(t, message.name, host, "the message name of '" + node.id + "'");
    if (name.has_error()) return name.error();
    Subscription subscription;
    if (message.correlation_key.present()) {
        auto key = expressions::text(t, message.correlation_key, host,
                                     "the correlation key of '" + node.id + "'");
        if (key.has_error()) return key.error();
        subscription.correlation_key = std::move(*key);
    }
    subscription.key = t.new_key<SubscriptionKey>();
    subscription.host = host;
    subscription.definition = definition;
    subscription.node = node.index;
    subscription.message_name = std::move(*name);
    t.emit(SubscriptionOpenedV1{std::move(subscription)});
    return std::nullopt;
}

}  // namespace

MaybeFailure open(Transition& t, ElementKey host, std::uint16_t definition,
                  const bpmn::Node& node) {
    if (node.event == bpmn::EventKind::timer) return open_timer(t, host, definition, node);
    if (node.event == bpmn::EventKind::message) {
        return open_subscription(t, host, definition, node);
    }
    return std::nullopt;
}

MaybeFailure open_boundary_events(Transition& t, const Active& at) {
    for (const bpmn::NodeIndex b : at.node->boundary_events) {
        if (auto failure = open(t, at.key, at.definition, at.process->node(b))) return failure;
    }
    return std::nullopt;
}

MaybeFailure open_event_sub_processes(Transition& t, const Active& scope) {
    for (const bpmn::NodeIndex e : scope.node->event_sub_processes) {
        const bpmn::Node& start = scope.process->node(scope.process->node(e).start_events.at(0));
        if (auto failure = open(t, scope.key, scope.definition, start)) return failure;
    }
    return std::nullopt;
}

void close_event_sub_processes(Transition& t, const Active& scope) {
    std::vector<TimerKey> timers;
    for (const Timer& timer : t.state().timers) {
        if (timer.host == scope.key &&
            scope.process->node(timer.node).kind == bpmn::NodeKind::start_event) {
            timers.push_back(timer.key);
        }
    }
    for (const TimerKey key : timers) t.emit(TimerCancelledV1{key});
    std::vector<SubscriptionKey> subscriptions;
    for (const Subscription& s : t.state().subscriptions) {
        if (s.host == scope.key &&
            scope.process->node(s.node).kind == bpmn::NodeKind::start_event) {
            subscriptions.push_back(s.key);
        }
    }
    for (const SubscriptionKey key : subscriptions) t.emit(SubscriptionClosedV1{key});
}

void rearm(Transition& t, const Timer& fired) {
    if (fired.cycle.empty() || fired.repetitions == 0) return;
    const auto cycle = bpmn::Cycle::parse(fired.cycle);
    CHECK(cycle.has_value(), "an armed cycle does not parse any more");
    const auto due = cycle->period.after(fired.due);
    if (!due) return;
    Timer next = fired;
    next.key = t.new_key<TimerKey>();
    next.due = *due;
    next.repetitions = fired.repetitions < 0 ? -1 : fired.repetitions - 1;
    t.emit(TimerArmedV1{std::move(next)});
}

void fire(Transition& t, ElementKey host, std::uint16_t definition, bpmn::NodeIndex index,
          const Variables& variables) {
    const Active at = t.active(host);
    const bpmn::Node& node = t.process(definition).node(index);
    if (at.node->kind == bpmn::NodeKind::event_based_gateway) {
        elements::event_based_gateway_triggered(t, at, node, variables);
    } else if (node.kind == bpmn::NodeKind::boundary_event) {
        elements::boundary_event_triggered(t, at, node, variables);
    } else if (node.kind == bpmn::NodeKind::start_event) {
        elements::event_sub_process_triggered(t, at, node, variables);
    } else {
        t.finish(host, variables);
    }
}

}  // namespace schwarm::engine::triggers
