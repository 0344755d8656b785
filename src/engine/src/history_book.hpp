// The lists of a history while they are made: what the events about elements, jobs, timers and the
// like have in common. Which event does what: history.cpp.
#pragma once

#include <cstdlib>
#include <string>
#include <unordered_map>
#include <vector>

#include "schwarm/base/check.hpp"
#include "schwarm/engine/history.hpp"

namespace schwarm::engine::history {

inline constexpr std::uint32_t kNone = 0xffffffffU;

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
inline std::size_t mixed(std::size_t a, std::size_t b) {
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

class Book {
  public:
    Book(std::size_t events, const ProcessProvider& processes) : provider_(processes) {
        out_.elements.reserve(events / 2);
        notes_.reserve(events / 2);
        attached_.reserve(events / 4);
        places_.reserve(events);
    }

  protected:
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
                    end_job(out_.jobs[at.index]);
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
            task.pending.reset();
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
        out_.jobs.push_back(std::move(job));
        return out_.jobs.back();
    }
    void end_job(HistoricJob& job) {
        if (job.end) return;
        job.end = now_;
        job.changed = now_;
        if (job.state != HistoricJobState::error_thrown) job.state = HistoricJobState::canceled;
    }
    void end_incidents_of(const HistoricJob& job) {
        const std::uint32_t i = place(job.element);
        for (std::uint32_t a = notes_[i].attached; a != kNone; a = attached_[a].next) {
            if (attached_[a].part != Part::incident) continue;
            HistoricIncident& incident = out_.incidents[attached_[a].index];
            if (incident.job != job.key || incident.resolved) continue;
            incident.resolved = now_;
            count_incident(incident.element, false);
        }
        update_incident(i);
    }
    // The newest job of a listener of the task.
    HistoricJob& last_task_listener(ElementKey task) {
        for (std::uint32_t a = notes_[place(task)].attached; a != kNone; a = attached_[a].next) {
            if (attached_[a].part != Part::job) continue;
            HistoricJob& job = out_.jobs[attached_[a].index];
            if (job.kind == JobKind::task_listener) return job;
        }
        CHECK(false, "the history has no listener of the task " + std::to_string(task.value()));
        std::abort();
    }

    HistoricUserTask& task_of(ElementKey key) {
        return out_.user_tasks.at(notes_[place(key)].task);
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

  private:
    const ProcessProvider& provider_;
};

}  // namespace schwarm::engine::history
