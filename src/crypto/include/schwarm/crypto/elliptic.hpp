// The elliptic curve P-256 (FIPS 186-5, SEC 2 secp256r1): signatures ES256 (RFC 7518 section 3.4)
// and key agreement (NIST SP 800-56A, cofactor 1).
//
// Keys are parsed and checked once and shared by their copies; they may be used by any thread. A
// private key overwrites its scalar when its last copy is destroyed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/seal.hpp"

namespace schwarm::crypto {

inline constexpr std::size_t kCoordinateSize = 32;
inline constexpr std::size_t kSignatureSize = 64;

class EcPrivateKey;

// A point of the curve other than infinity, so fit for verification and agreement.
class EcPublicKey {
  public:
    // Both coordinates as 32 bytes, big-endian. invalid_input: another length, or the point is not
    // on the curve.
    static Result<EcPublicKey> from_coordinates(std::string_view x, std::string_view y);

    std::string_view x() const;
    std::string_view y() const;
    bool operator==(const EcPublicKey& other) const;

  private:
    friend class EcPrivateKey;
    friend Result<std::string> sign_es256(const EcPrivateKey&, std::string_view);
    friend Result<void> verify_es256(const EcPublicKey&, std::string_view, std::string_view);
    friend Result<Key> agree(const EcPrivateKey&, const EcPublicKey&);
    struct State;
    explicit EcPublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;
};

class EcPrivateKey {
  public:
    // A scalar of 32 bytes drawn from `random`, again while it is out of range: the same bytes give
    // the same key. crypto_failed: `random` gives nothing in range.
    static Result<EcPrivateKey> generate(Random& random);
    // The scalar as 32 bytes, big-endian. invalid_input: another length, zero, or not below the
    // order of the curve.
    static Result<EcPrivateKey> from_scalar(std::string_view scalar);

    Key scalar() const;
    const EcPublicKey& public_key() const;

  private:
    friend Result<std::string> sign_es256(const EcPrivateKey&, std::string_view);
    friend Result<Key> agree(const EcPrivateKey&, const EcPublicKey&);
    struct State;
    explicit EcPrivateKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;
};

// ECDSA over SHA-256 of `text`: r || s, 64 bytes. The secret number of each signature comes from
// OpenSSL's own source, so two signatures of one text differ.
Result<std::string> sign_es256(const EcPrivateKey& key, std::string_view text);
// crypto_failed: not 64 bytes, or not this key's signature of this text.
Result<void> verify_es256(const EcPublicKey& key, std::string_view text,
                          std::string_view signature);

// The common secret Z: the x coordinate of scalar * point. Not a key yet: see concat_kdf().
Result<Key> agree(const EcPrivateKey& own, const EcPublicKey& other);

}  // namespace schwarm::crypto
