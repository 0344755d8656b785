// A process as an immutable graph with integer indexes: what the engine walks over.
//
// Built by import_model() (model.hpp). Immutable after that and free to share between threads.
// Source: BPMN 2.0.2 (OMG formal/2013-12-09) clauses 10 and 13; the extension elements of
// Camunda 8, namespace http://camunda.org/schema/zeebe/1.0.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "schwarm/bpmn/timer_text.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::bpmn {

// Position of a flow node in the document order of its process: node 0 is the process itself,
// node n the n-th flow node (depth first), executable or not. Events and states stored for ever
// refer to nodes by this number, so the rule must not change.
using NodeIndex = std::uint32_t;
// Position of a sequence flow in the document order of its process, from 0.
using FlowIndex = std::uint32_t;
inline constexpr NodeIndex kProcessNode = 0;
inline constexpr NodeIndex kNoNode = 0xffffffffU;
inline constexpr FlowIndex kNoFlow = 0xffffffffU;

enum class NodeKind : std::uint8_t {
    process,
    start_event,
    end_event,
    intermediate_catch_event,
    intermediate_throw_event,
    boundary_event,
    task,
    manual_task,
    user_task,
    service_task,
    send_task,
    receive_task,
    script_task,
    business_rule_task,
    sub_process,
    event_sub_process,
    transaction,
    ad_hoc_sub_process,
    call_activity,
    exclusive_gateway,
    parallel_gateway,
    inclusive_gateway,
    event_based_gateway,
    complex_gateway,
};
// The name in BPMN's XML: "userTask".
std::string_view name_of(NodeKind kind);

enum class EventKind : std::uint8_t {
    none,
    message,
    timer,
    error,
    terminate,
    signal,
    escalation,
    conditional,
    compensation,
    link,
    cancel,
    multiple,
};
std::string_view name_of(EventKind kind);

// An attribute or text that is FEEL if it begins with '=', else the text itself.
struct Expression {
    std::string source;  // as written, without the leading '='
    bool is_static = false;
    feel::Expression compiled;  // empty if static or absent
    bool present() const { return is_static || static_cast<bool>(compiled); }
};

enum class TimerKind : std::uint8_t { date, duration, cycle };
struct TimerDefinition {
    TimerKind kind = TimerKind::duration;
    Expression value;
};

struct MessageDefinition {
    std::string id;
    Expression name;
    Expression correlation_key;  // zeebe:subscription, may be absent
};

struct ErrorDefinition {
    std::string id;
    std::string name;
    std::string code;       // empty: a catch event catches every error
    Expression code_value;  // of a throwing event, if the code is FEEL
};

struct SignalDefinition {
    std::string id;
    Expression name;
};

struct EscalationDefinition {
    std::string id;
    std::string name;
    std::string code;       // empty: a catch event catches every escalation
    Expression code_value;  // of a throwing event, if the code is FEEL
};

// The condition is asked again when one of `variables` changes: those it reads, or those that
// zeebe:conditionalFilter names.
struct ConditionDefinition {
    Expression condition;
    std::vector<std::string> variables;
    bool on_create = true;
    bool on_update = true;
};

// activity: kNoNode compensates the whole scope of the throw event.
struct CompensationDefinition {
    NodeIndex activity = kNoNode;
    bool wait_for_completion = true;
};

struct EventDefinition {
    EventKind kind = EventKind::none;
    CompensationDefinition compensation;
    TimerDefinition timer;
    MessageDefinition message;
    ErrorDefinition error;
    SignalDefinition signal;
    EscalationDefinition escalation;
    ConditionDefinition condition;
    std::string link;          // the name that joins a throwing and a catching link event
    bool interrupting = true;  // cancelActivity, or isInterrupting of a start event
};

// zeebe:input and zeebe:output. The target may be a path ("a.b").
struct Mapping {
    Expression source;
    std::string target;
};

struct KeyValue {
    std::string key;
    std::string value;
};

// zeebe:header. The value is text, except on tasks the engine works itself (type "schwarm:..."):
// there a leading '=' makes it FEEL.
struct Header {
    std::string key;
    Expression value;
};

// zeebe:taskDefinition: the node is worked as a job. priority: zeebe:jobPriorityDefinition.
struct JobDefinition {
    Expression type;
    Expression retries;
    Expression priority;
};

// zeebe:executionListener (start, end) and zeebe:taskListener (the others).
enum class ListenerEvent : std::uint8_t { start, end, creating, assigning, updating, completing };
// "start", "assigning"
std::string_view name_of(ListenerEvent event);
struct Listener {
    ListenerEvent event = ListenerEvent::start;
    Expression type;
    Expression retries;
    std::vector<KeyValue> headers;
};

// Which version of what is called is meant: the newest one, the one deployed together with the
// caller, or the newest one with a zeebe:versionTag.
enum class BindingType : std::uint8_t { latest, deployment, version_tag };
struct Binding {
    BindingType type = BindingType::latest;
    std::string version_tag;
    bool operator==(const Binding&) const = default;
};

struct UserTaskDefinition {
    Expression form_id;  // zeebe:formDefinition formId or formKey
    Binding form_binding;
    Expression assignee;
    Expression candidate_groups;
    Expression candidate_users;
    Expression due_date;
    Expression follow_up_date;
    Expression priority;
};

struct CalledDecision {
    Expression decision_id;
    std::string result_variable;
    Binding binding;
};

struct ScriptDefinition {
    Expression expression;
    std::string result_variable;
};

struct CalledProcess {
    Expression process_id;
    bool propagate_all_child_variables = true;
    bool propagate_all_parent_variables = true;
    Binding binding;
};

// What standardLoopCharacteristics says: again as long as the condition holds.
struct StandardLoop {
    bool test_before = false;
    std::uint32_t maximum = 0;  // 0: no limit
    Expression condition;       // absent: always
};

// adHocSubProcess with zeebe:adHoc.
struct AdHocDefinition {
    Expression active_elements;
    std::string output_collection;
    Expression output_element;
    Expression completion_condition;
    bool cancel_remaining = true;
    bool sequential = false;  // ordering="Sequential": one activation at a time
};

struct LoopDefinition {
    bool sequential = false;
    std::optional<StandardLoop> standard;  // then nothing below is used
    Expression input_collection;
    std::string input_element;
    std::string output_collection;
    Expression output_element;
    Expression completion_condition;
};

// The pool that a message flow leads to or comes from, where it is another tenant of the network:
// a participant without a process, with the zeebe:property `role`, in a collaboration with the
// properties `contract` and `version`. `jurisdiction` says whose it is for this case (a
// municipality key); absent: the role has one tenant only.
struct Partner {
    std::string participant;  // its id
    std::string role;
    Expression jurisdiction;
    std::string contract;
    std::string version;
};

// Parts that few nodes have live behind one pointer, so that Node stays small.
struct NodeDetails {
    EventDefinition event;               // of kind multiple: only that and `interrupting`
    std::vector<EventDefinition> parts;  // of a multiple event, in document order
    bool parallel_multiple = false;      // a catching multiple event that waits for all its parts
    std::optional<JobDefinition> job;
    UserTaskDefinition user_task;
    std::optional<CalledDecision> called_decision;
    std::optional<ScriptDefinition> script;
    std::optional<CalledProcess> called_process;
    std::optional<LoopDefinition> loop;
    std::optional<AdHocDefinition> ad_hoc;
    std::shared_ptr<const Partner> partner;  // whom it sends to or hears; null: nobody outside
    Expression activation_condition;         // of a complex gateway
    std::vector<Listener> start_listeners;
    std::vector<Listener> end_listeners;
    std::vector<Listener> task_listeners;
    std::vector<Mapping> inputs;
    std::vector<Mapping> outputs;
    std::vector<Header> headers;       // zeebe:taskHeaders
    std::vector<KeyValue> properties;  // zeebe:properties
    std::string documentation;         // bpmn:documentation, plain text
};

struct Node {
    NodeKind kind = NodeKind::task;
    EventKind event = EventKind::none;
    NodeIndex index = kNoNode;
    NodeIndex parent = kNoNode;       // the enclosing subprocess or the process
    NodeIndex attached_to = kNoNode;  // boundary events
    FlowIndex default_flow = kNoFlow;
    bool interrupting = true;
    bool has_loop = false;
    bool compensation_handler = false;  // isForCompensation: not reached by sequence flows
    bool instantiates = false;          // receive task or event-based gateway that starts a process
    bool parallel_events = false;       // an event-based gateway that needs all its events
    NodeIndex link_target = kNoNode;    // of a throwing link event
    // Of an activity and of its compensation boundary event: the handler.
    NodeIndex compensated_by = kNoNode;
    // Of a scope: its event subprocess with a compensation start event.
    NodeIndex compensation_event_sub_process = kNoNode;
    int line = 0;
    std::string id;
    std::string name;
    std::vector<FlowIndex> incoming;
    std::vector<FlowIndex> outgoing;
    std::vector<NodeIndex> children;             // of a scope, in document order
    std::vector<NodeIndex> boundary_events;      // attached to this activity
    std::vector<NodeIndex> event_sub_processes;  // direct children of that kind
    NodeIndex none_start = kNoNode;              // the none start event of a scope, if there is one
    std::vector<NodeIndex> start_events;         // all start events of a scope
    NodeDetails details;

    bool has_listeners() const {
        return !details.start_listeners.empty() || !details.end_listeners.empty();
    }
    bool is_scope() const {
        return kind == NodeKind::process || kind == NodeKind::sub_process ||
               kind == NodeKind::event_sub_process || kind == NodeKind::transaction ||
               kind == NodeKind::ad_hoc_sub_process;
    }
    // What it catches or throws: one definition, or the parts of a multiple event.
    std::span<const EventDefinition> event_definitions() const {
        if (event == EventKind::none) return {};
        if (event == EventKind::multiple) return details.parts;
        return {&details.event, 1};
    }
};

// One way to begin a process from outside: a start event, an instantiating receive task or an
// event behind an instantiating event-based gateway. A multiple event has one for each part.
struct ProcessStart {
    NodeIndex node = kNoNode;
    std::uint32_t part = 0;
    EventKind kind = EventKind::none;  // none, message, timer, signal or conditional
};

struct Flow {
    std::string id;
    std::string name;
    NodeIndex source = kNoNode;
    NodeIndex target = kNoNode;
    Expression condition;
    int line = 0;
};

class Process {
  public:
    std::string id;
    std::string name;
    std::string version_tag;
    // How long an instance is kept after its end: camunda:historyTimeToLive.
    std::optional<Period> history_time_to_live;
    bool is_executable = false;
    std::vector<Node> nodes;  // [0] is the process itself
    std::vector<Flow> flows;

    const Node& node(NodeIndex i) const { return nodes[i]; }
    const Flow& flow(FlowIndex i) const { return flows[i]; }
    // kNoNode if there is no such element.
    NodeIndex find(std::string_view element_id) const;
    // True if a token leaving through `from` can arrive at node `to` along sequence flows (and
    // boundary events) of the same scope without passing `avoiding`.
    bool reaches(NodeIndex from, NodeIndex to, NodeIndex avoiding) const;
    // In document order.
    const std::vector<ProcessStart>& starts() const { return starts_; }
    // Called once by the importer after nodes and flows are complete.
    void index();

  private:
    void index_links();
    void index_starts();

    std::vector<ProcessStart> starts_;
    std::unordered_map<std::string, NodeIndex> by_id_;
};

}  // namespace schwarm::bpmn
