// How a job's kind and its listener's event are named outside.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/engine/state.hpp"

namespace schwarm::api::v2 {

std::string_view job_kind(engine::JobKind kind);  // "BPMN_ELEMENT", ...
// "START", "COMPLETING", ...; "UNSPECIFIED" for a job that is no listener's.
std::string job_event(std::string_view listener_event);

}  // namespace schwarm::api::v2
