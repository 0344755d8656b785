#include "schwarm/engine/history.hpp"

#include <algorithm>
#include <unordered_map>

#include "schwarm/base/check.hpp"

namespace schwarm::engine {
namespace {

constexpr std::uint32_t kNone = 0xffffffffU;

// What hangs on an element and ends with it; a list through `next`.
enum class Part : std::uint8_t { incident, job, subscription, timer };
struct Attached {
    Part part = Part::job;
    std::uint32_t index = 0;
    std::uint32_t next = kNone;
};

struct ElementNote {
    std::uint32_t attached = kNone;
    std::uint32_t task = kNone;
    std::uint16_t definition = 0;
};

struct FlowKey {
    ElementKey process_instance;
    std::uint16_t definition = 0;
    bpmn::FlowIndex flow = 0;
    bool operator==(const FlowKey&) const = default;
};
struct VariableKey {
    ElementKey scope;
    std::string_view name;  // of an event, which outlives the projection
    bool operator==(const VariableKey&) const = default;
};
std::size_t mixed(std::size_t a, std::size_t b) {
    return a ^ (b + 0x9e3779b97f4a7c15ULL + (a << 6) + (a >> 2));
}
struct Hash {
    std::size_t operator()(const FlowKey& k) const {
        return mixed(mixed(k.process_instance.value(), k.definition), k.flow);
    }
    std::size_t operator()(const VariableKey& k) const {
        return mixed(k.scope.value(), std::hash<std::string_view>()(k.name));
    }
};

class Historian {
  public:
    Historian(std::span<const Event> events, const ProcessProvider& processes)
        : events_(events), provider_(processes) {
        out_.elements.reserve(events.size() / 2);
        notes_.reserve(events.size() / 2);
        attached_.reserve(events.size() / 4);
        places_.reserve(events.size());
    }

    CaseHistory run() {
        for (const Event& event : events_) {
            std::visit([this](const auto& record) { on(record); }, event);
        }
        return std::move(out_);
    }

  private:
    // Records that say nothing about the lists of a history.
    template <class Record>
    void on(const Record&) {}

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
        element.multi_instance_body = false;
        element.inner = true;
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
    void on(const UserTaskAssignedV1& e) { task_of(e.key).task.assignee = e.assignee; }
    void on(const UserTaskUpdatedV1& e) {
        UserTask& task = task_of(e.key).task;
        task.candidate_groups = e.candidate_groups;
        task.candidate_users = e.candidate_users;
        task.due = e.due;
        task.follow_up = e.follow_up;
        task.priority = e.priority;
    }
    void on(const UserTaskChangedV1& e) { task_of(e.task.key).task = e.task; }
    void on(const UserTaskCompletedV1& e) {
        HistoricUserTask& task = task_of(e.key);
        task.state = HistoricTaskState::completed;
        task.end = now_;
        if (actor_ != nullptr) task.completed_by = *actor_;
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
        HistoricJob& job = change_job(e.key, HistoricJobState::canceled);
        job.end = now_;
        const std::uint32_t i = place(job.element);
        for (std::uint32_t a = notes_[i].attached; a != kNone; a = attached_[a].next) {
            if (attached_[a].part != Part::incident) continue;
            HistoricIncident& incident = out_.incidents[attached_[a].index];
            if (incident.job != e.key || incident.resolved) continue;
            incident.resolved = now_;
            count_incident(incident.element, false);
        }
        update_incident(i);
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

    void add_timer(Timer armed) {
        attach(armed.host, Part::timer, armed.key.value(), size(out_.timers));
        HistoricTimer timer;
        timer.process_instance = out_.elements[place(armed.host)].process_instance;
        locate(timer, armed.definition, armed.node);
        timer.timer = std::move(armed);
        timer.created = now_;
        out_.timers.push_back(std::move(timer));
    }
    void add_subscription(Subscription opened) {
        attach(opened.host, Part::subscription, opened.key.value(), size(out_.subscriptions));
        HistoricSubscription subscription;
        subscription.process_instance = out_.elements[place(opened.host)].process_instance;
        locate(subscription, opened.definition, opened.node);
        subscription.subscription = std::move(opened);
        subscription.created = now_;
        subscription.changed = now_;
        out_.subscriptions.push_back(std::move(subscription));
    }

    template <class T>
    static std::uint32_t size(const std::vector<T>& items) {
        return static_cast<std::uint32_t>(items.size());
    }
    // Where the element or part with this key stands in its list.
    std::uint32_t part(std::uint64_t key) const {
        const auto found = places_.find(key);
        CHECK(found != places_.end(), "the history has no key " + std::to_string(key));
        return found->second;
    }
    std::uint32_t place(ElementKey key) const { return part(key.value()); }

    void use(const DefinitionKey& key) {
        definitions_.push_back(key);
        models_.push_back(provider_.process(key));
    }
    const bpmn::Node* node(std::uint16_t definition, bpmn::NodeIndex index) const {
        CHECK(definition < models_.size(), "the history has no such definition");
        const bpmn::Process* in = models_[definition];
        return in != nullptr && index < in->nodes.size() ? &in->node(index) : nullptr;
    }
    template <class Row>
    void locate(Row& row, std::uint16_t definition, bpmn::NodeIndex index) const {
        const bpmn::Node* at = node(definition, index);
        row.definition = definitions_[definition];
        row.element_id = at == nullptr ? std::string() : at->id;
    }

    void describe(std::uint32_t i, std::uint16_t definition, bpmn::NodeIndex index) {
        HistoricElement& element = out_.elements[i];
        notes_[i].definition = definition;
        locate(element, definition, index);
        const bpmn::Node* at = node(definition, index);
        element.name = at == nullptr ? std::string() : at->name;
        element.kind = at == nullptr ? bpmn::NodeKind::task : at->kind;
        if (index == bpmn::kProcessNode) element.kind = bpmn::NodeKind::process;
        element.multi_instance_body =
            at != nullptr && at->has_loop && element.loop_counter == 0 && !element.inner;
    }

    std::uint32_t add_element(ElementKey key, ElementKey scope, std::uint16_t definition,
                              bpmn::NodeIndex index, std::uint32_t loop_counter) {
        const std::uint32_t i = size(out_.elements);
        out_.elements.emplace_back();
        notes_.emplace_back();
        HistoricElement& element = out_.elements.back();
        element.key = key;
        element.scope = scope;
        element.loop_counter = loop_counter;
        element.start = now_;
        describe(i, definition, index);
        places_.emplace(key.value(), i);
        ElementKey caller;
        if (scope != ElementKey()) caller = out_.elements[place(scope)].process_instance;
        element.process_instance = index == bpmn::kProcessNode ? key : caller;
        if (index == bpmn::kProcessNode) {
            process_index_.emplace(key.value(), size(out_.processes));
            out_.processes.push_back(
                {key, caller, scope, element.definition, HistoryState::active, now_, {}, 0});
        }
        return i;
    }

    void migrate(std::uint32_t i, std::uint16_t definition, bpmn::NodeIndex index) {
        describe(i, definition, index);
        const HistoricElement& element = out_.elements[i];
        const auto follow = [&element](auto& row) {
            row.definition = element.definition;
            row.element_id = element.element_id;
        };
        for (std::uint32_t a = notes_[i].attached; a != kNone; a = attached_[a].next) {
            const Attached& at = attached_[a];
            if (at.part == Part::job && !out_.jobs[at.index].end) follow(out_.jobs[at.index]);
            if (at.part == Part::incident && !out_.incidents[at.index].resolved) {
                follow(out_.incidents[at.index]);
            }
        }
        if (notes_[i].task == kNone) return;
        HistoricUserTask& task = out_.user_tasks[notes_[i].task];
        follow(task);
        task.name = element.name;
    }

    void attach(ElementKey host, Part kind, std::uint64_t key, std::uint32_t index) {
        ElementNote& note = notes_[place(host)];
        attached_.push_back({kind, index, note.attached});
        note.attached = size(attached_) - 1;
        places_.emplace(key, index);
    }

    void end_element(std::uint32_t i, HistoryState state) {
        for (std::uint32_t a = notes_[i].attached; a != kNone; a = attached_[a].next) {
            const Attached& at = attached_[a];
            switch (at.part) {
                case Part::incident:
                    if (HistoricIncident& incident = out_.incidents[at.index]; !incident.resolved) {
                        incident.resolved = now_;
                        count_incident(incident.element, false);
                    }
                    break;
                case Part::job:
                    if (HistoricJob& job = out_.jobs[at.index]; !job.end) {
                        job.end = now_;
                        job.changed = now_;
                        if (job.state != HistoricJobState::error_thrown) {
                            job.state = HistoricJobState::canceled;
                        }
                    }
                    break;
                case Part::subscription:
                    close(out_.subscriptions[at.index]);
                    break;
                case Part::timer:
                    end_timer(out_.timers[at.index], HistoricTimerState::cancelled);
                    break;
            }
        }
        HistoricElement& element = out_.elements[i];
        element.incident = {};
        element.state = state;
        element.end = now_;
        if (notes_[i].task != kNone) {
            HistoricUserTask& task = out_.user_tasks[notes_[i].task];
            if (!task.end) {
                task.state = HistoricTaskState::canceled;
                task.end = now_;
            }
        }
        if (element.process_instance != element.key) return;
        HistoricProcess& process = out_.processes[process_index_.at(element.key.value())];
        process.state = state;
        process.end = now_;
    }

    void close(HistoricSubscription& s) {
        if (!s.open) return;
        s.open = false;
        s.state = HistoricSubscriptionState::deleted;
        s.changed = now_;
    }
    void end_timer(HistoricTimer& timer, HistoricTimerState state) {
        if (timer.end) return;
        timer.state = state;
        timer.end = now_;
    }

    HistoricUserTask& task_of(ElementKey key) {
        return out_.user_tasks.at(notes_[place(key)].task);
    }
    HistoricJob& add_job(JobKey key, ElementKey element, const std::string& type,
                         std::uint32_t retries) {
        attach(element, Part::job, key.value(), size(out_.jobs));
        const HistoricElement& at = out_.elements[place(element)];
        HistoricJob job;
        job.key = key;
        job.process_instance = at.process_instance;
        job.element = element;
        job.definition = at.definition;
        job.element_id = at.element_id;
        job.type = type;
        job.retries = retries;
        job.created = now_;
        job.changed = now_;
        return out_.jobs.emplace_back(std::move(job));
    }
    HistoricJob& change_job(JobKey key, HistoricJobState state) {
        HistoricJob& job = out_.jobs[part(key.value())];
        job.state = state;
        job.changed = now_;
        return job;
    }

    void count_incident(ElementKey at, bool more) {
        while (at != ElementKey()) {
            HistoricElement& element = out_.elements[place(at)];
            element.incidents += more ? 1U : -1U;
            if (element.process_instance == element.key) {
                out_.processes[process_index_.at(at.value())].incidents += more ? 1U : -1U;
            }
            at = element.scope;
        }
    }
    void update_incident(std::uint32_t i) {
        IncidentKey oldest;
        for (std::uint32_t a = notes_[i].attached; a != kNone; a = attached_[a].next) {
            if (attached_[a].part != Part::incident) continue;
            const HistoricIncident& incident = out_.incidents[attached_[a].index];
            if (!incident.resolved) oldest = incident.key;
        }
        out_.elements[i].incident = oldest;
    }

    void take(ElementKey instance, std::uint16_t definition, const FlowList& flows) {
        for (const bpmn::FlowIndex f : flows) {
            const auto [at, added] =
                flows_.try_emplace(FlowKey{instance, definition, f}, size(out_.flows));
            if (added) {
                const bpmn::Process* in = models_.at(definition);
                const bool known = in != nullptr && f < in->flows.size();
                out_.flows.push_back({instance, definitions_[definition],
                                      known ? in->flow(f).id : std::string(), 0, now_});
            }
            ++out_.flows[at->second].count;
        }
    }

    std::span<const Event> events_;
    const ProcessProvider& provider_;
    CaseHistory out_;
    Instant now_;
    const std::string* actor_ = nullptr;
    std::vector<DefinitionKey> definitions_;
    std::vector<const bpmn::Process*> models_;
    std::vector<ElementNote> notes_;  // as out_.elements
    std::vector<Attached> attached_;
    std::unordered_map<std::uint64_t, std::uint32_t> places_;  // keys are never used twice
    std::unordered_map<std::uint64_t, std::uint32_t> process_index_;
    std::unordered_map<FlowKey, std::uint32_t, Hash> flows_;
    std::unordered_map<VariableKey, std::size_t, Hash> variables_;
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
