// Jobs of workers: activation with long polling, completion, failure, error, changes.
#include <algorithm>
#include <array>

#include "commands.hpp"
#include "job_names.hpp"
#include "routes.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/runtime/rows.hpp"
#include "views.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::string_view kTag = "Job";
constexpr std::int64_t kJobsAtOnce = 1000;
constexpr std::int64_t kLongestTime = std::int64_t{1000} * 60 * 60 * 24 * 3650;  // ten years

// --- activation ----------------------------------------------------------------------------

// The tenants named, as far as the asker has them: that is its own.
Result<void> check_tenants(const Call& call, const json::Value& body) {
    SCHWARM_TRY(filter, text_member(body, "tenantFilter"));
    SCHWARM_TRY(tenants, texts_member(body, "tenantIds"));
    if (!tenants || tenants->empty() || filter == "ASSIGNED") return {};
    const bool own = std::any_of(tenants->begin(), tenants->end(), [&](const std::string& tenant) {
        return check_tenant(call, tenant).has_value();
    });
    return own ? Result<void>() : check_tenant(call, tenants->front());
}

Result<runtime::JobRequest> read_request(const Call& call, const json::Value& body) {
    runtime::JobRequest out;
    SCHWARM_TRY_VOID(check_tenants(call, body));
    SCHWARM_TRY(type, needed_text(body, "type"));
    if (type == engine::kEvidenceJob) {
        return fail(ErrorCode::invalid_input,
                    "the node itself works jobs of the type '" + type + "'", "type");
    }
    SCHWARM_TRY(worker, text_member(body, "worker"));
    SCHWARM_TRY(lock, whole_member(body, "timeout", 1, kLongestTime));
    SCHWARM_TRY(most, whole_member(body, "maxJobsToActivate", 1, INT32_MAX));
    if (!lock) return fail(ErrorCode::invalid_input, "this must be given", "timeout");
    if (!most) return fail(ErrorCode::invalid_input, "this must be given", "maxJobsToActivate");
    SCHWARM_TRY(fetch, texts_member(body, "fetchVariable"));
    SCHWARM_TRY(wait, wait_member(body, std::chrono::milliseconds(0)));
    out.tenants = {call.tenant()};
    out.service = services::deployed_service();
    out.type = std::move(type);
    out.worker = std::move(worker);
    out.lock = std::chrono::milliseconds(*lock);
    out.max_jobs = static_cast<std::size_t>(std::min(*most, kJobsAtOnce));
    if (fetch) out.fetch_variables = std::move(*fetch);
    out.wait = wait;
    return out;
}

void write_user_task(const runtime::ActivatedJob& job, const services::DefinitionSet& definitions,
                     json::Writer& out) {
    const auto& change = *job.user_task;
    const auto& task = change.proposed;
    out.name("userTask").begin_object().member("action", change.action);
    write_text_or_null(out, "assignee", task.assignee);
    write_texts(out, "candidateGroups", task.candidate_groups);
    write_texts(out, "candidateUsers", task.candidate_users);
    write_texts(out, "changedAttributes", change.changed);
    write_time_or_null(out, "dueDate", task.due);
    write_time_or_null(out, "followUpDate", task.follow_up);
    const auto form = definitions.form(task.form_id);
    write_key_or_null(out, "formKey", form ? form->key : 0);
    out.member("priority", task.priority)
        .member("userTaskKey", key_text(runtime::global_key(job.case_id, task.key.value())))
        .end_object();
}

void write_job(const runtime::ActivatedJob& job, const services::DefinitionSet& definitions,
               json::Writer& out) {
    const auto key = services::deployed_key_of(job.definition).value_or(0);
    const auto definition = definitions.process(key);
    out.begin_object()
        .member("type", job.type)
        .member("processDefinitionId", job.process_id)
        .member("processDefinitionVersion", definition ? definition->version : 0)
        .member("elementId", job.element_id)
        .name("customHeaders")
        .begin_object();
    for (const auto& [name, value] : job.headers) out.member(name, value);
    out.end_object()
        .member("worker", job.worker)
        .member("retries", job.retries)
        .member("deadline", job.deadline.time_since_epoch().count())
        .name("variables");
    feel::write_json(job.variables, out);
    out.member("tenantId", job.tenant.value())
        .member("jobKey", key_text(runtime::global_key(job.case_id, job.key.value())))
        .member("processInstanceKey",
                key_text(runtime::global_key(job.case_id, job.process_instance.value())))
        .member("processDefinitionKey", key_text(key))
        .member("elementInstanceKey",
                key_text(runtime::global_key(job.case_id, job.element.value())))
        .member("kind", job_kind(job.kind))
        .member("listenerEventType", job_event(job.listener_event))
        .member("rootProcessInstanceKey", key_text(runtime::global_key(job.case_id, kRootInstance)))
        .member("priority", job.priority);
    write_texts(out, "tags", job.tags);
    if (job.user_task) {
        write_user_task(job, definitions, out);
    } else {
        out.name("userTask").null();
    }
    out.end_object();
}

void activate(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    auto request = read_request(call, *body);
    if (!request) return answer.problem(request.error());
    call.api.runtime.activate_jobs(
        std::move(*request), [answer, &deployments = call.api.deployments, tenant = call.tenant()](
                                 const Result<std::vector<runtime::ActivatedJob>>& jobs) {
            if (!jobs) return answer.problem(jobs.error());
            const auto definitions = deployments.of(tenant);
            if (!definitions) return answer.problem(definitions.error());
            json::Writer out;
            out.begin_object().name("jobs").begin_array();
            for (const auto& job : *jobs) write_job(job, **definitions, out);
            out.end_array().end_object();
            answer.json(out.take());
        });
}

// --- what a worker answers -----------------------------------------------------------------

Result<engine::TaskCorrections> read_corrections(const json::Value& from) {
    engine::TaskCorrections out;
    const auto* member = from.find("corrections");
    if (member == nullptr || member->is_null()) return out;
    if (!member->is_object()) {
        return fail(ErrorCode::invalid_input, "this must be an object", "corrections");
    }
    SCHWARM_TRY(assignee, optional_text(*member, "assignee"));
    SCHWARM_TRY(groups, texts_member(*member, "candidateGroups"));
    SCHWARM_TRY(users, texts_member(*member, "candidateUsers"));
    SCHWARM_TRY(due, time_member(*member, "dueDate"));
    SCHWARM_TRY(follow_up, time_member(*member, "followUpDate"));
    SCHWARM_TRY(priority, whole_member(*member, "priority", 0, 100));
    out.assignee = std::move(assignee);
    out.candidate_groups = std::move(groups);
    out.candidate_users = std::move(users);
    out.due = due;
    out.follow_up = follow_up;
    if (priority) out.priority = static_cast<std::uint32_t>(*priority);
    return out;
}

Result<engine::JobResult> read_result(const json::Value& body) {
    engine::JobResult out;
    const auto* member = body.find("result");
    if (member == nullptr || member->is_null()) return out;
    if (!member->is_object()) {
        return fail(ErrorCode::invalid_input, "this must be an object", "result");
    }
    const auto type = member->string_or("type", "userTask");
    if (type == "userTask") {
        SCHWARM_TRY(denied, flag_member(*member, "denied"));
        SCHWARM_TRY(reason, text_member(*member, "deniedReason"));
        SCHWARM_TRY(corrections, read_corrections(*member));
        out.denied = denied.value_or(false);
        out.denied_reason = std::move(reason);
        out.corrections = std::move(corrections);
        return out;
    }
    if (type != "adHocSubProcess") {
        return fail(ErrorCode::invalid_input, "this must be userTask or adHocSubProcess",
                    "result.type");
    }
    SCHWARM_TRY(elements, objects_member(*member, "activateElements"));
    for (const auto& element : elements) {
        SCHWARM_TRY(id, needed_text(element, "elementId"));
        SCHWARM_TRY(variables, set_variables(element));
        out.activate_elements.push_back({std::move(id), std::move(variables)});
    }
    SCHWARM_TRY(fulfilled, flag_member(*member, "isCompletionConditionFulfilled"));
    SCHWARM_TRY(cancels, flag_member(*member, "isCancelRemainingInstances"));
    out.completion_condition_fulfilled = fulfilled.value_or(false);
    out.cancel_remaining_instances = cancels.value_or(false);
    return out;
}

Result<engine::CommandBody> read_completion(const json::Value& body, engine::JobKey job) {
    SCHWARM_TRY(variables, set_variables(body));
    SCHWARM_TRY(result, read_result(body));
    return engine::CommandBody(engine::CompleteJob{job, std::move(variables), std::move(result)});
}

Result<engine::CommandBody> read_failure(const json::Value& body, engine::JobKey job) {
    engine::FailJob out;
    out.job = job;
    SCHWARM_TRY(retries, whole_member(body, "retries", 0, INT32_MAX));
    SCHWARM_TRY(message, text_member(body, "errorMessage"));
    SCHWARM_TRY(backoff, whole_member(body, "retryBackOff", 0, kLongestTime));
    SCHWARM_TRY(variables, set_variables(body));
    out.retries = static_cast<std::uint32_t>(retries.value_or(0));
    out.message = std::move(message);
    out.backoff = std::chrono::milliseconds(backoff.value_or(0));
    out.variables = std::move(variables);
    return engine::CommandBody(std::move(out));
}

Result<engine::CommandBody> read_error(const json::Value& body, engine::JobKey job) {
    engine::ThrowError out;
    out.job = job;
    SCHWARM_TRY(code, needed_text(body, "errorCode"));
    SCHWARM_TRY(message, text_member(body, "errorMessage"));
    SCHWARM_TRY(variables, set_variables(body));
    out.error_code = std::move(code);
    out.message = std::move(message);
    out.variables = std::move(variables);
    return engine::CommandBody(std::move(out));
}

template <Result<engine::CommandBody> (*Read)(const json::Value&, engine::JobKey)>
void command(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    const auto place = place_param(call, "jobKey", "job");
    if (!place) return answer.problem(place.error());
    auto read = Read(*body, engine::JobKey(place->local));
    if (!read) return answer.problem(read.error());
    carry_out(call, answer, place->case_id, std::move(*read));
}

// --- changes -------------------------------------------------------------------------------

struct Changes {
    std::optional<engine::UpdateJob> update;
    std::optional<std::chrono::milliseconds> lock;
};

Result<Changes> read_changes(const json::Value& body, engine::JobKey job) {
    const auto* member = body.find("changeset");
    if (member == nullptr || !member->is_object()) {
        return fail(ErrorCode::invalid_input, "this must be an object", "changeset");
    }
    SCHWARM_TRY(retries, whole_member(*member, "retries", 1, INT32_MAX));
    SCHWARM_TRY(priority, whole_member(*member, "priority", INT32_MIN, INT32_MAX));
    SCHWARM_TRY(lock, whole_member(*member, "timeout", 1, kLongestTime));
    Changes out;
    if (retries || priority) {
        out.update = engine::UpdateJob{job, {}, {}};
        if (retries) out.update->retries = static_cast<std::uint32_t>(*retries);
        if (priority) out.update->priority = static_cast<std::int32_t>(*priority);
    }
    if (lock) out.lock = std::chrono::milliseconds(*lock);
    if (!out.update && !out.lock) {
        return fail(ErrorCode::invalid_input, "one of retries, timeout and priority must be given",
                    "changeset");
    }
    return out;
}

void update(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    const auto place = place_param(call, "jobKey", "job");
    if (!place) return answer.problem(place.error());
    const engine::JobKey job(place->local);
    auto changes = read_changes(*body, job);
    if (!changes) return answer.problem(changes.error());
    if (!changes->lock) {
        return carry_out(call, answer, place->case_id, std::move(*changes->update));
    }
    std::optional<engine::Command> then;
    if (changes->update) {
        auto made = command_of(call, std::move(*changes->update));
        if (!made) return answer.problem(made.error());
        then = std::move(*made);
    }
    auto& runtime = call.api.runtime;
    runtime.update_job_timeout(
        call.tenant(), place->case_id, job, *changes->lock,
        [answer, &runtime, tenant = call.tenant(), id = place->case_id,
         then = std::move(then)](const Result<void>& done) {
            if (!done) return answer.problem(done.error());
            if (!then) return answer.empty();
            runtime.submit({tenant, id, *then, {}},
                           [answer](const Result<runtime::Reply>& updated) {
                               if (!updated) return answer.problem(shown_refusal(updated.error()));
                               answer.empty();
                           });
        });
}

using http::Method;
constexpr auto kWork = app::Action::work_jobs;
constexpr std::array kRoutes = {
    Route{Method::post, "/jobs/activation", "activateJobs", kTag,
          "Lock jobs of a type; without any, wait for the first", kWork, activate,
          "JobActivationRequest", "JobActivationResult"},
    Route{Method::post, "/jobs/{jobKey}/completion", "completeJob", kTag, "A job is done", kWork,
          command<read_completion>, "JobCompletionRequest", "", 204},
    Route{Method::post, "/jobs/{jobKey}/failure", "failJob", kTag,
          "A job failed; without retries left it makes an incident", kWork, command<read_failure>,
          "JobFailRequest", "", 204},
    Route{Method::post, "/jobs/{jobKey}/error", "throwJobError", kTag, "Throw a BPMN error", kWork,
          command<read_error>, "JobErrorRequest", "", 204},
    Route{Method::patch, "/jobs/{jobKey}", "updateJob", kTag,
          "Change retries, the end of the lock, or the priority", kWork, update, "JobUpdateRequest",
          "", 204},
};

}  // namespace

std::span<const Route> job_command_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
