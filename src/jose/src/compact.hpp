// What compact JWS and JWE have in common: parts between dots, and a header.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/jose/algorithms.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::jose {

// The parts of `text`; invalid_input unless there are exactly as many, limit_exceeded if it or the
// first part is too long. `what` is "JWS" or "JWE".
template <std::size_t count>
Result<std::array<std::string_view, count>> split(std::string_view text, std::string_view what);
extern template Result<std::array<std::string_view, 3>> split(std::string_view, std::string_view);
extern template Result<std::array<std::string_view, 5>> split(std::string_view, std::string_view);

// base64url; invalid_input at `where`.
Result<std::string> decode_part(std::string_view part, std::string_view where);

// The header as an object. `where`: "JWS header".
Result<json::Value> decode_header(std::string_view part, std::string_view where);
// A member that must be a string that is not empty.
Result<std::string> header_text(const json::Value& header, std::string_view where,
                                std::string_view name);
// The member's algorithm; invalid_input if the table does not hold it.
Result<const Algorithm*> header_algorithm(const json::Value& header, std::string_view where,
                                          std::string_view name, AlgorithmKind kind);

}  // namespace schwarm::jose
