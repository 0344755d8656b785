// The words a line of a scenario is made of. The functions named take_... take theirs from the
// front of a text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::services::words {

inline constexpr std::string_view kSpace = " \t\r";

std::string_view trim(std::string_view text);
// Empty at the end.
std::string_view take_word(std::string_view& text);
bool take_keyword(std::string_view& text, std::string_view keyword);
// Strings in double quotes, as long as there are any.
Result<std::vector<std::string>> take_strings(std::string_view& text);
// One string in double quotes, else a word.
Result<std::string> take_text(std::string_view& text);
// A local time of Europe/Berlin: "2026-03-14" (09:00), "2026-03-14 10:00".
Result<Instant> parse_at(std::string_view text);
// "a, b"
std::string joined(const std::vector<std::string>& parts, std::string_view between);
std::string in_quotes(std::string_view text);

}  // namespace schwarm::services::words
