#include "schwarm/http/url.hpp"

#include <cctype>

#include "schwarm/base/utf8.hpp"

namespace schwarm::http {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_unreserved(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

Error bad_target(std::string reason) {
    return fail(ErrorCode::invalid_input, std::move(reason), "request target");
}

bool has_dot_segment(std::string_view path) {
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto end = path.find('/');
        const std::string_view segment = path.substr(0, end);
        if (segment == "." || segment == "..") return true;
        path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
    }
    return false;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else if (text[i] == '+' && plus_is_space) {
            out.push_back(' ');
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

std::string percent_encode(std::string_view text) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            out.push_back(c);
        } else {
            const auto u = static_cast<unsigned char>(c);
            out.push_back('%');
            out.push_back(kDigits[u >> 4]);
            out.push_back(kDigits[u & 15]);
        }
    }
    return out;
}

Result<Target> parse_target(std::string_view target) {
    if (target.empty() || target.front() != '/') {
        return bad_target("it does not start with '/'");
    }
    for (const char c : target) {
        const auto u = static_cast<unsigned char>(c);
        if (u <= 0x20 || u == 0x7f) return bad_target("it has a control character or a space");
    }
    const auto question = target.find('?');
    const std::string_view raw_path = target.substr(0, question);
    if (raw_path.find('#') != std::string_view::npos) return bad_target("it has a fragment");
    if (raw_path.find("%2F") != std::string_view::npos ||
        raw_path.find("%2f") != std::string_view::npos) {
        return bad_target("it has an encoded '/'");
    }
    auto path = percent_decode(raw_path);
    if (!path) return bad_target("an escape is not two hexadecimal digits");
    for (const char c : *path) {
        const auto u = static_cast<unsigned char>(c);
        if (u < 0x20 || u == 0x7f || c == '\\') {
            return bad_target("the path has a control character or a backslash");
        }
    }
    if (!utf8::is_valid(*path)) return bad_target("the path is not UTF-8");
    if (has_dot_segment(*path)) return bad_target("the path has a dot segment");
    Target out;
    out.path = std::move(*path);
    if (question != std::string_view::npos) out.query = target.substr(question + 1);
    return out;
}

}  // namespace schwarm::http
