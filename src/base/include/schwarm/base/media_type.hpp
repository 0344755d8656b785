// What a file is, by its first bytes: the kinds that people hand in.
#pragma once

#include <string_view>

namespace schwarm {

// "application/pdf", "image/jpeg" or "image/png" (8 bytes are enough); empty: none of these.
inline std::string_view media_type_of(std::string_view begin) {
    if (begin.starts_with("%PDF-")) return "application/pdf";
    if (begin.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
    if (begin.starts_with("\x89PNG\r\n\x1A\n")) return "image/png";
    return {};
}

}  // namespace schwarm
