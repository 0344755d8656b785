// UTF-8: checking and walking by code points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace schwarm::utf8 {

// Well-formed by RFC 3629: no surrogates, no overlong forms, nothing beyond U+10FFFF.
bool is_valid(std::string_view text);
// Byte offset of the first malformed byte, or npos.
std::size_t first_invalid(std::string_view text);
// Number of code points of well-formed text.
std::size_t length(std::string_view text);
// Decodes the code point at `position` of well-formed text and moves behind it.
char32_t next(std::string_view text, std::size_t& position);
void append(std::string& out, char32_t code_point);
// Byte offset of the n-th code point of well-formed text (text.size() if there are fewer).
std::size_t offset_of(std::string_view text, std::size_t n);

}  // namespace schwarm::utf8
