// Percent-encoding (RFC 3986) and request targets. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"

namespace schwarm::http {

// nullopt: an escape is not two hexadecimal digits. `plus_is_space` as in forms and queries.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
// Keeps unreserved characters only.
std::string percent_encode(std::string_view text);

struct Target {
    std::string path;
    std::string query;
};
// The target of a request line in origin form. invalid_input for anything that two readers could
// understand differently: dot segments, encoded '/', backslash, control characters, bad UTF-8.
Result<Target> parse_target(std::string_view target);

}  // namespace schwarm::http
