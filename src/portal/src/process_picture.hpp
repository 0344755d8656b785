// The diagram of a process as SVG within a page, drawn on the server: no scripts, no styles but
// classes of portal.css, nothing loaded. Colours never say it alone: each mark has a sign.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schwarm/app/collaboration.hpp"
#include "site.hpp"

namespace schwarm::portal {

// Lines of about this width in pixels at the size of the diagram's text; long words are broken, and
// what does not fit into the last line ends with an ellipsis.
std::vector<std::string> wrap_label(std::string_view text, double width, std::size_t lines_max);

// Empty if the model has no diagram. `percent`: of the size in the file; 0: as wide as the page.
// Steps where the case is have the id "schritt-<n>", n from 1 in the order of CaseProgress::steps.
std::string process_picture(const app::CaseProgress& progress, int percent, Lang lang,
                            const Site& site);

// The state of a message in words: "verarbeitet".
std::string message_state(app::MessageState state, Lang lang, const Site& site);
// Of several messages of one flow the one to look at: what failed, what is under way, the newest.
const app::MessageProgress* main_message(const std::vector<app::MessageProgress>& messages,
                                         std::string_view flow);

}  // namespace schwarm::portal
