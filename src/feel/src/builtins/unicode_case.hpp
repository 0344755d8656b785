// Upper and lower case of Unicode text, independent of language.
#pragma once

#include <string>
#include <string_view>

namespace schwarm::feel {

std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);

}  // namespace schwarm::feel
