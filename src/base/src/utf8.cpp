#include "schwarm/base/utf8.hpp"

#include <cstring>

namespace schwarm::utf8 {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
}

bool continues(std::string_view text, std::size_t i) {
    return i < text.size() && (byte_at(text, i) & 0xc0) == 0x80;
}

constexpr std::size_t kWord = sizeof(std::uint64_t);

// The next eight bytes at once: most texts have little else.
bool is_ascii(std::string_view text, std::size_t i) {
    if (text.size() - i < kWord) return false;
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, kWord);
    return (word & 0x8080808080808080U) == 0;
}

// Length of the well-formed sequence at i, 0 if it is malformed.
std::size_t sequence(std::string_view text, std::size_t i) {
    const std::uint8_t lead = byte_at(text, i);
    if (lead < 0x80) return 1;
    if (lead < 0xc2) return 0;
    if (lead < 0xe0) return continues(text, i + 1) ? 2 : 0;
    if (lead < 0xf0) {
        if (!continues(text, i + 1) || !continues(text, i + 2)) return 0;
        const std::uint8_t second = byte_at(text, i + 1);
        if (lead == 0xe0 && second < 0xa0) return 0;
        if (lead == 0xed && second >= 0xa0) return 0;
        return 3;
    }
    if (lead > 0xf4) return 0;
    if (!continues(text, i + 1) || !continues(text, i + 2) || !continues(text, i + 3)) return 0;
    const std::uint8_t second = byte_at(text, i + 1);
    if (lead == 0xf0 && second < 0x90) return 0;
    if (lead == 0xf4 && second >= 0x90) return 0;
    return 4;
}

}  // namespace

std::size_t first_invalid(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        if (is_ascii(text, i)) {
            i += kWord;
            continue;
        }
        const std::size_t n = sequence(text, i);
        if (n == 0) return i;
        i += n;
    }
    return std::string_view::npos;
}

bool is_valid(std::string_view text) {
    return first_invalid(text) == std::string_view::npos;
}

std::size_t length(std::string_view text) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < text.size(); ++i) n += (byte_at(text, i) & 0xc0) != 0x80 ? 1 : 0;
    return n;
}

char32_t next(std::string_view text, std::size_t& position) {
    const std::uint8_t lead = byte_at(text, position);
    const std::size_t size = lead < 0x80 ? 1 : (lead < 0xe0 ? 2 : (lead < 0xf0 ? 3 : 4));
    char32_t out = size == 1 ? lead : static_cast<char32_t>(lead & (0xff >> (size + 1)));
    for (std::size_t i = 1; i < size && position + i < text.size(); ++i) {
        out = (out << 6) | (byte_at(text, position + i) & 0x3f);
    }
    position += size;
    if (position > text.size()) position = text.size();
    return out;
}

void append(std::string& out, char32_t c) {
    const auto push = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (c < 0x80) {
        push(c);
    } else if (c < 0x800) {
        push(0xc0 | (c >> 6));
        push(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        push(0xe0 | (c >> 12));
        push(0x80 | ((c >> 6) & 0x3f));
        push(0x80 | (c & 0x3f));
    } else {
        push(0xf0 | (c >> 18));
        push(0x80 | ((c >> 12) & 0x3f));
        push(0x80 | ((c >> 6) & 0x3f));
        push(0x80 | (c & 0x3f));
    }
}

std::size_t offset_of(std::string_view text, std::size_t n) {
    std::size_t i = 0;
    while (i < text.size()) {
        if ((byte_at(text, i) & 0xc0) != 0x80) {
            if (n == 0) return i;
            --n;
        }
        ++i;
    }
    return text.size();
}

}  // namespace schwarm::utf8
