#include "schwarm/html/escape.hpp"

#include <array>

namespace schwarm::html {
namespace {

bool is_control(unsigned char c) {
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// True for relative references and for the schemes that cannot run code.
bool allowed_url(std::string_view url) {
    std::string scheme;
    for (char c : url) {
        // Browsers drop these inside a scheme, so "java\tscript:" must be seen as they see it.
        if (static_cast<unsigned char>(c) <= 0x20) {
            continue;
        }
        if (c == '/' || c == '?' || c == '#') {
            return true;
        }
        if (c == ':') {
            return scheme == "http" || scheme == "https" || scheme == "mailto" || scheme == "tel";
        }
        scheme += lower(c);
    }
    return true;
}

}  // namespace

void escape_to(std::string& out, std::string_view text) {
    std::size_t from = 0;
    auto put = [&](std::size_t at, std::string_view replacement) {
        out.append(text.substr(from, at - from));
        out.append(replacement);
        from = at + 1;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        switch (text[i]) {
            case '&':
                put(i, "&amp;");
                break;
            case '<':
                put(i, "&lt;");
                break;
            case '>':
                put(i, "&gt;");
                break;
            case '"':
                put(i, "&quot;");
                break;
            case '\'':
                put(i, "&#39;");
                break;
            default:
                if (is_control(static_cast<unsigned char>(text[i]))) {
                    put(i, "");
                }
        }
    }
    out.append(text.substr(from));
}

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    escape_to(out, text);
    return out;
}

void escape_url_to(std::string& out, std::string_view text) {
    escape_to(out, allowed_url(text) ? text : std::string_view("#"));
}

std::string url_encode(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                                c == '~';
        if (unreserved) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        }
    }
    return out;
}

}  // namespace schwarm::html
