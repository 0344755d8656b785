// Signing and sealing as a port: JOSE in a node (jose_cryptography.hpp), repeatable and cheap in
// simulations. Everything else of this module is written against it.
//
// Threads: implementations are thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::exchange {

// What a key may be used for; a key of one kind is never taken for the other.
enum class KeyUse : unsigned char { sign, seal };

// A public key as the directory holds it: for JOSE the text of a JWK (RFC 7517) with `kid`, which
// is its thumbprint (RFC 7638). Compared as text.
struct PublicKey {
    std::string kid;
    std::string jwk;
    bool operator==(const PublicKey&) const = default;
};

// `secret` is for the owner only and is stored sealed; its form belongs to the implementation.
struct KeyPair {
    PublicKey public_key;
    std::string secret;
};

class Cryptography {
  public:
    virtual ~Cryptography() = default;

    virtual Result<KeyPair> make_key(KeyUse use, Random& random) const = 0;
    // invalid_input: no key of this use, or one that the table of algorithms does not hold.
    virtual Result<PublicKey> read_key(KeyUse use, std::string_view jwk) const = 0;

    // A compact JWS (RFC 7515) over `payload`; `type` is the header's typ, so that a signature made
    // for one purpose is not taken for another.
    virtual Result<std::string> sign(const KeyPair& key, std::string_view type,
                                     std::string_view payload) const = 0;
    // The payload. invalid_input: no JWS, another typ, algorithm or kid; crypto_failed: the
    // signature is not that of this key.
    virtual Result<std::string> verify(const PublicKey& key, std::string_view type,
                                       std::string_view jws) const = 0;

    // A compact JWE (RFC 7516) for the owner of `key`; `header` members are added to the protected
    // header, which everybody can read.
    virtual Result<std::string> seal(const PublicKey& key, const json::Value& header,
                                     std::string_view plain, Random& random) const = 0;
    // invalid_input: no JWE, algorithms that the table does not hold, another kid; crypto_failed:
    // not sealed for this key, or changed.
    virtual Result<std::string> open(const KeyPair& key, std::string_view jwe) const = 0;
};

// The kid and the payload that a compact JWS names, not verified: to find the key. Limits: 256 kB.
struct UnverifiedJws {
    std::string kid;
    std::string type;
    std::string payload;
};
Result<UnverifiedJws> peek_jws(std::string_view jws);
// The protected header of a compact JWE, not authenticated: for routing. Limits: 8 kB, depth 4.
Result<json::Value> peek_jwe(std::string_view jwe);

}  // namespace schwarm::exchange
