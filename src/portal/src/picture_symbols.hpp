// The figures of BPMN (2.0.2 clause 13.1 and 7.4) as SVG.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/bpmn/diagram.hpp"

namespace schwarm::portal {

inline constexpr double kLineHeight = 13;
inline constexpr double kBaseline = 4;  // below the middle of a line

// With at most two digits behind the point.
std::string decimal(double number);

std::string event_symbol(const bpmn::Shape& shape);
std::string gateway_symbol(const bpmn::Shape& shape);
// What kind of activity it is, in its upper left corner.
std::string task_symbol(const bpmn::Shape& shape);
// mark: "passed", "ended", "active", "incident".
std::string badge_symbol(bpmn::Point at, std::string_view mark);
std::string arrow_head(bpmn::Point from, bpmn::Point to, bool open, std::string_view mark);

}  // namespace schwarm::portal
