// From an agreed secret to a key for one message: the Concat KDF (NIST SP 800-56A section 5.8.1 as
// RFC 7518 section 4.6.2 uses it) and the AES key wrap (RFC 3394). All functions may be called from
// any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/crypto/seal.hpp"

namespace schwarm::crypto {

// `length` bytes (1 to 255 * 32) for the algorithm and the parties named; secret, so wipe() them.
std::string concat_kdf(const Key& secret, std::string_view algorithm, std::string_view party_u,
                       std::string_view party_v, std::size_t length);

inline constexpr std::size_t kAesWrappedKeySize = kKeySize + 8;
// A key under a key, without a nonce: the same two give the same 40 bytes.
Result<std::string> aes_wrap_key(const Key& wrapping, const Key& key);
// crypto_failed: not 40 bytes, another wrapping key, or changed.
Result<Key> aes_unwrap_key(const Key& wrapping, std::string_view wrapped);

}  // namespace schwarm::crypto
