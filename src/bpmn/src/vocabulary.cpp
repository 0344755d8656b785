#include "vocabulary.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace schwarm::bpmn {
namespace {

constexpr std::array<std::pair<std::string_view, NodeKind>, 23> kNodes{{
    {"startEvent", NodeKind::start_event},
    {"endEvent", NodeKind::end_event},
    {"intermediateCatchEvent", NodeKind::intermediate_catch_event},
    {"intermediateThrowEvent", NodeKind::intermediate_throw_event},
    {"boundaryEvent", NodeKind::boundary_event},
    {"task", NodeKind::task},
    {"manualTask", NodeKind::manual_task},
    {"userTask", NodeKind::user_task},
    {"serviceTask", NodeKind::service_task},
    {"sendTask", NodeKind::send_task},
    {"receiveTask", NodeKind::receive_task},
    {"scriptTask", NodeKind::script_task},
    {"businessRuleTask", NodeKind::business_rule_task},
    {"subProcess", NodeKind::sub_process},
    {"eventSubProcess", NodeKind::event_sub_process},
    {"transaction", NodeKind::transaction},
    {"adHocSubProcess", NodeKind::ad_hoc_sub_process},
    {"callActivity", NodeKind::call_activity},
    {"exclusiveGateway", NodeKind::exclusive_gateway},
    {"parallelGateway", NodeKind::parallel_gateway},
    {"inclusiveGateway", NodeKind::inclusive_gateway},
    {"eventBasedGateway", NodeKind::event_based_gateway},
    {"complexGateway", NodeKind::complex_gateway},
}};

constexpr std::array<std::pair<std::string_view, EventKind>, 10> kEvents{{
    {"messageEventDefinition", EventKind::message},
    {"timerEventDefinition", EventKind::timer},
    {"errorEventDefinition", EventKind::error},
    {"terminateEventDefinition", EventKind::terminate},
    {"signalEventDefinition", EventKind::signal},
    {"escalationEventDefinition", EventKind::escalation},
    {"conditionalEventDefinition", EventKind::conditional},
    {"compensateEventDefinition", EventKind::compensation},
    {"linkEventDefinition", EventKind::link},
    {"cancelEventDefinition", EventKind::cancel},
}};

// Sorted. BPMN20.xsd and Semantic.xsd, elements that are neither flow nodes nor event definitions.
constexpr auto kOthers = std::to_array<std::string_view>({
    "activationCondition",
    "artifact",
    "assignment",
    "association",
    "auditing",
    "callChoreography",
    "callConversation",
    "callableElement",
    "category",
    "categoryValue",
    "categoryValueRef",
    "choreography",
    "choreographyActivity",
    "choreographyTask",
    "collaboration",
    "completionCondition",
    "complexBehaviorDefinition",
    "condition",
    "conditionExpression",
    "conversation",
    "conversationAssociation",
    "conversationLink",
    "conversationNode",
    "correlationKey",
    "correlationKeyRef",
    "correlationProperty",
    "correlationPropertyBinding",
    "correlationPropertyRef",
    "correlationPropertyRetrievalExpression",
    "correlationSubscription",
    "dataInput",
    "dataInputAssociation",
    "dataInputRefs",
    "dataObject",
    "dataObjectReference",
    "dataOutput",
    "dataOutputAssociation",
    "dataOutputRefs",
    "dataPath",
    "dataState",
    "dataStore",
    "dataStoreReference",
    "definitions",
    "documentation",
    "endPoint",
    "endPointRef",
    "error",
    "errorRef",
    "escalation",
    "event",
    "eventDefinition",
    "eventDefinitionRef",
    "expression",
    "extension",
    "extensionElements",
    "flowElement",
    "flowNode",
    "flowNodeRef",
    "formalExpression",
    "from",
    "globalBusinessRuleTask",
    "globalChoreographyTask",
    "globalConversation",
    "globalManualTask",
    "globalScriptTask",
    "globalTask",
    "globalUserTask",
    "group",
    "humanPerformer",
    "import",
    "inMessageRef",
    "incoming",
    "inputDataItem",
    "inputSet",
    "inputSetRefs",
    "interface",
    "interfaceRef",
    "ioBinding",
    "ioSpecification",
    "itemDefinition",
    "lane",
    "laneSet",
    "childLaneSet",
    "loopCardinality",
    "loopCharacteristics",
    "loopCondition",
    "loopDataInputRef",
    "loopDataOutputRef",
    "message",
    "messageFlow",
    "messageFlowAssociation",
    "messageFlowRef",
    "messagePath",
    "monitoring",
    "multiInstanceLoopCharacteristics",
    "operation",
    "operationRef",
    "optionalInputRefs",
    "optionalOutputRefs",
    "outMessageRef",
    "outgoing",
    "outputDataItem",
    "outputSet",
    "outputSetRefs",
    "participant",
    "participantAssociation",
    "participantMultiplicity",
    "participantRef",
    "partitionElement",
    "partnerEntity",
    "partnerEntityRef",
    "partnerRole",
    "partnerRoleRef",
    "performer",
    "potentialOwner",
    "process",
    "property",
    "relationship",
    "rendering",
    "resource",
    "resourceAssignmentExpression",
    "resourceParameter",
    "resourceParameterBinding",
    "resourceRef",
    "resourceRole",
    "rootElement",
    "script",
    "sequenceFlow",
    "signal",
    "source",
    "sourceRef",
    "standardLoopCharacteristics",
    "subChoreography",
    "subConversation",
    "supportedInterfaceRef",
    "supports",
    "target",
    "targetRef",
    "text",
    "textAnnotation",
    "throwEvent",
    "catchEvent",
    "timeCycle",
    "timeDate",
    "timeDuration",
    "to",
    "transformation",
    "value",
    "whileExecutingInputRefs",
    "whileExecutingOutputRefs",
    "innerConversationNodeRef",
    "innerParticipantRef",
    "outerConversationNodeRef",
    "outerParticipantRef",
    "eventDefinitions",
    "choreographyRef",
    "resourceParameterRef",
});

constexpr auto kZeebeKnown = std::to_array<std::string_view>({
    "taskDefinition",
    "ioMapping",
    "input",
    "output",
    "taskHeaders",
    "header",
    "calledDecision",
    "calledElement",
    "script",
    "formDefinition",
    "assignmentDefinition",
    "taskSchedule",
    "subscription",
    "loopCharacteristics",
    "properties",
    "property",
    "userTask",
    "userTaskForm",
    "versionTag",
    "priorityDefinition",
    "modelerTemplate",
    "conditionalFilter",
    "executionListeners",
    "executionListener",
    "taskListeners",
    "taskListener",
    "adHoc",
    "jobPriorityDefinition",
});

constexpr auto kZeebeNotExecutable = std::to_array<std::string_view>({
    "linkedResources",
    "linkedResource",
});

template <class Array>
bool contains(const Array& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<NodeKind> node_kind_of(std::string_view local_name) {
    if (local_name == "eventSubProcess") return std::nullopt;
    for (const auto& [name, kind] : kNodes) {
        if (name == local_name) return kind;
    }
    return std::nullopt;
}

std::optional<EventKind> event_kind_of(std::string_view local_name) {
    for (const auto& [name, kind] : kEvents) {
        if (name == local_name) return kind;
    }
    return std::nullopt;
}

bool is_bpmn_element(std::string_view local_name) {
    return node_kind_of(local_name) || event_kind_of(local_name) || contains(kOthers, local_name);
}

ZeebeElement zeebe_element(std::string_view local_name) {
    if (contains(kZeebeKnown, local_name)) return ZeebeElement::known;
    if (contains(kZeebeNotExecutable, local_name)) return ZeebeElement::not_executable;
    return ZeebeElement::unknown;
}

std::string_view name_of(NodeKind kind) {
    if (kind == NodeKind::process) return "process";
    for (const auto& [name, k] : kNodes) {
        if (k == kind) return name;
    }
    return "unknown";
}

std::string_view name_of(ListenerEvent event) {
    switch (event) {
        case ListenerEvent::start:
            return "start";
        case ListenerEvent::end:
            return "end";
        case ListenerEvent::creating:
            return "creating";
        case ListenerEvent::assigning:
            return "assigning";
        case ListenerEvent::updating:
            return "updating";
        case ListenerEvent::completing:
            return "completing";
    }
    return "unknown";
}

std::string_view name_of(EventKind kind) {
    switch (kind) {
        case EventKind::none:
            return "none";
        case EventKind::message:
            return "message";
        case EventKind::timer:
            return "timer";
        case EventKind::error:
            return "error";
        case EventKind::terminate:
            return "terminate";
        case EventKind::signal:
            return "signal";
        case EventKind::escalation:
            return "escalation";
        case EventKind::conditional:
            return "conditional";
        case EventKind::compensation:
            return "compensation";
        case EventKind::link:
            return "link";
        case EventKind::cancel:
            return "cancel";
        case EventKind::multiple:
            return "multiple";
    }
    return "unknown";
}

}  // namespace schwarm::bpmn
