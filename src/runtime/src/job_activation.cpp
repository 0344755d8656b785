// Locking open jobs for workers, and letting locks end.
#include "schwarm/feel/codec.hpp"

#include "messages.hpp"
#include "signals.hpp"
#include "writer.hpp"

namespace schwarm::runtime {
namespace {

constexpr std::size_t kLocksAtOnce = 256;

JobRow place_in(std::string_view key) {
    storage::KeyReader parts(key.substr(key.size() - 16));
    JobRow row;
    row.case_id = CaseId(parts.number());
    row.key = engine::JobKey(parts.number());
    return row;
}

// The instances around an element, innermost first, without the case itself.
std::vector<const engine::ElementInstance*> scopes_of(const engine::CaseState& state,
                                                      ElementKey element) {
    std::vector<const engine::ElementInstance*> out;
    for (const auto* at = state.element(element); at != nullptr; at = state.element(at->scope)) {
        out.push_back(at);
    }
    return out;
}

feel::Value visible_variables(const engine::CaseState& state,
                              const std::vector<const engine::ElementInstance*>& scopes,
                              const std::vector<std::string>& wanted) {
    engine::Variables out;
    if (!wanted.empty()) {
        for (const std::string& name : wanted) {
            const feel::Value* value = state.variable(scopes.front()->key, name);
            if (value != nullptr) out.set(name, *value);
        }
        return out.to_context();
    }
    out = state.variables;
    for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
        for (const auto& [name, value] : (*scope)->variables) out.set(name, value);
    }
    return out.to_context();
}

std::vector<std::string> changes(const engine::UserTask& from, const engine::UserTask& to) {
    std::vector<std::string> out;
    if (from.assignee != to.assignee) out.emplace_back("assignee");
    if (from.candidate_groups != to.candidate_groups) out.emplace_back("candidateGroups");
    if (from.candidate_users != to.candidate_users) out.emplace_back("candidateUsers");
    if (from.due != to.due) out.emplace_back("dueDate");
    if (from.follow_up != to.follow_up) out.emplace_back("followUpDate");
    if (from.priority != to.priority) out.emplace_back("priority");
    return out;
}

// Of a listener of a user task only.
std::optional<ListenedTask> listened_task(const engine::CaseState& state, const engine::Job& job) {
    const auto* task = state.user_task(job.element);
    const auto* action = state.task_action(job.element);
    if (job.kind != engine::JobKind::task_listener || task == nullptr || action == nullptr) {
        return std::nullopt;
    }
    return ListenedTask{action->proposed, action->action, changes(*task, action->proposed)};
}

// Of a listener: the first one of that event whose type is not written otherwise.
void add_headers(const bpmn::NodeDetails& details, const engine::Job& job, ActivatedJob& out) {
    if (job.kind == engine::JobKind::bpmn_element) {
        for (const auto& header : details.headers) {
            out.headers.emplace_back(header.key, header.value.source);
        }
        return;
    }
    for (const auto* listeners :
         {&details.start_listeners, &details.end_listeners, &details.task_listeners}) {
        for (const bpmn::Listener& listener : *listeners) {
            if (bpmn::name_of(listener.event) != job.listener_event ||
                (listener.type.is_static && listener.type.source != job.type)) {
                continue;
            }
            for (const auto& header : listener.headers) {
                out.headers.emplace_back(header.key, header.value);
            }
            return;
        }
    }
}

}  // namespace

Result<void> Writer::activate(Stage& stage, const JobRequest& request, std::size_t most,
                              std::vector<ActivatedJob>& out) {
    std::size_t bytes = 0;
    std::string from = keys::job_type(stage.tenant(), request.type);
    const std::string to = storage::prefix_end(from);
    // Jobs of cases in quarantine are passed over.
    while (out.size() < most) {
        const std::size_t wanted = most - out.size();
        std::vector<std::string> found;
        SCHWARM_TRY_VOID(stage.view().scan(Space::jobs, {from, to, wanted, false},
                                           [&](std::string_view key, std::string_view) {
                                               found.emplace_back(key);
                                               return true;
                                           }));
        for (const std::string& key : found) {
            const JobRow place = place_in(key);
            SCHWARM_TRY(row, stage.job_row(place.case_id, place.key));
            if (!row || row->until) continue;
            if (!request.service.value().empty() && row->service != request.service) continue;
            SCHWARM_TRY(job, lock_job(stage, request, *row));
            if (!job) continue;
            bytes += feel::encode(job->variables).size();
            out.push_back(std::move(*job));
            if (bytes > options_.activation_bytes_max) return {};
        }
        if (found.size() < wanted) return {};
        from = found.back() + '\0';
    }
    return {};
}

Result<std::optional<ActivatedJob>> Writer::lock_job(Stage& stage, const JobRequest& request,
                                                     const JobRow& row) {
    const auto definitions = environment_.definitions(stage.tenant());
    if (definitions == nullptr) return std::optional<ActivatedJob>();
    if (cache_.find({stage.tenant(), row.case_id}) == nullptr) ++meters_.cases_loaded;
    SCHWARM_TRY(entry, stage.touch_with_state(row.case_id, *definitions));
    const engine::Job* job = entry->state->job(row.key);
    if (entry->record.row.quarantined || job == nullptr) return std::optional<ActivatedJob>();
    const auto scopes = scopes_of(*entry->state, job->element);
    if (scopes.empty()) return std::optional<ActivatedJob>();

    ActivatedJob out;
    out.tenant = stage.tenant();
    out.case_id = row.case_id;
    out.key = row.key;
    out.type = row.type;
    out.element_id = row.element_id;
    out.element = job->element;
    out.kind = job->kind;
    out.listener_event = job->listener_event;
    out.user_task = listened_task(*entry->state, *job);
    out.retries = job->retries;
    out.priority = job->priority;
    out.tags = entry->state->tags;
    out.root_process_instance = entry->state->elements.front().key;
    out.worker = request.worker;
    out.deadline = stage.now() + request.lock;
    out.definition = entry->state->definitions.at(scopes.front()->definition);
    for (const engine::ElementInstance* scope : scopes) {
        if (scope->node == bpmn::kProcessNode) {
            out.process_instance = scope->key;
            break;
        }
    }
    if (const auto* process = definitions->processes.process(out.definition)) {
        out.process_id = process->id;
        add_headers(process->node(scopes.front()->node).details, *job, out);
    }
    out.variables = visible_variables(*entry->state, scopes, request.fetch_variables);

    JobRow locked = row;
    locked.locked = true;
    locked.until = out.deadline;
    locked.worker = request.worker;
    locked.priority = job->priority;
    stage.put_job(locked, &row);
    ++meters_.jobs_activated;
    return std::optional(std::move(out));
}

Result<void> Writer::set_job_lock(Stage& stage, CaseId id, engine::JobKey key,
                                  std::chrono::milliseconds lock) {
    SCHWARM_TRY(row, stage.job_row(id, key));
    if (!row) return fail(ErrorCode::not_found, "there is no such open job");
    if (!row->locked) return fail(ErrorCode::conflict, "nobody holds the job");
    if (lock.count() <= 0) return fail(ErrorCode::invalid_input, "a lock lasts more than 0 ms");
    JobRow longer = *row;
    longer.until = stage.now() + lock;
    stage.put_job(longer, &*row);
    return {};
}

Job Writer::agenda_job(const TenantId& tenant) {
    Job job;
    job.tenant = tenant;
    job.run = [](Writer& writer, Stage& stage) -> Result<Reply> {
        SCHWARM_TRY(locks, writer.end_locks(stage));
        SCHWARM_TRY(messages, MessageDesk(writer, stage, "system:message").expire());
        SCHWARM_TRY(signals, SignalDesk(writer, stage).go_on());
        writer.agenda_[stage.tenant()] = std::min({locks, messages, signals});
        return Reply{};
    };
    job.done = [](Result<Reply>) {};
    return job;
}

Result<Instant> Writer::end_locks(Stage& stage) {
    Instant next = Instant::max();
    std::vector<JobRow> due;
    const std::string prefix = keys::lettered(stage.tenant(), 'L');
    storage::ScanRange range = storage::prefix_range(prefix, kLocksAtOnce);
    SCHWARM_TRY_VOID(
        stage.view().scan(Space::jobs, range, [&](std::string_view key, std::string_view) {
            const Instant until =
                from_sortable(storage::KeyReader(key.substr(prefix.size())).number());
            if (until > stage.now()) {
                next = until;
                return false;
            }
            due.push_back(place_in(key));
            return true;
        }));
    if (due.size() == kLocksAtOnce) next = stage.now();
    for (const JobRow& place : due) {
        SCHWARM_TRY(row, stage.job_row(place.case_id, place.key));
        if (!row) continue;
        JobRow free = *row;
        free.locked = false;
        free.until.reset();
        stage.put_job(free, &*row);
    }
    return next;
}

}  // namespace schwarm::runtime
