#include "schwarm/engine/state.hpp"

#include <algorithm>

namespace schwarm::engine {
namespace {

template <class T, class K, class Field>
const T* find_by(const std::vector<T>& items, K key, Field field) {
    const auto at = std::lower_bound(items.begin(), items.end(), key,
                                     [field](const T& a, K k) { return a.*field < k; });
    return at != items.end() && (*at).*field == key ? &*at : nullptr;
}

bool same(const ElementInstance& a, const ElementInstance& b) {
    const bool loops =
        (a.loop == nullptr) == (b.loop == nullptr) && (a.loop == nullptr || *a.loop == *b.loop);
    return a.key == b.key && a.scope == b.scope && a.definition == b.definition &&
           a.node == b.node && a.phase == b.phase && a.loop_counter == b.loop_counter &&
           a.children == b.children && a.via == b.via && a.inner == b.inner &&
           a.listeners == b.listeners && loops && a.variables == b.variables;
}

bool same(const Document& a, const Document& b) {
    return a.id == b.id && a.element == b.element && a.document == b.document &&
           a.title == b.title && a.created == b.created && a.data == b.data;
}

template <class T>
bool all_same(const std::vector<T>& a, const std::vector<T>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const T& x, const T& y) { return same(x, y); });
}

}  // namespace

bool LoopState::operator==(const LoopState& other) const {
    return items == other.items && outputs == other.outputs && next == other.next &&
           finished == other.finished;
}

const ElementInstance* CaseState::element(ElementKey key) const {
    return find_by(elements, key, &ElementInstance::key);
}
const UserTask* CaseState::user_task(ElementKey key) const {
    return find_by(user_tasks, key, &UserTask::key);
}
const Timer* CaseState::timer(TimerKey key) const {
    return find_by(timers, key, &Timer::key);
}
const Subscription* CaseState::subscription(SubscriptionKey key) const {
    return find_by(subscriptions, key, &Subscription::key);
}
const Job* CaseState::job(JobKey key) const {
    return find_by(jobs, key, &Job::key);
}
const Incident* CaseState::incident(IncidentKey key) const {
    return find_by(incidents, key, &Incident::key);
}
const Document* CaseState::document(DocumentId wanted) const {
    return find_by(documents, wanted, &Document::id);
}

const feel::Value* CaseState::variable(ElementKey scope, std::string_view name) const {
    while (const ElementInstance* at = element(scope)) {
        if (at->scope == ElementKey()) break;
        if (const feel::Value* found = at->variables.find(name)) return found;
        // A called process does not see the variables of its caller.
        if (at->node == bpmn::kProcessNode) return nullptr;
        scope = at->scope;
    }
    return variables.find(name);
}

const TaskAction* CaseState::task_action(ElementKey task) const {
    return find_by(task_actions, task, &TaskAction::task);
}

bool CaseState::has_seen(std::string_view command_id) const {
    return !command_id.empty() && std::find(recent_commands.begin(), recent_commands.end(),
                                            command_id) != recent_commands.end();
}

bool operator==(const CaseState& a, const CaseState& b) {
    return a.id == b.id && a.tenant == b.tenant && a.status == b.status &&
           a.started_by == b.started_by && a.created == b.created && a.changed == b.changed &&
           a.ended == b.ended && a.next_key == b.next_key && a.next_document == b.next_document &&
           a.business_id == b.business_id && a.tags == b.tags && a.definitions == b.definitions &&
           a.definition == b.definition && all_same(a.elements, b.elements) &&
           a.variables == b.variables && a.waiting == b.waiting && a.user_tasks == b.user_tasks &&
           a.timers == b.timers && a.subscriptions == b.subscriptions && a.held == b.held &&
           a.jobs == b.jobs && a.incidents == b.incidents && all_same(a.documents, b.documents) &&
           a.decisions == b.decisions && a.milestones == b.milestones &&
           a.compensables == b.compensables && a.gateway_resets == b.gateway_resets &&
           a.task_actions == b.task_actions && a.recent_commands == b.recent_commands &&
           a.archived == b.archived && a.retention_until == b.retention_until;
}

std::string_view name_of(CaseStatus status) {
    switch (status) {
        case CaseStatus::none:
            return "none";
        case CaseStatus::active:
            return "active";
        case CaseStatus::completed:
            return "completed";
        case CaseStatus::cancelled:
            return "cancelled";
    }
    return "unknown";
}

std::string_view name_of(SubscriptionKind kind) {
    switch (kind) {
        case SubscriptionKind::message:
            return "message";
        case SubscriptionKind::signal:
            return "signal";
        case SubscriptionKind::condition:
            return "condition";
    }
    return "unknown";
}

std::string_view name_of(JobKind kind) {
    switch (kind) {
        case JobKind::bpmn_element:
            return "bpmn_element";
        case JobKind::execution_listener:
            return "execution_listener";
        case JobKind::task_listener:
            return "task_listener";
        case JobKind::ad_hoc_sub_process:
            return "ad_hoc_sub_process";
    }
    return "unknown";
}

std::string_view name_of(IncidentKind kind) {
    switch (kind) {
        case IncidentKind::expression:
            return "expression";
        case IncidentKind::no_flow:
            return "no_flow";
        case IncidentKind::decision:
            return "decision";
        case IncidentKind::job_no_retries:
            return "job_no_retries";
        case IncidentKind::inline_task:
            return "inline_task";
        case IncidentKind::unhandled_error:
            return "unhandled_error";
        case IncidentKind::called_process:
            return "called_process";
        case IncidentKind::step_limit:
            return "step_limit";
        case IncidentKind::variables_limit:
            return "variables_limit";
        case IncidentKind::undelivered:
            return "undelivered";
    }
    return "unknown";
}

}  // namespace schwarm::engine
