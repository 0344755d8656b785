// Self-signed certificates (X.509, RFC 5280) for TLS between nodes: whom a node talks to is proven
// by the key, which stands in the directory, not by an authority.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"

namespace schwarm::crypto {

struct Certificate {
    std::string certificate;  // PEM
    std::string private_key;  // PEM, P-256: secret
    Hash key{};               // SHA-256 of the SubjectPublicKeyInfo
};

// `name` becomes the common name. The key is drawn by OpenSSL.
Result<Certificate> make_certificate(std::string_view name, Instant from, std::chrono::hours valid);
// SHA-256 of the SubjectPublicKeyInfo of the first certificate in a PEM text.
Result<Hash> certificate_key(std::string_view pem);
// The first moment at which the first certificate in a PEM text is not valid any more (one second
// after its notAfter, which counts in).
Result<Instant> certificate_end(std::string_view pem);

}  // namespace schwarm::crypto
