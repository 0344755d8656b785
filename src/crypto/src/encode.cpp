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
    std::string out;
    out.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t buffer = 0;
    int bits = 0;
    for (const char c : bytes) {
        buffer = (buffer << 8) | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out += kAlphabet[(buffer >> bits) & 63U];
        }
    }
    if (bits > 0) out += kAlphabet[(buffer << (6 - bits)) & 63U];
    return out;
}

Result<std::string> base64url_decode(std::string_view text) {
    if (text.size() % 4 == 1) {
        return fail(ErrorCode::invalid_input, "not base64url: impossible length");
    }
    std::string out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t buffer = 0;
    int bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int value = kReverse[static_cast<unsigned char>(text[i])];
        if (value < 0) {
            return fail(ErrorCode::invalid_input,
                        "not base64url: character " + std::to_string(i + 1));
        }
        buffer = (buffer << 6) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>((buffer >> bits) & 255U);
        }
    }
    if ((buffer & ((1U << bits) - 1U)) != 0) {
        return fail(ErrorCode::invalid_input, "not base64url: bits left over");
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
