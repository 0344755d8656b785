// The trace of an evaluation for people who build models: as JSON (docs/formats/trace.md) and as
// text.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/dmn/program.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::cli {

json::Value trace_json(std::string_view decision, const dmn::Program& program,
                       const dmn::Outcome& outcome);
std::string trace_text(const dmn::Outcome& outcome);

}  // namespace schwarm::cli
