#include "behaviors/conditions.hpp"
#include "elements/elements.hpp"
#include "processors/processors.hpp"

namespace schwarm::engine::processors {
namespace {

// The instance of the case's own process; there as long as the case is active.
const ElementKey kRoot{1};

}  // namespace

Rejection process(Transition& t, const ResolveIncident& command) {
    const Incident* found = t.state().incident(command.incident);
    if (found == nullptr) {
        return fail(
            ErrorCode::not_found,
            "there is no incident " + std::to_string(command.incident.value()) + " in this case");
    }
    const Incident incident = *found;
    if (incident.job != JobKey()) {
        const std::uint32_t retries =
            command.retries == 0 ? t.state().job(incident.job)->retries : command.retries;
        if (retries == 0) {
            return fail(ErrorCode::invalid_input, "the job needs at least one retry");
        }
        t.emit(IncidentResolvedV1{incident.key});
        t.emit(JobRetriesSetV1{incident.job, retries});
        return std::nullopt;
    }
    if (incident.kind == IncidentKind::undelivered) {
        t.emit(IncidentResolvedV1{incident.key});
        t.request_effect(incident.element, {"redeliver", {}, {}});
        return std::nullopt;
    }
    const ElementInstance instance = *t.state().element(incident.element);
    t.emit(IncidentResolvedV1{incident.key});
    const bool held = instance.scope != ElementKey() && instance.via != bpmn::kNoFlow;
    if (held) {
        t.emit(ElementTerminatedV1{instance.key});
        t.enter_again({instance.scope, instance.definition, instance.via});
        return std::nullopt;
    }
    if (instance.phase != ElementPhase::active) {
        t.emit(ElementPhaseChangedV1{instance.key, ElementPhase::active});
    }
    if (instance.phase == ElementPhase::active && incident.kind == IncidentKind::step_limit) {
        conditions::ask_again(t, instance.key);
    }
    if (instance.phase == ElementPhase::activating) t.begin(instance.key);
    if (instance.phase == ElementPhase::completing) t.complete(instance.key);
    if (instance.phase == ElementPhase::active) elements::resume(t, t.active(instance.key));
    return std::nullopt;
}

Rejection process(Transition& t, const ReportUndelivered& command) {
    t.raise(kRoot, {IncidentKind::undelivered, command.reason, {}},
            t.state().element(kRoot)->phase);
    return std::nullopt;
}

}  // namespace schwarm::engine::processors
