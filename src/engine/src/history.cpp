#include "schwarm/engine/history.hpp"

#include <algorithm>

#include "history_book.hpp"

namespace schwarm::engine {
namespace {

using history::kNone;
using history::Part;

class Historian : private history::Book {
  public:
    Historian(std::span<const Event> events, const ProcessProvider& processes)
        : Book(events.size(), processes), events_(events) {}

    CaseHistory run() {
        for (const Event& event : events_) {
            std::visit([this](const auto& record) { on(record); }, event);
        }
        return std::move(out_);
    }

  private:
    // They say nothing about the lists of a history. There is no overload for the rest on purpose:
    // a new record does not compile until it is decided what it means here.
    void on(const CaseArchivedV1&) {}
    void on(const ElementPhaseChangedV1&) {}
    void on(const TokenWaitingV1&) {}
    void on(const TokensDiscardedV1&) {}
    void on(const MilestoneReachedV1&) {}
    void on(const LoopStartedV1&) {}
    void on(const LoopAdvancedV1&) {}
    void on(const DocumentStoredV1&) {}
    void on(const EffectRequestedV1&) {}
    void on(const TriggerHeldV1&) {}
    void on(const TriggersReleasedV1&) {}
    void on(const EscalationThrownV1&) {}
    void on(const ListenersDoneV1&) {}
    void on(const CompensableV1&) {}
    void on(const CompensationTriggeredV1&) {}
    void on(const CompensationStartedV1&) {}  // element_activated goes before it
    void on(const CompensableMigratedV1&) {}
    void on(const GatewayActivatedV1&) {}
    void on(const GatewayResetV1&) {}

    void on(const CommandAcceptedV1& e) {
        now_ = e.at;
        actor_ = &e.actor;
    }

    void on(const CaseCreatedV1& e) {
        out_.id = e.id;
        out_.tenant = e.tenant;
        out_.status = CaseStatus::active;
        out_.started_by = e.started_by;
        use(e.definition);
        add_element(e.element, {}, 0, bpmn::kProcessNode, 0);
    }
    void on(const CaseEndedV1& e) { out_.status = e.status; }
    void on(const CaseLabelledV1& e) {
        out_.business_id = e.business_id;
        out_.tags = e.tags;
    }
    void on(const DefinitionUsedV1& e) { use(e.definition); }

    void on(const ElementActivatedV1& e) {
        add_element(e.key, e.scope, e.definition, e.node, e.loop_counter);
    }
    void on(const AdHocActivatedV1& e) {
        HistoricElement& element =
            out_.elements[add_element(e.key, e.scope, e.definition, e.node, 0)];
        element.inner = true;
        element.multi_instance_body = false;
    }
    void on(const ElementPassedV1& e) {
        const std::uint32_t i = add_element(e.key, e.scope, e.definition, e.node, 0);
        HistoricElement& element = out_.elements[i];
        element.multi_instance_body = false;
        element.state = HistoryState::completed;
        element.end = now_;
        take(element.process_instance, e.definition, e.flows);
    }
    void on(const ElementCompletedV1& e) {
        const std::uint32_t i = place(e.key);
        take(out_.elements[i].process_instance, notes_[i].definition, e.flows);
        end_element(i, HistoryState::completed);
    }
    void on(const ElementTerminatedV1& e) { end_element(place(e.key), HistoryState::terminated); }

    void on(const VariablesSetV1& e) {
        const ElementKey scope = e.scope == ElementKey() ? out_.elements.at(0).key : e.scope;
        const ElementKey instance = out_.elements[place(scope)].process_instance;
        for (const Variables::Entry& entry : e.variables) {
            const auto [at, added] =
                variables_.try_emplace({scope, entry.name.text()}, out_.variables.size());
            if (added) {
                out_.variables.push_back({out_.variables.size() + 1, scope, instance,
                                          std::string(entry.name.text()), entry.value, now_});
                continue;
            }
            out_.variables[at->second].value = entry.value;
            out_.variables[at->second].changed = now_;
        }
    }

    void on(const UserTaskCreatedV1& e) {
        const std::uint32_t i = place(e.task.key);
        const HistoricElement& at = out_.elements[i];
        notes_[i].task = size(out_.user_tasks);
        HistoricUserTask task;
        task.task = e.task;
        task.process_instance = at.process_instance;
        task.definition = at.definition;
        task.element_id = at.element_id;
        task.name = at.name;
        out_.user_tasks.push_back(std::move(task));
    }
    void on(const UserTaskChangedV1& e) { task_of(e.task.key).task = e.task; }
    void on(const UserTaskAssignedV1& e) { task_of(e.key).task.assignee = e.assignee; }
    void on(const UserTaskUpdatedV1& e) {
        UserTask& task = task_of(e.key).task;
        task.candidate_groups = e.candidate_groups;
        task.candidate_users = e.candidate_users;
        task.due = e.due;
        task.follow_up = e.follow_up;
        task.priority = e.priority;
    }
    void on(const UserTaskCompletedV1& e) {
        HistoricUserTask& task = task_of(e.key);
        task.state = HistoricTaskState::completed;
        task.end = now_;
        // With listeners, who wanted it is known already; this actor is the worker of the last one.
        if (task.completed_by.empty() && actor_ != nullptr) task.completed_by = *actor_;
    }
    void on(const TaskActionBegunV1& e) {
        HistoricUserTask& task = task_of(e.task);
        task.pending = e.event;
        task.denied_reason.clear();
        if (e.event == bpmn::ListenerEvent::completing && actor_ != nullptr) {
            task.completed_by = *actor_;
        }
    }
    void on(const TaskListenerDoneV1& e) { last_task_listener(e.task).denied = false; }
    void on(const TaskActionEndedV1& e) {
        HistoricUserTask& task = task_of(e.task);
        task.pending.reset();
        if (!e.denied) return;
        task.denied_reason = e.reason;
        task.completed_by.clear();
        HistoricJob& job = last_task_listener(e.task);
        job.denied = true;
        job.denied_reason = e.reason;
    }

    void on(const TimerArmedV1& e) {
        const TimerV1& t = e.timer;
        add_timer({t.key, t.host, t.definition, t.node, t.due, t.repetitions, t.cycle, 0});
    }
    void on(const TimerArmedV2& e) { add_timer(e.timer); }
    void on(const TimerFiredV1& e) {
        end_timer(out_.timers[part(e.key.value())], HistoricTimerState::fired);
    }
    void on(const TimerCancelledV1& e) {
        end_timer(out_.timers[part(e.key.value())], HistoricTimerState::cancelled);
    }

    void on(const SubscriptionOpenedV1& e) {
        const SubscriptionV1& s = e.subscription;
        add_subscription({s.key, s.host, s.definition, s.node, s.message_name, s.correlation_key,
                          SubscriptionKind::message, 0});
    }
    void on(const SubscriptionOpenedV2& e) { add_subscription(e.subscription); }
    void on(const SubscriptionTriggeredV1& e) {
        HistoricSubscription& s = out_.subscriptions[part(e.key.value())];
        s.state = HistoricSubscriptionState::correlated;
        s.open = !e.consumed;
        s.changed = now_;
    }
    void on(const MessageCorrelatedV1& e) {
        HistoricSubscription& s = out_.subscriptions[part(e.key.value())];
        s.state = HistoricSubscriptionState::correlated;
        s.open = !e.consumed;
        s.changed = now_;
        out_.correlations.push_back({e.key, s.subscription.host, s.process_instance, s.definition,
                                     s.element_id, e.name, s.subscription.correlation_key, now_});
    }
    void on(const SubscriptionClosedV1& e) { close(out_.subscriptions[part(e.key.value())]); }

    void on(const JobCreatedV1& e) { add_job(e.key, e.element, e.type, e.retries); }
    void on(const JobCreatedV2& e) {
        HistoricJob& job = add_job(e.key, e.element, e.type, e.retries);
        job.kind = e.kind;
        job.listener_event = e.listener_event;
        job.priority = e.priority;
    }
    void on(const JobCancelledV1& e) {
        HistoricJob& job = out_.jobs[part(e.key.value())];
        end_job(job);
        end_incidents_of(job);
    }
    void on(const JobCompletedV1& e) {
        HistoricJob& job = change_job(e.key, HistoricJobState::completed);
        job.failed_with_retries_left = false;
        job.end = now_;
    }
    void on(const JobFailedV1& e) {
        HistoricJob& job = change_job(e.key, HistoricJobState::failed);
        job.retries = e.retries;
        job.failed_with_retries_left = e.retries > 0;
        job.error_message = e.message;
    }
    void on(const JobRetriesSetV1& e) {
        change_job(e.key, HistoricJobState::retries_updated).retries = e.retries;
    }
    void on(const JobUpdatedV1& e) {
        HistoricJob& job = out_.jobs[part(e.key.value())];
        if (job.retries != e.retries) job.state = HistoricJobState::retries_updated;
        job.retries = e.retries;
        job.priority = e.priority;
        job.changed = now_;
    }
    void on(const ErrorThrownV1& e) {
        for (std::uint32_t a = notes_[place(e.element)].attached; a != kNone;
             a = attached_[a].next) {
            if (attached_[a].part != Part::job) continue;
            HistoricJob& job = out_.jobs[attached_[a].index];
            if (job.end) continue;
            job.state = HistoricJobState::error_thrown;
            job.error_code = e.code;
            job.error_message = e.message;
            job.changed = now_;
        }
    }

    void on(const IncidentCreatedV1& e) {
        const Incident& i = e.incident;
        attach(i.element, Part::incident, i.key.value(), size(out_.incidents));
        const HistoricElement& at = out_.elements[place(i.element)];
        out_.incidents.push_back({i.key,
                                  at.process_instance,
                                  i.element,
                                  at.definition,
                                  at.element_id,
                                  i.kind,
                                  i.reason,
                                  i.job,
                                  i.created,
                                  {}});
        count_incident(i.element, true);
        update_incident(place(i.element));
    }
    void on(const IncidentResolvedV1& e) {
        HistoricIncident& incident = out_.incidents[part(e.key.value())];
        incident.resolved = now_;
        count_incident(incident.element, false);
        update_incident(place(incident.element));
    }

    void on(const DecisionEvaluatedV1& e) {
        const HistoricElement& at = out_.elements[place(e.element)];
        out_.decisions.push_back({out_.decisions.size() + 1, e.element, at.process_instance,
                                  at.definition, at.element_id, e.decision_id, e.version, e.inputs,
                                  e.output, e.explanation, e.at});
    }

    void on(const ProcessMigratedV1& e) {
        const std::uint32_t i = place(e.key);
        migrate(i, e.definition, bpmn::kProcessNode);
        out_.processes[process_index_.at(e.key.value())].definition = out_.elements[i].definition;
    }
    void on(const ElementMigratedV1& e) { migrate(place(e.key), e.definition, e.node); }
    void on(const TimerMigratedV1& e) {
        HistoricTimer& timer = out_.timers[part(e.key.value())];
        timer.timer.definition = e.definition;
        timer.timer.node = e.node;
        locate(timer, e.definition, e.node);
    }
    void on(const SubscriptionMigratedV1& e) {
        HistoricSubscription& s = out_.subscriptions[part(e.key.value())];
        s.subscription.definition = e.definition;
        s.subscription.node = e.node;
        locate(s, e.definition, e.node);
    }

    std::span<const Event> events_;
};

template <class T>
const T* by_key(const std::vector<T>& items, ElementKey key) {
    const auto at = std::lower_bound(items.begin(), items.end(), key,
                                     [](const T& item, ElementKey k) { return item.key < k; });
    return at != items.end() && at->key == key ? &*at : nullptr;
}

}  // namespace

const HistoricElement* CaseHistory::element(ElementKey key) const {
    return by_key(elements, key);
}
const HistoricProcess* CaseHistory::process(ElementKey key) const {
    return by_key(processes, key);
}

CaseHistory project_history(std::span<const Event> events, const ProcessProvider& processes) {
    return Historian(events, processes).run();
}

}  // namespace schwarm::engine
