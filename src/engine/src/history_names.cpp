// The names that Camunda 8's REST API has for what stands in a history.
#include "schwarm/engine/history.hpp"

namespace schwarm::engine {

std::string_view name_of(HistoricJobState state) {
    static constexpr std::string_view kNames[] = {"CREATED",      "COMPLETED", "FAILED",
                                                  "ERROR_THROWN", "CANCELED",  "RETRIES_UPDATED"};
    return kNames[static_cast<std::size_t>(state)];
}
std::string_view name_of(HistoricTaskState state) {
    static constexpr std::string_view kNames[] = {"CREATED", "COMPLETED", "CANCELED"};
    return kNames[static_cast<std::size_t>(state)];
}
std::string_view name_of(HistoricSubscriptionState state) {
    static constexpr std::string_view kNames[] = {"CREATED", "CORRELATED", "DELETED"};
    return kNames[static_cast<std::size_t>(state)];
}

std::string_view element_type_of(const HistoricElement& element) {
    using bpmn::NodeKind;
    if (element.multi_instance_body) return "MULTI_INSTANCE_BODY";
    if (element.inner) return "AD_HOC_SUB_PROCESS_INNER_INSTANCE";
    switch (element.kind) {
        case NodeKind::process:
            return "PROCESS";
        case NodeKind::start_event:
            return "START_EVENT";
        case NodeKind::end_event:
            return "END_EVENT";
        case NodeKind::intermediate_catch_event:
            return "INTERMEDIATE_CATCH_EVENT";
        case NodeKind::intermediate_throw_event:
            return "INTERMEDIATE_THROW_EVENT";
        case NodeKind::boundary_event:
            return "BOUNDARY_EVENT";
        case NodeKind::task:
            return "TASK";
        case NodeKind::manual_task:
            return "MANUAL_TASK";
        case NodeKind::user_task:
            return "USER_TASK";
        case NodeKind::service_task:
            return "SERVICE_TASK";
        case NodeKind::send_task:
            return "SEND_TASK";
        case NodeKind::receive_task:
            return "RECEIVE_TASK";
        case NodeKind::script_task:
            return "SCRIPT_TASK";
        case NodeKind::business_rule_task:
            return "BUSINESS_RULE_TASK";
        case NodeKind::sub_process:
        case NodeKind::transaction:
            return "SUB_PROCESS";
        case NodeKind::event_sub_process:
            return "EVENT_SUB_PROCESS";
        case NodeKind::ad_hoc_sub_process:
            return "AD_HOC_SUB_PROCESS";
        case NodeKind::call_activity:
            return "CALL_ACTIVITY";
        case NodeKind::exclusive_gateway:
            return "EXCLUSIVE_GATEWAY";
        case NodeKind::parallel_gateway:
            return "PARALLEL_GATEWAY";
        case NodeKind::inclusive_gateway:
            return "INCLUSIVE_GATEWAY";
        case NodeKind::event_based_gateway:
            return "EVENT_BASED_GATEWAY";
        case NodeKind::complex_gateway:
            return "UNSPECIFIED";
    }
    return "UNKNOWN";
}

}  // namespace schwarm::engine
