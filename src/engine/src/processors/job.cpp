#include "behaviors/execution_listeners.hpp"
#include "behaviors/task_listeners.hpp"
#include "elements/elements.hpp"
#include "processors/processors.hpp"

namespace schwarm::engine::processors {
namespace {

// The open job, or why there is none.
Result<Job> open_job(const Transition& t, JobKey key) {
    const Job* job = t.state().job(key);
    if (job == nullptr) {
        return fail(ErrorCode::not_found,
                    "there is no job " + std::to_string(key.value()) + " in this case");
    }
    if (job->status != JobStatus::open) {
        return fail(ErrorCode::conflict, "the job has failed; its incident must be resolved");
    }
    if (job->type == kEvidenceJob && !t.actor().starts_with(kHostActor)) {
        return fail(ErrorCode::conflict,
                    "the node itself works jobs of the type '" + job->type + "'");
    }
    return *job;
}

bool corrects(const TaskCorrections& c) {
    return c.assignee || c.candidate_groups || c.candidate_users || c.due || c.follow_up ||
           c.priority;
}

// What only other kinds of job can answer.
Rejection check_result(JobKind kind, const JobResult& result) {
    const bool task =
        result.denied || !result.denied_reason.empty() || corrects(result.corrections);
    const bool ad_hoc = !result.activate_elements.empty() ||
                        result.completion_condition_fulfilled || result.cancel_remaining_instances;
    if (task && kind != JobKind::task_listener) {
        return fail(ErrorCode::invalid_input,
                    "only the listener of a user task can deny or correct something");
    }
    if (ad_hoc && kind != JobKind::ad_hoc_sub_process) {
        return fail(ErrorCode::invalid_input,
                    "only the job of an ad-hoc subprocess can activate elements");
    }
    return std::nullopt;
}

}  // namespace

Rejection process(Transition& t, const CompleteJob& command) {
    const auto job = open_job(t, command.job);
    if (job.has_error()) return job.error();
    if (auto rejection = check_size(t, command.variables)) return rejection;
    if (auto rejection = check_result(job->kind, command.result)) return rejection;
    switch (job->kind) {
        case JobKind::execution_listener:
            execution_listeners::completed(t, *job, command.variables);
            break;
        case JobKind::task_listener:
            return task_listeners::completed(t, *job, command);
        case JobKind::ad_hoc_sub_process:
            return elements::complete_ad_hoc_job(t, *job, command);
        case JobKind::bpmn_element:
            t.emit(JobCompletedV1{command.job});
            t.finish(job->element, command.variables);
            break;
    }
    return std::nullopt;
}

Rejection process(Transition& t, const FailJob& command) {
    const auto job = open_job(t, command.job);
    if (job.has_error()) return job.error();
    if (auto rejection = check_size(t, command.variables)) return rejection;
    if (!command.variables.empty()) t.emit(VariablesSetV1{job->element, command.variables});
    std::optional<Instant> not_before;
    if (command.backoff.count() > 0) not_before = t.now() + command.backoff;
    t.emit(JobFailedV1{command.job, command.retries, command.message, not_before});
    if (command.retries == 0) {
        t.raise(
            job->element,
            {IncidentKind::job_no_retries,
             command.message.empty() ? "the job failed and has no retries left" : command.message,
             command.job},
            ElementPhase::active);
    }
    return std::nullopt;
}

Rejection process(Transition& t, const ThrowError& command) {
    const auto job = open_job(t, command.job);
    if (job.has_error()) return job.error();
    if (job->kind == JobKind::execution_listener || job->kind == JobKind::task_listener) {
        return fail(ErrorCode::invalid_input, "a listener cannot throw a BPMN error");
    }
    if (command.error_code.empty()) {
        return fail(ErrorCode::invalid_input, "the error has no code");
    }
    if (auto rejection = check_size(t, command.variables)) return rejection;
    t.emit(ErrorThrownV1{job->element, command.error_code, command.message});
    if (!elements::throw_error(t, job->element, command.error_code, command.variables)) {
        t.raise(job->element,
                {IncidentKind::unhandled_error,
                 "nobody catches the error '" + command.error_code + "'" +
                     (command.message.empty() ? "" : ": " + command.message),
                 command.job},
                ElementPhase::active);
    }
    return std::nullopt;
}

Rejection process(Transition& t, const UpdateJob& command) {
    const Job* job = t.state().job(command.job);
    if (job == nullptr) {
        return fail(ErrorCode::not_found,
                    "there is no job " + std::to_string(command.job.value()) + " in this case");
    }
    if (!command.retries && !command.priority) {
        return fail(ErrorCode::invalid_input, "nothing of the job is to be changed");
    }
    if (command.retries == 0U) {
        return fail(ErrorCode::invalid_input, "the job needs at least one retry");
    }
    t.emit(JobUpdatedV1{command.job, command.retries.value_or(job->retries),
                        command.priority.value_or(job->priority)});
    return std::nullopt;
}

}  // namespace schwarm::engine::processors
