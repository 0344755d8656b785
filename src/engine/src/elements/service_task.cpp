// Service task, and everything else that is worked as a job (zeebe:taskDefinition): waits for a
// worker. Types that begin with "schwarm:" are worked at once by a pure function of the host.
#include <map>

#include "behaviors/expressions.hpp"
#include "behaviors/variable_mapping.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_job(Transition& t, const Active& at) {
    const auto& job = *at.node->details.job;
    auto type = expressions::text(t, job.type, at.key, "the job type of '" + at.node->id + "'");
    if (type.has_error()) return type.error();
    if (type->starts_with("schwarm:") && *type != kEvidenceJob)
        return run_inline_task(t, at, *type);
    const auto retries =
        expressions::number(t, job.retries, at.key, "the retries of '" + at.node->id + "'", 3);
    if (retries.has_error()) return retries.error();
    const auto priority = expressions::number(t, job.priority, at.key,
                                              "the job priority of '" + at.node->id + "'", 0);
    if (priority.has_error()) return priority.error();
    const bool ad_hoc = at.node->kind == bpmn::NodeKind::ad_hoc_sub_process;
    if (!ad_hoc && *priority == 0) {
        t.emit(JobCreatedV1{t.new_key<JobKey>(), at.key, std::move(*type), *retries});
        return std::nullopt;
    }
    t.emit(JobCreatedV2{t.new_key<JobKey>(),
                        at.key,
                        std::move(*type),
                        *retries,
                        ad_hoc ? JobKind::ad_hoc_sub_process : JobKind::bpmn_element,
                        {},
                        static_cast<std::int32_t>(*priority)});
    return std::nullopt;
}

MaybeFailure run_inline_task(Transition& t, const Active& at, const std::string& type) {
    const InlineTask* task = t.definitions().inline_tasks.find(type);
    if (task == nullptr) {
        return Failure{IncidentKind::inline_task, "there is no task type '" + type + "'", {}};
    }
    std::map<std::string, feel::Value, std::less<>> headers;
    for (const bpmn::Header& header : at.node->details.headers) {
        headers.insert_or_assign(header.key, expressions::evaluate(t, header.value, at.key));
    }
    const ScopeView view(t.state(), at.key);
    const Variables local = t.state().element(at.key)->variables;
    const TenantId tenant = t.state().tenant;
    auto done = (*task)(InlineCall{view, local, headers, t.now(), t.state().id, tenant, at.key,
                                   t.definitions().settings});
    if (done.has_error()) {
        return Failure{IncidentKind::inline_task,
                       "'" + type + "' at '" + at.node->id + "': " + done.error().message,
                       {}};
    }
    const std::size_t most = t.definitions().limits.variables_bytes_max;
    if (variable_mapping::size_of(done->variables, most + 1) > most) {
        return Failure{IncidentKind::variables_limit,
                       "'" + type + "' gave more than " + std::to_string(most) + " bytes",
                       {}};
    }
    for (NewDocument& document : done->documents) {
        t.emit(DocumentStoredV1{DocumentId(t.state().next_document), at.key,
                                std::move(document.document), std::move(document.title), t.now(),
                                std::move(document.data)});
    }
    for (NewEffect& effect : done->effects) t.request_effect(at.key, std::move(effect));
    if (done->archive_until) t.emit(CaseArchivedV1{t.now(), *done->archive_until});
    t.finish(at.key, done->variables);
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
