// JSON Web Signature (RFC 7515), compact serialization only. The header holds exactly alg, kid and
// typ; everything else in it is refused (crit, b64, jku, jwk, x5u, ... and what nobody knows), so
// that there is nothing to be confused about. Thread-safe: no state between calls.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/jose/jwk.hpp"

namespace schwarm::jose {

// Of a whole compact text, JWS or JWE.
inline constexpr std::size_t kMaxCompactBytes = std::size_t{256} * 1024;
// Of its encoded header.
inline constexpr std::size_t kMaxHeaderBytes = std::size_t{8} * 1024;
inline constexpr std::size_t kMaxTypeBytes = 100;

// `type`: the header's typ, 1 to 100 printable characters of ASCII. invalid_input: a sealing key,
// no such type; unsupported: see algorithm_to_make(); limit_exceeded: the result is too long.
Result<std::string> sign_jws(const PrivateJwk& key, std::string_view type, std::string_view payload,
                             Instant now);

// What a JWS says of itself, not verified: to find the key.
struct UnverifiedJws {
    std::string kid;
    std::string type;
    std::string payload;
    std::string signature;
    std::string_view signed_text;  // into the text that was read
};
// invalid_input, not_well_formed: no JWS of this kind; limit_exceeded.
Result<UnverifiedJws> read_jws(std::string_view text);

// The payload. Besides the errors of read_jws: invalid_input: another typ or kid, or `key` is for
// sealing; crypto_failed: the signature is not that of this key and text.
Result<std::string> verify_jws(const PublicJwk& key, std::string_view type, std::string_view text);

}  // namespace schwarm::jose
