// Messages and signals from outside, and conditional start events.
#include <array>
#include <mutex>

#include "commands.hpp"
#include "routes.hpp"
#include "schwarm/engine/engine.hpp"
#include "schwarm/runtime/rows.hpp"
#include "views.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::int64_t kLongestTime = std::int64_t{1000} * 60 * 60 * 24 * 3650;  // ten years

Result<void> check_own_tenant(const Call& call, const json::Value& body) {
    SCHWARM_TRY(tenant, text_member(body, "tenantId"));
    return check_tenant(call, tenant);
}

Result<runtime::Message> read_message(const Call& call, const json::Value& body) {
    SCHWARM_TRY_VOID(check_own_tenant(call, body));
    runtime::Message out;
    SCHWARM_TRY(name, needed_text(body, "name"));
    SCHWARM_TRY(key, text_member(body, "correlationKey"));
    SCHWARM_TRY(variables, set_variables(body));
    out.name = std::move(name);
    out.correlation_key = std::move(key);
    out.variables = std::move(variables);
    out.audience.service = services::deployed_service();
    return out;
}

void publish(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    auto message = read_message(call, *body);
    if (!message) return answer.problem(message.error());
    const auto kept = whole_member(*body, "timeToLive", 0, kLongestTime);
    if (!kept) return answer.problem(kept.error());
    auto id = text_member(*body, "messageId");
    if (!id) return answer.problem(id.error());
    message->time_to_live = std::chrono::milliseconds(kept->value_or(0));
    message->id = std::move(*id);
    call.api.runtime.publish_message(
        call.tenant(), std::move(*message), call.principal.subject,
        [answer, tenant = call.tenant().value()](const Result<runtime::Published>& done) {
            if (!done && done.error().code == ErrorCode::conflict) {
                return answer.problem(409, "ALREADY_EXISTS", done.error().message);
            }
            if (!done) return answer.problem(shown_refusal(done.error()));
            json::Writer out;
            out.begin_object()
                .member("tenantId", tenant)
                .member("messageKey", key_text(done->key))
                .end_object();
            answer.json(out.take());
        });
}

void correlate(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    auto message = read_message(call, *body);
    if (!message) return answer.problem(message.error());
    call.api.runtime.correlate_message(
        call.tenant(), std::move(*message), call.principal.subject,
        [answer, tenant = call.tenant().value()](const Result<runtime::Published>& done) {
            if (!done) return answer.problem(shown_refusal(done.error()));
            json::Writer out;
            out.begin_object().member("tenantId", tenant).member("messageKey", key_text(done->key));
            if (!done->correlated.empty()) {
                const auto& first = done->correlated.front();
                out.member(
                    "processInstanceKey",
                    key_text(runtime::global_key(first.case_id, first.process_instance.value())));
            }
            out.end_object();
            answer.json(out.take());
        });
}

void broadcast(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    if (const auto own = check_own_tenant(call, *body); own.has_error()) {
        return answer.problem(own.error());
    }
    auto name = needed_text(*body, "signalName");
    if (!name) return answer.problem(name.error());
    auto variables = set_variables(*body);
    if (!variables) return answer.problem(variables.error());
    call.api.runtime.broadcast_signal(
        call.tenant(), {std::move(*name), std::move(*variables), {services::deployed_service()}},
        call.principal.subject,
        [answer, tenant = call.tenant().value()](const Result<std::uint64_t>& key) {
            if (!key) return answer.problem(shown_refusal(key.error()));
            json::Writer out;
            out.begin_object()
                .member("tenantId", tenant)
                .member("signalKey", key_text(*key))
                .end_object();
            answer.json(out.take());
        });
}

// --- conditional start events --------------------------------------------------------------

struct Started {
    std::uint64_t definition = 0;
    CaseId instance;
};

// Answers when the last of its commands has been carried out.
struct Gathering {
    Gathering(Answer to, std::string own, std::uint64_t number)
        : answer(std::move(to)), tenant(std::move(own)), key(number) {}

    Answer answer;
    const std::string tenant;
    const std::uint64_t key;  // of the evaluation
    std::mutex mutex;
    std::size_t open = 0;
    std::vector<Started> started;
    std::optional<Error> refused;

    void finish() {
        if (started.empty() && refused) return answer.problem(shown_refusal(*refused));
        json::Writer out;
        out.begin_object()
            .member("conditionalEvaluationKey", key_text(key))
            .member("tenantId", tenant)
            .name("processInstances")
            .begin_array();
        for (const auto& one : started) {
            out.begin_object()
                .member("processDefinitionKey", key_text(one.definition))
                .member("processInstanceKey",
                        key_text(runtime::global_key(one.instance, kRootInstance)))
                .end_object();
        }
        out.end_array().end_object();
        answer.json(out.take());
    }
    void take(std::uint64_t definition, const Result<runtime::Reply>& done) {
        const std::lock_guard lock(mutex);
        if (done) {
            started.push_back({definition, done->case_id});
        } else if (!refused) {
            refused = done.error();
        }
        if (--open == 0) finish();
    }
};

// The definition named, or all latest versions that have conditional start events.
Result<std::vector<std::shared_ptr<const services::ProcessDefinition>>> candidates(
    const Call& call, const json::Value& body) {
    std::vector<std::shared_ptr<const services::ProcessDefinition>> out;
    SCHWARM_TRY(key, key_member(body, "processDefinitionKey"));
    if (key) {
        SCHWARM_TRY(definition, definition_of(call, *key));
        out.push_back(std::move(definition));
        return out;
    }
    SCHWARM_TRY(places,
                call.api.deployments.start_events(call.tenant(), bpmn::EventKind::conditional));
    for (const auto& place : places) {
        if (!out.empty() && out.back()->key == place.process_key) continue;
        SCHWARM_TRY(definition, definition_of(call, place.process_key));
        out.push_back(std::move(definition));
    }
    return out;
}

struct Start {
    std::uint64_t definition = 0;
    engine::CreateCase command;
};
Result<std::vector<Start>> read_starts(const Call& call, const json::Value& body) {
    SCHWARM_TRY_VOID(check_own_tenant(call, body));
    if (body.find("variables") == nullptr) {
        return fail(ErrorCode::invalid_input, "this must be given", "variables");
    }
    SCHWARM_TRY(variables, set_variables(body));
    SCHWARM_TRY(definitions, candidates(call, body));
    std::vector<Start> out;
    for (const auto& definition : definitions) {
        SCHWARM_TRY(process, call.api.deployments.compiled(call.tenant(), *definition));
        for (const auto node :
             engine::conditional_starts(*process, variables, call.api.clock.now())) {
            Start start;
            start.definition = definition->key;
            start.command.definition = services::definition_key_of(definition->key);
            start.command.start_element = process->node(node).id;
            start.command.variables = variables;
            out.push_back(std::move(start));
        }
    }
    return out;
}

void start_all(runtime::Runtime& runtime, const TenantId& tenant, const std::string& actor,
               const std::vector<Start>& starts, const std::shared_ptr<Gathering>& gathering) {
    gathering->open = starts.size();
    if (starts.empty()) return gathering->finish();
    for (const auto& start : starts) {
        engine::Command command;
        command.actor = actor;
        command.body = start.command;
        runtime.submit(
            {tenant, CaseId(), std::move(command), {}},
            [gathering, definition = start.definition](const Result<runtime::Reply>& done) {
                gathering->take(definition, done);
            });
    }
}

void evaluate(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    auto starts = read_starts(call, *body);
    if (!starts) return answer.problem(starts.error());
    draw_key(call, [answer, starts = std::move(*starts), &runtime = call.api.runtime,
                    tenant = call.tenant(),
                    actor = call.principal.subject](const Result<std::uint64_t>& key) {
        if (!key) return answer.problem(key.error());
        start_all(runtime, tenant, actor, starts,
                  std::make_shared<Gathering>(answer, tenant.value(), *key));
    });
}

using http::Method;
constexpr auto kPublish = app::Action::publish_message;
constexpr std::array kRoutes = {
    Route{Method::post, "/messages/publication", "publishMessage", "Message",
          "Publish a message, and keep it for those who wait for it later", kPublish, publish,
          "MessagePublicationRequest", "MessagePublicationResult"},
    Route{Method::post, "/messages/correlation", "correlateMessage", "Message",
          "Hand a message over to whoever waits for it now", kPublish, correlate,
          "MessageCorrelationRequest", "MessageCorrelationResult"},
    Route{Method::post, "/signals/broadcast", "broadcastSignal", "Signal",
          "Trigger all that wait for a signal", kPublish, broadcast, "SignalBroadcastRequest",
          "SignalBroadcastResult"},
    Route{Method::post, "/conditionals/evaluation", "evaluateConditionals", "Conditional",
          "Start the processes whose conditional start events hold with these variables",
          app::Action::start_process, evaluate, "ConditionalEvaluationInstruction",
          "EvaluateConditionalResult"},
};

}  // namespace

std::span<const Route> message_command_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
