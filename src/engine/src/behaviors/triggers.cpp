#include "behaviors/triggers.hpp"

#include <algorithm>

#include "behaviors/conditions.hpp"
#include "behaviors/expressions.hpp"
#include "behaviors/variable_mapping.hpp"
#include "elements/elements.hpp"
#include "schwarm/bpmn/timer_text.hpp"
#include "schwarm/engine/engine.hpp"

namespace schwarm::engine::triggers {
namespace {

// One definition of a catching event, waited for by `host`.
struct Place {
    ElementKey host;
    std::uint16_t definition = 0;
    const bpmn::Node& node;
    std::uint32_t part = 0;
    const bpmn::EventDefinition& event() const { return node.event_definitions()[part]; }
};

Failure bad_timer(const Transition& t, const Place& at, const feel::Value& value) {
    const auto& timer = at.event().timer;
    const char* wanted = timer.kind == bpmn::TimerKind::date       ? "a date and time"
                         : timer.kind == bpmn::TimerKind::duration ? "a duration"
                                                                   : "a repeating interval";
    return {IncidentKind::expression,
            "the timer of '" + at.node.id + "' must be " + wanted + ", but " +
                expressions::explain(
                    t, timer.value, at.host,
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

Outcome<Timer> evaluate_timer(const Transition& t, const Place& at) {
    const auto& definition = at.event().timer;
    const feel::Value value = expressions::evaluate(t, definition.value, at.host);
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
            if (!value.is_string()) break;
            const auto first = bpmn::first_firing(value.as_string(), t.now());
            if (!first) break;
            due = first->due;
            timer.repetitions = first->repetitions;
            timer.cycle = std::string(value.as_string());
            break;
        }
    }
    if (!due) return bad_timer(t, at, value);
    timer.due = *due;
    timer.host = at.host;
    timer.definition = at.definition;
    timer.node = at.node.index;
    timer.part = at.part;
    return timer;
}

template <class T>
bool contains(const std::vector<T>& items, const Place& at) {
    return std::any_of(items.begin(), items.end(), [&](const T& item) {
        return item.host == at.host && item.definition == at.definition &&
               item.node == at.node.index && item.part == at.part;
    });
}

MaybeFailure open_timer(Transition& t, const Place& at) {
    if (contains(t.state().timers, at)) return std::nullopt;
    auto timer = evaluate_timer(t, at);
    if (timer.has_error()) return timer.error();
    timer->key = t.new_key<TimerKey>();
    t.emit(TimerArmedV2{std::move(*timer)});
    return std::nullopt;
}

// The name and, of a message, the correlation key.
Outcome<Subscription> evaluate_subscription(const Transition& t, const Place& at) {
    const bpmn::EventDefinition& event = at.event();
    const std::string of = " of '" + at.node.id + "'";
    Subscription out;
    if (event.kind == bpmn::EventKind::conditional) {
        out.kind = SubscriptionKind::condition;
        out.message_name = event.condition.condition.source;
        return out;
    }
    const bool signal = event.kind == bpmn::EventKind::signal;
    auto name = expressions::text(t, signal ? event.signal.name : event.message.name, at.host,
                                  (signal ? "the signal name" : "the message name") + of);
    if (name.has_error()) return name.error();
    out.message_name = std::move(*name);
    if (signal) {
        out.kind = SubscriptionKind::signal;
    } else if (at.node.details.partner) {
        out.correlation_key = partner_key(t.state().id, at.node.details.partner->participant);
    } else if (event.message.correlation_key.present()) {
        auto key = expressions::text(t, event.message.correlation_key, at.host,
                                     "the correlation key" + of);
        if (key.has_error()) return key.error();
        out.correlation_key = std::move(*key);
    }
    return out;
}

MaybeFailure open_subscription(Transition& t, const Place& at) {
    if (contains(t.state().subscriptions, at)) return std::nullopt;
    auto subscription = evaluate_subscription(t, at);
    if (subscription.has_error()) return subscription.error();
    const auto key = t.new_key<SubscriptionKey>();
    subscription->key = key;
    subscription->host = at.host;
    subscription->definition = at.definition;
    subscription->node = at.node.index;
    subscription->part = at.part;
    t.emit(SubscriptionOpenedV2{std::move(*subscription)});
    if (at.event().kind == bpmn::EventKind::conditional &&
        conditions::holds(t, at.event().condition, at.host)) {
        t.trigger_later(key);
    }
    return std::nullopt;
}

// Closes what `host` waits for at the nodes that `which` says.
template <class Which>
void close(Transition& t, ElementKey host, Which which) {
    std::vector<TimerKey> timers;
    for (const Timer& timer : t.state().timers) {
        if (timer.host == host && which(timer.node)) timers.push_back(timer.key);
    }
    for (const TimerKey key : timers) t.emit(TimerCancelledV1{key});
    std::vector<SubscriptionKey> subscriptions;
    for (const Subscription& s : t.state().subscriptions) {
        if (s.host == host && which(s.node)) subscriptions.push_back(s.key);
    }
    for (const SubscriptionKey key : subscriptions) t.emit(SubscriptionClosedV1{key});
}

// Boundary events and start events of event subprocesses that do not interrupt stay open.
bool stays_open(const Transition& t, ElementKey host, const bpmn::Node& node) {
    const bool own = t.active(host).node == &node;
    return !own && !node.interrupting &&
           (node.kind == bpmn::NodeKind::boundary_event ||
            node.kind == bpmn::NodeKind::start_event);
}

// After a timer has fired: arms the next repetition of a cycle.
void rearm(Transition& t, const Timer& fired) {
    if (fired.cycle.empty() || fired.repetitions == 0) return;
    const auto due = bpmn::next_firing(fired.cycle, fired.due);
    if (!due) return;
    Timer next = fired;
    next.key = t.new_key<TimerKey>();
    next.due = *due;
    next.repetitions = fired.repetitions < 0 ? -1 : fired.repetitions - 1;
    t.emit(TimerArmedV2{std::move(next)});
}

// Keeps what one part of a parallel multiple event brought; all of it once every part has come.
std::optional<Variables> hold(Transition& t, const Place& at, const Variables& variables) {
    t.emit(TriggerHeldV1{at.host, at.definition, at.node.index, at.part, variables});
    Variables all;
    std::size_t count = 0;
    for (const HeldTrigger& h : t.state().held) {
        if (h.host != at.host || h.definition != at.definition || h.node != at.node.index) continue;
        ++count;
        for (const Variables::Entry& entry : h.variables) all.set(entry.name, entry.value);
    }
    if (count < at.node.details.parts.size()) return std::nullopt;
    t.emit(TriggersReleasedV1{at.host, at.definition, at.node.index});
    return all;
}

void fire(Transition& t, const Place& place, Variables variables) {
    const bpmn::Node& node = place.node;
    if (node.details.parallel_multiple) {
        auto all = hold(t, place, variables);
        if (!all) return;
        variables = std::move(*all);
    }
    const Active at = t.active(place.host);
    if (at.node == &node) {
        if (node.event == bpmn::EventKind::multiple) {
            close(t, place.host, [&node](bpmn::NodeIndex n) { return n == node.index; });
        }
        t.finish(place.host, variables);
    } else if (at.node->kind == bpmn::NodeKind::event_based_gateway) {
        elements::event_based_gateway_triggered(t, at, node, variables);
    } else if (node.kind == bpmn::NodeKind::boundary_event) {
        elements::boundary_event_triggered(t, at, node, variables);
    } else {
        elements::event_sub_process_triggered(t, at, node, variables);
    }
}

}  // namespace

MaybeFailure open(Transition& t, ElementKey host, std::uint16_t definition,
                  const bpmn::Node& node) {
    const auto events = node.event_definitions();
    for (std::uint32_t part = 0; part < events.size(); ++part) {
        const Place at{host, definition, node, part};
        MaybeFailure failure;
        if (contains(t.state().held, at)) continue;
        if (events[part].kind == bpmn::EventKind::timer) failure = open_timer(t, at);
        if (events[part].kind == bpmn::EventKind::message ||
            events[part].kind == bpmn::EventKind::signal ||
            events[part].kind == bpmn::EventKind::conditional) {
            failure = open_subscription(t, at);
        }
        if (failure) return failure;
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
    close(t, scope.key, [&scope](bpmn::NodeIndex n) {
        return scope.process->node(n).kind == bpmn::NodeKind::start_event;
    });
}

void trigger(Transition& t, const Timer& timer) {
    const bpmn::Node& node = t.process(timer.definition).node(timer.node);
    t.emit(TimerFiredV1{timer.key});
    if (stays_open(t, timer.host, node)) rearm(t, timer);
    fire(t, {timer.host, timer.definition, node, timer.part}, {});
}

void trigger(Transition& t, const Subscription& subscription, const Variables& variables) {
    const bpmn::Node& node = t.process(subscription.definition).node(subscription.node);
    const bool consumed = !stays_open(t, subscription.host, node);
    if (subscription.kind == SubscriptionKind::message) {
        t.emit(MessageCorrelatedV1{subscription.key, subscription.message_name, consumed});
    } else {
        t.emit(SubscriptionTriggeredV1{subscription.key, subscription.kind,
                                       subscription.message_name, consumed});
    }
    fire(t, {subscription.host, subscription.definition, node, subscription.part}, variables);
}

}  // namespace schwarm::engine::triggers
