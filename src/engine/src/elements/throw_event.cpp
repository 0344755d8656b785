// What throw and end events throw: messages and signals leave the case as effects; escalations and
// errors go to who catches them; terminate ends the scope. A multiple event throws all its parts.
#include "behaviors/expressions.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {
namespace {

// Everything is evaluated before anything is thrown, so that after an incident nothing is thrown
// twice.
struct Thrown {
    std::vector<NewEffect> effects;
    std::vector<std::string> escalations;
    std::optional<std::string> error;
    std::string error_name;
    bool by_job = false;
};

template <class Definition>
Outcome<std::string> code_of(const Transition& t, const Active& at, const Definition& d) {
    if (!d.code_value.present()) return d.code;
    return expressions::text(t, d.code_value, at.key, "the code that '" + at.node->id + "' throws");
}

MaybeFailure prepare(const Transition& t, const Active& at, const bpmn::EventDefinition& event,
                     Thrown& out) {
    switch (event.kind) {
        case bpmn::EventKind::message: {
            out.by_job = at.node->details.job.has_value();
            if (out.by_job) return std::nullopt;
            auto effect = message_effect(t, at, event.message);
            if (effect.has_error()) return effect.error();
            out.effects.push_back(std::move(*effect));
            return std::nullopt;
        }
        case bpmn::EventKind::signal: {
            auto name = expressions::text(t, event.signal.name, at.key,
                                          "the signal name of '" + at.node->id + "'");
            if (name.has_error()) return name.error();
            out.effects.push_back(
                {"signal", std::move(*name), t.state().element(at.key)->variables.to_context()});
            return std::nullopt;
        }
        case bpmn::EventKind::escalation: {
            auto code = code_of(t, at, event.escalation);
            if (code.has_error()) return code.error();
            out.escalations.push_back(std::move(*code));
            return std::nullopt;
        }
        case bpmn::EventKind::error: {
            auto code = code_of(t, at, event.error);
            if (code.has_error()) return code.error();
            out.error = std::move(*code);
            out.error_name = event.error.name;
            return std::nullopt;
        }
        default:
            return std::nullopt;
    }
}

MaybeFailure throw_error_of(Transition& t, const Active& at, const Thrown& thrown) {
    t.emit(ErrorThrownV1{at.key, *thrown.error, thrown.error_name});
    if (throw_error(t, at.key, *thrown.error, {})) return std::nullopt;
    return Failure{
        IncidentKind::unhandled_error, "nobody catches the error '" + *thrown.error + "'", {}};
}

}  // namespace

MaybeFailure throw_events(Transition& t, const Active& at) {
    Thrown thrown;
    for (const bpmn::EventDefinition& event : at.node->event_definitions()) {
        if (auto failure = prepare(t, at, event, thrown)) return failure;
    }
    if (thrown.error && !catches_error(t, at.key, *thrown.error)) {
        return throw_error_of(t, at, thrown);
    }
    if (thrown.by_job) {
        if (auto failure = start_job(t, at)) return failure;
    }
    for (NewEffect& effect : thrown.effects) t.request_effect(at.key, std::move(effect));
    if (thrown.by_job) return std::nullopt;
    for (const std::string& code : thrown.escalations) {
        throw_escalation(t, at.key, code);
        if (t.state().element(at.key) == nullptr) return std::nullopt;
    }
    if (thrown.error) return throw_error_of(t, at, thrown);
    t.complete(at.key);
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
