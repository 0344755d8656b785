// Send task and message throw event with a messageRef and no job: the message leaves the case as
// an effect "send", carried out by the host after the commit; where a message flow leads to another
// tenant, an effect "deliver".
#include "behaviors/expressions.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

namespace {

Outcome<NewEffect> delivery(const Transition& t, const Active& at, std::string name,
                            feel::Value variables) {
    const bpmn::Partner& partner = *at.node->details.partner;
    std::string jurisdiction;
    if (partner.jurisdiction.present()) {
        auto text =
            expressions::text(t, partner.jurisdiction, at.key,
                              "the jurisdiction of participant '" + partner.participant + "'");
        if (text.has_error()) return text.error();
        jurisdiction = std::move(*text);
    }
    return NewEffect{"deliver", std::move(name),
                     feel::Value::context({{"participant", partner.participant},
                                           {"role", partner.role},
                                           {"jurisdiction", jurisdiction},
                                           {"contract", partner.contract},
                                           {"version", partner.version},
                                           {"variables", std::move(variables)}})};
}

}  // namespace

// payload: {correlationKey, variables}; the variables are those of the input mapping if there is
// one, else all that are visible. To another tenant: {participant, role, jurisdiction, contract,
// version, variables}.
Outcome<NewEffect> message_effect(const Transition& t, const Active& at,
                                  const bpmn::MessageDefinition& message) {
    auto name =
        expressions::text(t, message.name, at.key, "the message name of '" + at.node->id + "'");
    if (name.has_error()) return name.error();
    const feel::Value variables = at.node->details.inputs.empty()
                                      ? ScopeView(t.state(), at.key).to_context()
                                      : t.state().element(at.key)->variables.to_context();
    if (at.node->details.partner) return delivery(t, at, std::move(*name), variables);
    feel::Value key;
    if (message.correlation_key.present()) {
        key = expressions::evaluate(t, message.correlation_key, at.key);
        if (key.is_null()) {
            return Failure{IncidentKind::expression,
                           "the correlation key of '" + at.node->id + "' must be a text, but " +
                               expressions::explain(t, message.correlation_key, at.key, "is null"),
                           {}};
        }
    }
    return NewEffect{"send", std::move(*name),
                     feel::Value::context({{"correlationKey", key}, {"variables", variables}})};
}

MaybeFailure send_message(Transition& t, const Active& at) {
    auto effect = message_effect(t, at, at.node->details.event.message);
    if (effect.has_error()) return effect.error();
    t.request_effect(at.key, std::move(*effect));
    t.complete(at.key);
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
