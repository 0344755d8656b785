#include "unicode_case.hpp"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace schwarm::feel {
namespace {

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

icu::UnicodeString to_icu(std::string_view text) {
    return icu::UnicodeString::fromUTF8(
        icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

}  // namespace

std::string to_upper(std::string_view text) {
    std::string out(text);
    if (is_ascii(text)) {
        for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        return out;
    }
    out.clear();
    to_icu(text).toUpper(icu::Locale::getRoot()).toUTF8String(out);
    return out;
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    if (is_ascii(text)) {
        for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        return out;
    }
    out.clear();
    to_icu(text).toLower(icu::Locale::getRoot()).toUTF8String(out);
    return out;
}

}  // namespace schwarm::feel
