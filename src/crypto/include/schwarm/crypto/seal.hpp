// Sealing with AES-256-GCM (NIST SP 800-38D) under 256-bit keys, and wrapping keys with it.
//
// A sealed text is nonce (12 bytes, random) || ciphertext || tag (16 bytes). The associated data
// is not stored; the reader must know it, so that a row moved to another place does not open.
// At most 2^32 texts may be sealed under one key (random nonces); a case's key seals far fewer.
// All functions may be called from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::crypto {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kNonceSize = 12;
inline constexpr std::size_t kTagSize = 16;
inline constexpr std::size_t kSealOverhead = kNonceSize + kTagSize;

// A 256-bit key; its memory is overwritten when it is destroyed.
class Key {
  public:
    static Key random(Random& random);
    static Result<Key> from_bytes(std::string_view bytes);

    Key(const Key&) = default;
    Key& operator=(const Key&) = default;
    ~Key();

    std::string_view bytes() const;

  private:
    Key() = default;
    std::array<unsigned char, kKeySize> bytes_{};
};

Result<std::string> seal(const Key& key, std::string_view associated, std::string_view plain,
                         Random& random);
// crypto_failed if the key, the associated data or any byte is not what was sealed.
Result<std::string> open(const Key& key, std::string_view associated, std::string_view sealed);

// A key sealed under another: 60 bytes.
inline constexpr std::size_t kWrappedKeySize = kKeySize + kSealOverhead;
Result<std::string> wrap_key(const Key& wrapping, std::string_view associated, const Key& key,
                             Random& random);
Result<Key> unwrap_key(const Key& wrapping, std::string_view associated, std::string_view wrapped);

// One segment of a text that is too long to be held, as in STREAM (Hoang, Reyhanitabar, Rogaway,
// Vizár: "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015): the nonce
// is the segment's number (11 bytes, big-endian) and 1 for the last segment, else 0; so no segment
// can be left out, exchanged, added or called the last. Ciphertext || tag.
// `key` must be fresh for the one text: nothing else may be sealed under it.
inline constexpr std::size_t kSegmentBytes = std::size_t{64} * 1024;
Result<std::string> seal_segment(const Key& key, std::uint64_t number, bool last,
                                 std::string_view plain);
// crypto_failed: another key, number or mark, or changed.
Result<std::string> open_segment(const Key& key, std::uint64_t number, bool last,
                                 std::string_view sealed);

// Overwrites the memory so that the compiler may not leave it out; the text is empty afterwards.
void wipe(std::string& text);

}  // namespace schwarm::crypto
