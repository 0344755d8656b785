// A pass over the raw bytes before the tree is built: limits, encoding, what XML forbids but
// pugixml lets through, and the extent of every element in document order.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/xml/document.hpp"

namespace schwarm::xml::detail {

struct Extent {
    std::size_t begin = 0;    // offset of '<'
    std::size_t tag_end = 0;  // offset behind the '>' of the start tag
    std::size_t end = 0;      // offset behind the last '>'
};

// The source in UTF-8 (declaration included), or nothing if it is in UTF-8 already. ISO-8859-1 is
// the one other encoding read: modellers of the past wrote it.
Result<std::optional<std::string>> transcode(std::string_view source, std::string_view file);

// Error::where is filled with "file:line:column".
Result<std::vector<Extent>> scan(std::string_view source, std::string_view file,
                                 const Limits& limits);

std::string place(std::string_view source, std::string_view file, std::size_t offset);

}  // namespace schwarm::xml::detail
