// The clerk's side of App: the inbox and the tasks in it.
#include <algorithm>
#include <set>

#include "impl.hpp"
#include "schwarm/services/document.hpp"

namespace schwarm::app {
namespace {

std::vector<Reason> reasons_of(const engine::CaseState& state, ElementKey task) {
    std::vector<Reason> reasons;
    const auto* value = state.variable(task, "gruende");
    if (value == nullptr || !value->is_list()) return reasons;
    for (const auto& item : value->as_list()) {
        if (item.is_context()) {
            reasons.push_back({services::display_text(item.get("text")),
                               services::display_text(item.get("vorschrift"))});
        } else {
            reasons.push_back({services::display_text(item), {}});
        }
    }
    return reasons;
}

std::string element_id_of(const LoadedCase& loaded, ElementKey key) {
    const auto* element = loaded.state.element(key);
    const auto& nodes = loaded.package->process->nodes;
    if (element == nullptr || element->definition != 0 || element->node >= nodes.size()) return {};
    return nodes[element->node].id;
}

TaskEntry entry_of(const LoadedCase& loaded, const engine::UserTask& task,
                   const Principal& principal, forms::Lang lang) {
    TaskEntry entry;
    entry.case_id = loaded.state.id;
    entry.case_number = loaded.number;
    entry.key = task.key;
    entry.element_id = element_id_of(loaded, task.key);
    entry.title = loaded.package->text("task." + entry.element_id, language_of(lang));
    entry.service = loaded.package->id;
    entry.service_title = loaded.package->text("title", language_of(lang));
    entry.tenant = loaded.tenant->id;
    entry.taken = !task.assignee.empty();
    entry.mine = task.assignee == principal.subject;
    entry.groups = task.candidate_groups;
    entry.created = task.created;
    entry.due = task.due;
    return entry;
}

}  // namespace

feel::Value visible_variables(const engine::CaseState& state, ElementKey from) {
    std::vector<const engine::ElementInstance*> scopes;
    for (const auto* element = state.element(from); element != nullptr;
         element = state.element(element->scope)) {
        scopes.push_back(element);
    }
    feel::ContextBuilder all;
    for (const auto& [name, value] : state.variables) all.set(name, value);
    for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
        for (const auto& [name, value] : (*scope)->variables) all.set(name, value);
    }
    return all.build();
}

Result<std::vector<TaskEntry>> App::tasks(const Principal& principal, forms::Lang lang) const {
    SCHWARM_TRY_VOID(decide_access(principal, Action::list_tasks, Object{}));
    std::vector<TaskEntry> entries;
    SCHWARM_TRY(view, impl_->runtime.read(principal.tenant));
    const auto own = view.person_hash(principal.subject);
    std::set<std::pair<CaseId, ElementKey>> seen;
    for (const auto& group : principal.groups) {
        SCHWARM_TRY(page, view.tasks(group, impl_->limits.list_max));
        for (const auto& row : page.rows) {
            if (!seen.emplace(row.case_id, row.key).second) continue;
            const auto case_row = view.case_row(row.case_id);
            if (!case_row) continue;
            const auto package =
                impl_->registry.package_of_definition(case_row->definition.value());
            if (!package) continue;
            TaskEntry entry;
            entry.case_id = row.case_id;
            entry.case_number = impl_->number_of(*package, case_row->created, row.case_id);
            entry.key = row.key;
            entry.element_id = row.element_id;
            entry.title = package->text("task." + row.element_id, language_of(lang));
            entry.service = package->id;
            entry.service_title = package->text("title", language_of(lang));
            entry.tenant = principal.tenant;
            entry.taken = !row.assignee.empty();
            entry.mine = row.assignee == own && !own.empty();
            entry.groups = {group};
            entry.created = row.created;
            entry.due = row.due;
            entries.push_back(std::move(entry));
        }
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const TaskEntry& a, const TaskEntry& b) { return a.created < b.created; });
    if (entries.size() > impl_->limits.list_max) entries.resize(impl_->limits.list_max);
    return entries;
}

Result<TaskView> App::task(const Principal& principal, const TenantId& tenant, CaseId id,
                           ElementKey key, forms::Lang lang) const {
    SCHWARM_TRY(loaded, impl_->load(principal, Action::view_task, tenant, id, key));
    const auto* task = loaded.state.user_task(key);
    if (task == nullptr) return fail(ErrorCode::not_found, "");
    SCHWARM_TRY(view, impl_->runtime.read(tenant));
    TaskView out;
    out.entry = entry_of(loaded, *task, principal, lang);
    out.reasons = reasons_of(loaded.state, key);
    out.form = loaded.package->find_form(task->form_id);
    out.variables = visible_variables(loaded.state, key);
    const auto* antrag = loaded.state.variables.find("antrag");
    if (antrag != nullptr && !loaded.package->started_by_message) {
        forms::Context context;
        context.lang = lang;
        out.application = loaded.package->form().summary(*antrag, context);
    }
    SCHWARM_TRY(documents, documents_of(principal, loaded, view));
    out.documents = std::move(documents);
    out.milestones = milestones_of(loaded, lang);
    SCHWARM_TRY(decisions, decisions_of(loaded, view));
    out.decisions = std::move(decisions);
    out.automation_basis = loaded.package->automation_basis;
    out.package = loaded.package;
    // Who looked at a person's data is kept (Art. 15 DSGVO); the page does not wait for it.
    impl_->runtime.submit_write(
        tenant,
        [who = principal.subject, id](runtime::WriteBatch& batch) {
            return batch.audit(who, "view_task", id, "");
        },
        [](Result<void>) {});
    return out;
}

void App::claim(const Principal& principal, const TenantId& tenant, CaseId id, ElementKey task,
                bool release, Callback<void> done) {
    auto loaded = impl_->load(principal, Action::claim_task, tenant, id, task);
    if (!loaded) return done(loaded.error());
    if (loaded->state.user_task(task) == nullptr) return done(fail(ErrorCode::not_found, ""));
    runtime::Submission submission;
    submission.tenant = tenant;
    submission.case_id = id;
    submission.command.actor = principal.subject;
    engine::AssignUserTask assign;
    assign.task = task;
    if (!release) assign.assignee = principal.subject;
    submission.command.body = std::move(assign);
    impl_->runtime.submit(std::move(submission),
                          [done = std::move(done)](Result<runtime::Reply> reply) {
                              if (reply.has_error()) return done(reply.error());
                              done({});
                          });
}

void App::complete(const Principal& principal, CompleteRequest request,
                   Callback<CompleteReply> done) {
    auto loaded = impl_->load(principal, Action::complete_task, request.tenant, request.case_id,
                              request.task);
    if (!loaded) return done(loaded.error());
    auto command = command_id(principal,
                              "complete " + std::to_string(request.case_id.value()) + " " +
                                  std::to_string(request.task.value()),
                              request.idempotency_key);
    if (!command.empty() && loaded->state.has_seen(command)) return done(CompleteReply{});
    const auto* task = loaded->state.user_task(request.task);
    if (task == nullptr) return done(fail(ErrorCode::not_found, ""));
    auto answers = std::move(request.answers);
    if (const auto* form = loaded->package->find_form(task->form_id)) {
        const auto known = visible_variables(loaded->state, request.task);
        forms::Context context;
        context.lang = request.lang;
        context.known = &known;
        context.clock = &impl_->clock;
        auto judged = form->validate(answers, context);
        if (!judged.ok()) {
            CompleteReply reply;
            reply.field_errors = std::move(judged.errors);
            return done(std::move(reply));
        }
        answers = std::move(judged.cleaned);
    }
    runtime::Submission submission;
    submission.tenant = request.tenant;
    submission.case_id = request.case_id;
    submission.command.id = std::move(command);
    submission.command.actor = principal.subject;
    engine::CompleteUserTask body;
    body.task = request.task;
    body.variables = engine::Variables::from_context(answers);
    // Who has claimed a task keeps it; an unclaimed one may be completed at once.
    body.only_if_assigned_to_actor = !task->assignee.empty();
    submission.command.body = std::move(body);
    impl_->runtime.submit(std::move(submission),
                          [done = std::move(done)](Result<runtime::Reply> reply) {
                              if (reply.has_error()) return done(reply.error());
                              done(CompleteReply{});
                          });
}

}  // namespace schwarm::app
