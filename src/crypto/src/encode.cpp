#include "schwarm/crypto/encode.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace schwarm::crypto {
namespace {
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kHex = "0123456789abcdef";

constexpr std::array<std::int8_t, 256> make_reverse() {
    std::array<std::int8_t, 256> out{};
    for (auto& entry : out) entry = -1;
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        out[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    }
    return out;
}
constexpr auto kReverse = make_reverse();

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}
}  // namespace

std::string base64url_encode(std::string_view bytes) {
    std::string out((bytes.size() * 4 + 2) / 3, '\0');
    char* to = out.data();
    const auto octet = [&](std::size_t i) -> std::uint32_t {
        return static_cast<unsigned char>(bytes[i]);
    };
    std::size_t i = 0;
    for (; bytes.size() - i >= 3; i += 3) {
        const std::uint32_t group = octet(i) << 16 | octet(i + 1) << 8 | octet(i + 2);
        *to++ = kAlphabet[group >> 18];
        *to++ = kAlphabet[(group >> 12) & 63U];
        *to++ = kAlphabet[(group >> 6) & 63U];
        *to++ = kAlphabet[group & 63U];
    }
    if (i < bytes.size()) {
        const bool two = bytes.size() - i == 2;
        const std::uint32_t group = octet(i) << 16 | (two ? octet(i + 1) << 8 : 0);
        *to++ = kAlphabet[group >> 18];
        *to++ = kAlphabet[(group >> 12) & 63U];
        if (two) *to++ = kAlphabet[(group >> 6) & 63U];
    }
    return out;
}

Result<std::string> base64url_decode(std::string_view text) {
    if (text.size() % 4 == 1) {
        return fail(ErrorCode::invalid_input, "not base64url: impossible length");
    }
    std::string out(text.size() * 3 / 4, '\0');
    char* to = out.data();
    // Negative where a character is outside the alphabet.
    const auto digit = [&](std::size_t i) -> std::int32_t {
        return kReverse[static_cast<unsigned char>(text[i])];
    };
    const auto outside = [&](std::size_t from) -> Error {
        while (digit(from) >= 0) ++from;
        return fail(ErrorCode::invalid_input,
                    "not base64url: character " + std::to_string(from + 1));
    };
    std::size_t i = 0;
    for (; text.size() - i >= 4; i += 4) {
        const std::int32_t a = digit(i);
        const std::int32_t b = digit(i + 1);
        const std::int32_t c = digit(i + 2);
        const std::int32_t d = digit(i + 3);
        if ((a | b | c | d) < 0) return outside(i);
        const std::int32_t group = a << 18 | b << 12 | c << 6 | d;
        *to++ = static_cast<char>(group >> 16);
        *to++ = static_cast<char>(group >> 8);
        *to++ = static_cast<char>(group);
    }
    if (i < text.size()) {
        const std::int32_t a = digit(i);
        const std::int32_t b = digit(i + 1);
        const bool three = text.size() - i == 3;
        const std::int32_t c = three ? digit(i + 2) : 0;
        if ((a | b | c) < 0) return outside(i);
        const std::int32_t group = a << 18 | b << 12 | c << 6;
        *to++ = static_cast<char>(group >> 16);
        if (three) *to++ = static_cast<char>(group >> 8);
        if ((group & (three ? 0xff : 0xffff)) != 0) {
            return fail(ErrorCode::invalid_input, "not base64url: bits left over");
        }
    }
    return out;
}

std::string hex_encode(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto b = static_cast<unsigned char>(c);
        out += kHex[b >> 4];
        out += kHex[b & 15U];
    }
    return out;
}

Result<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return fail(ErrorCode::invalid_input, "not hexadecimal: odd length");
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return fail(ErrorCode::invalid_input,
                        "not hexadecimal: character " + std::to_string(i + 1));
        }
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

std::string random_token(Random& random, std::size_t bytes) {
    std::string raw(bytes, '\0');
    random.fill(std::as_writable_bytes(std::span(raw.data(), raw.size())));
    return base64url_encode(raw);
}

}  // namespace schwarm::crypto
