// JSON Web Keys (RFC 7517): elliptic curve P-256 only. A key is for signing or for sealing and is
// never taken for the other; its kid is its thumbprint (RFC 7638).
//
// Keys are parsed once; copies share what was parsed. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/elliptic.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::jose {

enum class KeyUse : unsigned char { sign, seal };

inline constexpr std::size_t kMaxJwkBytes = 4096;

class PublicJwk {
  public:
    // Needs kty, crv, x, y and use; alg must be in the table and fit the use, kid must be the
    // thumbprint, where they are given. Other members are ignored (RFC 7517 section 4), but not
    // those of a private or symmetric key. invalid_input, not_well_formed, limit_exceeded with the
    // member and the reason.
    static Result<PublicJwk> parse(KeyUse use, std::string_view text);
    PublicJwk(KeyUse use, crypto::EcPublicKey key);

    KeyUse use() const { return use_; }
    const crypto::EcPublicKey& key() const { return key_; }
    // base64url of the SHA-256 of the required members, 43 characters.
    const std::string& kid() const { return kid_; }
    // The one text of this key: members in alphabetical order, no spaces.
    std::string text() const;

  private:
    KeyUse use_;
    crypto::EcPublicKey key_;
    std::string kid_;
};

class PrivateJwk {
  public:
    static Result<PrivateJwk> generate(KeyUse use, Random& random);
    // `scalar`: base64url of 32 bytes, as the member "d" (RFC 7518 section 6.2.2.1).
    static Result<PrivateJwk> from_scalar(KeyUse use, std::string_view scalar);

    const PublicJwk& public_jwk() const { return public_; }
    KeyUse use() const { return public_.use(); }
    const std::string& kid() const { return public_.kid(); }
    const crypto::EcPrivateKey& key() const { return key_; }
    // The member "d"; secret, so wipe() it.
    std::string scalar() const;

  private:
    PrivateJwk(KeyUse use, crypto::EcPrivateKey key);
    crypto::EcPrivateKey key_;
    PublicJwk public_;
};

// kty, crv, x and y of a header's "epk"; no other members.
json::Value to_epk(const crypto::EcPublicKey& key);
Result<crypto::EcPublicKey> from_epk(const json::Value& value);

}  // namespace schwarm::jose
