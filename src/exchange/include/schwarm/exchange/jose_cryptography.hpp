// The port of signing and sealing as a node has it: JOSE (src/jose) with keys parsed once.
#pragma once

#include <cstddef>
#include <memory>

#include "schwarm/base/clock.hpp"
#include "schwarm/exchange/cryptography.hpp"

namespace schwarm::exchange {

// A KeyPair's secret is the member "d" of its JWK; a pair whose secret is not that of its public
// key is refused. Thread-safe.
class JoseCryptography final : public Cryptography {
  public:
    // `clock` decides which algorithms are still recommended and must outlive this. Up to `keys`
    // parsed keys of each kind are kept (twice as many for a moment); those used last stay.
    explicit JoseCryptography(const Clock& clock, std::size_t keys = 4096);
    ~JoseCryptography() override;

    Result<KeyPair> make_key(KeyUse use, Random& random) const override;
    Result<PublicKey> read_key(KeyUse use, std::string_view jwk) const override;
    Result<std::string> sign(const KeyPair& key, std::string_view type,
                             std::string_view payload) const override;
    Result<std::string> verify(const PublicKey& key, std::string_view type,
                               std::string_view jws) const override;
    Result<std::string> seal(const PublicKey& key, const json::Value& header,
                             std::string_view plain, Random& random) const override;
    Result<std::string> open(const KeyPair& key, std::string_view jwe) const override;

    // How many public keys are kept at the moment; for tests.
    std::size_t kept() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace schwarm::exchange
