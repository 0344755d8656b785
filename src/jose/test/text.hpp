// Compact texts made by hand, as an attacker makes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schwarm/crypto/encode.hpp"

namespace schwarm::jose {

inline std::vector<std::string> parts_of(std::string_view text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == '.') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

inline std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) {
        if (&part != &parts.front()) text += '.';
        text += part;
    }
    return text;
}

// `text` with another header.
inline std::string with_header(std::string_view text, std::string_view header) {
    auto parts = parts_of(text);
    parts[0] = crypto::base64url_encode(header);
    return joined(parts);
}

inline std::string header_of(std::string_view text) {
    return crypto::base64url_decode(parts_of(text)[0]).value();
}

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    return at == std::string::npos ? std::string() : text.replace(at, from.size(), to);
}

// Another character of the alphabet at `i`, so that the text stays base64url where it can.
inline std::string changed_at(std::string text, std::size_t i) {
    text[i] = text[i] == 'A' ? 'Q' : 'A';
    return text;
}

}  // namespace schwarm::jose
