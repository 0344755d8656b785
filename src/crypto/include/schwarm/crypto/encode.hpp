// Bytes as text: base64url without padding (RFC 4648 section 5), hexadecimal, random tokens.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::crypto {

std::string base64url_encode(std::string_view bytes);
// invalid_input for any character outside the alphabet, padding, a length that cannot be, or bits
// left over that are not zero: each text has exactly one form.
Result<std::string> base64url_decode(std::string_view text);

// Lower-case digits.
std::string hex_encode(std::string_view bytes);
// Accepts both cases; invalid_input otherwise.
Result<std::string> hex_decode(std::string_view text);

// base64url of `bytes` random bytes; 32 bytes are 43 characters.
std::string random_token(Random& random, std::size_t bytes = 32);

}  // namespace schwarm::crypto
