// JSON Web Encryption (RFC 7516), compact serialization only: a fresh key agreement and a fresh
// content key for each text. The header holds alg, enc, kid and epk, perhaps typ and cty, and
// members of the application; the other registered ones are refused (crit, zip, jku, jwk, x5u, apu,
// ...). Thread-safe: no state between calls.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/jose/jwk.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::jose {

// For the owner of `receiver`. `header` is an object whose members, texts and numbers with names of
// their own, are added to the protected header; everybody can read them. invalid_input: a signing
// key, a member that belongs to this module or has parts; unsupported: see algorithm_to_make();
// limit_exceeded: longer than kMaxCompactBytes or kMaxHeaderBytes, or more than 100 members.
Result<std::string> seal_jwe(const PublicJwk& receiver, const json::Value& header,
                             std::string_view plain, Random& random, Instant now);

// The protected header, not authenticated: for routing. invalid_input, not_well_formed: no JWE of
// this kind; limit_exceeded.
Result<json::Value> read_jwe_header(std::string_view text);

// The plain text. Besides the errors of read_jwe_header: invalid_input: another kid, or `own` is
// for signing; crypto_failed: not sealed for this key, or changed.
Result<std::string> open_jwe(const PrivateJwk& own, std::string_view text);

}  // namespace schwarm::jose
