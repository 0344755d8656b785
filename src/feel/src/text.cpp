#include "text.hpp"

#include "schwarm/base/utf8.hpp"

namespace schwarm::feel {

bool is_space(char32_t c) {
    return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           c == 0x180e || (c >= 0x2000 && c <= 0x200b) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000 || c == 0xfeff;
}

bool is_name_start(char32_t c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '?') return true;
    return c >= 0xaa && c != 0xab && c != 0xac && c != 0xb1 && c != 0xb6 && c != 0xb7 &&
           c != 0xbb && c != 0xbf && c != 0xd7 && c != 0xf7 && !is_space(c);
}

bool is_name_part(char32_t c) {
    return (is_name_start(c) && c != '?') || (c >= '0' && c <= '9') || c == 0xb7;
}

bool is_name_symbol(char32_t c) {
    return c == '.' || c == '/' || c == '-' || c == '\'' || c == '+' || c == '*';
}

std::size_t skip_space(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        std::size_t next = at;
        if (is_space(utf8::next(text, next))) {
            at = next;
        } else if (text.substr(at, 2) == "//") {
            const std::size_t end = text.find('\n', at);
            at = end == std::string_view::npos ? text.size() : end;
        } else if (text.substr(at, 2) == "/*") {
            const std::size_t end = text.find("*/", at + 2);
            if (end == std::string_view::npos) return at;
            at = end + 2;
        } else {
            break;
        }
    }
    return at;
}

std::size_t simple_name_end(std::string_view text, std::size_t at) {
    if (at >= text.size()) return at;
    std::size_t next = at;
    if (!is_name_start(utf8::next(text, next))) return at;
    while (next < text.size()) {
        std::size_t after = next;
        if (!is_name_part(utf8::next(text, after))) break;
        next = after;
    }
    return next;
}

std::size_t match_name(std::string_view text, std::size_t at, std::string_view name) {
    std::size_t n = 0;
    while (n < name.size()) {
        if (at >= text.size()) return std::string_view::npos;
        if (name[n] == ' ') {
            const std::size_t behind = skip_space(text, at);
            if (behind == at) return std::string_view::npos;
            at = behind;
            ++n;
        } else if (name[n] == text[at]) {
            ++at;
            ++n;
        } else {
            return std::string_view::npos;
        }
    }
    std::size_t last = name.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(name[last]) & 0xc0) == 0x80) --last;
    std::size_t position = last;
    if (is_name_part(utf8::next(name, position)) && at < text.size()) {
        position = at;
        if (is_name_part(utf8::next(text, position))) return std::string_view::npos;
    }
    return at;
}

std::string normalize_name(std::string_view name) {
    std::string out;
    std::size_t at = skip_space(name, 0);
    while (at < name.size()) {
        const std::size_t behind = skip_space(name, at);
        if (behind > at) {
            if (behind < name.size()) out += ' ';
            at = behind;
            continue;
        }
        const std::size_t first = at;
        utf8::next(name, at);
        out.append(name, first, at - first);
    }
    return out;
}

}  // namespace schwarm::feel
