// The element names of BPMN 2.0.2 and of the zeebe extension, and what each is to us.
#pragma once

#include <optional>
#include <string_view>

#include "schwarm/bpmn/process.hpp"

namespace schwarm::bpmn {

inline constexpr std::string_view kBpmnNs = "http://www.omg.org/spec/BPMN/20100524/MODEL";
inline constexpr std::string_view kZeebeNs = "http://camunda.org/schema/zeebe/1.0";
// Of Camunda 7 and of Operaton.
inline constexpr std::string_view kCamundaNs = "http://camunda.org/schema/1.0/bpmn";
inline constexpr std::string_view kOperatonNs = "http://operaton.org/schema/1.0/bpmn";

// Flow nodes; nothing for other elements. A subProcess is sub_process here, whatever
// triggeredByEvent says.
std::optional<NodeKind> node_kind_of(std::string_view local_name);
// "timerEventDefinition" and its like.
std::optional<EventKind> event_kind_of(std::string_view local_name);
bool is_bpmn_element(std::string_view local_name);

// known: read or meant for the modeller only. not_executable: it would change what happens.
enum class ZeebeElement { unknown, known, not_executable };
ZeebeElement zeebe_element(std::string_view local_name);

}  // namespace schwarm::bpmn
