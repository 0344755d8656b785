#include "behaviors/execution_listeners.hpp"

#include "behaviors/expressions.hpp"
#include "behaviors/variable_mapping.hpp"

namespace schwarm::engine::execution_listeners {
namespace {

void to_phase(Transition& t, ElementKey key, ElementPhase phase) {
    if (t.state().element(key)->phase != phase) t.emit(ElementPhaseChangedV1{key, phase});
}

Outcome<bool> create_job(Transition& t, const Active& at, const bpmn::Listener& listener,
                         ElementPhase phase) {
    const std::string of = "of a listener of '" + at.node->id + "'";
    auto type = expressions::text(t, listener.type, at.key, "the job type " + of);
    if (type.has_error()) return type.error();
    const auto retries = expressions::number(t, listener.retries, at.key, "the retries " + of, 3);
    if (retries.has_error()) return retries.error();
    to_phase(t, at.key, phase);
    t.emit(JobCreatedV2{t.new_key<JobKey>(), at.key, std::move(*type), *retries,
                        JobKind::execution_listener, std::string(bpmn::name_of(listener.event)),
                        0});
    return true;
}

// End listeners that are done; the start listeners may never have been reached.
std::size_t ended(const Transition& t, const Active& at) {
    const std::size_t done = t.state().element(at.key)->listeners;
    const std::size_t before = at.node->details.start_listeners.size();
    return done > before ? done - before : 0;
}

}  // namespace

Outcome<bool> start(Transition& t, const Active& at) {
    const auto& listeners = at.node->details.start_listeners;
    if (listeners.empty()) return false;
    const std::size_t done = t.state().element(at.key)->listeners;
    if (done < listeners.size()) {
        return create_job(t, at, listeners[done], ElementPhase::activating);
    }
    to_phase(t, at.key, ElementPhase::active);
    return false;
}

Outcome<bool> end(Transition& t, const Active& at) {
    const auto& listeners = at.node->details.end_listeners;
    const std::size_t done = ended(t, at);
    if (done >= listeners.size()) return false;
    return create_job(t, at, listeners[done], ElementPhase::completing);
}

bool has_ended_some(const Transition& t, const Active& at) {
    return ended(t, at) > 0;
}

void completed(Transition& t, const Job& job, const Variables& variables) {
    const Active at = t.active(job.element);
    t.emit(JobCompletedV1{job.key});
    const std::size_t starts = at.node->details.start_listeners.size();
    if (job.listener_event == bpmn::name_of(bpmn::ListenerEvent::start)) {
        if (!variables.empty()) t.emit(VariablesSetV1{at.key, variables});
        t.emit(ListenersDoneV1{at.key, t.state().element(at.key)->listeners + 1});
        t.begin(at.key);
        return;
    }
    const bool of_process = at.node->kind == bpmn::NodeKind::process;
    if (!variables.empty() && of_process) t.emit(VariablesSetV1{at.key, variables});
    if (!variables.empty() && !of_process) {
        variable_mapping::propagate(t, at.scope, variables);
    }
    t.emit(ListenersDoneV1{at.key, static_cast<std::uint32_t>(starts + ended(t, at) + 1)});
    t.complete(at.key);
}

}  // namespace schwarm::engine::execution_listeners
