// The keys for TLS between nodes, as files of the data folder: network.key and network.crt, and,
// while they are exchanged, network.key.next and network.crt.next
// (docs/decisions/0014-operator-commands.md). Private keys are sealed under the node key
// (docs/decisions/0016-tls-keys-at-rest.md). A crash at any place leaves a state that open()
// understands.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/net/server.hpp"
#include "sealed_file.hpp"

namespace schwarm::server {

// Used by one thread.
class TlsKeys {
  public:
    // Makes the first pair if there is none; ends what a crash has left half done; seals keys that
    // lie there in the clear. Keeps a copy of the node key and borrows `random`. Errors as
    // read_sealed(), each with its file.
    static Result<TlsKeys> open(const std::filesystem::path& data, const std::string& member,
                                Instant now, const crypto::Key& node_key, Random& random);

    // Certificate and key that are used, read and opened now.
    Result<net::TlsTexts> pair() const;
    const crypto::Hash& key() const { return key_; }
    const std::optional<crypto::Hash>& next() const { return next_; }
    // What the node entry is to name.
    std::vector<crypto::Hash> announced() const;

    // Makes the next pair; nothing if there is one already.
    Result<void> make_next(Instant now);
    // The next pair is the pair from now on; answers it. It is opened before anything is moved.
    Result<net::TlsTexts> promote();

  private:
    TlsKeys(std::filesystem::path data, std::string member, const crypto::Key& node_key,
            Random& random)
        : data_(std::move(data)),
          member_(std::move(member)),
          node_key_(node_key),
          random_(&random) {}
    SecretName secret_name() const;
    Result<void> make(const std::filesystem::path& key, const std::filesystem::path& certificate,
                      Instant now);
    Result<net::TlsTexts> read(const std::filesystem::path& key,
                               const std::filesystem::path& certificate) const;

    std::filesystem::path data_;
    std::string member_;
    crypto::Key node_key_;
    Random* random_;
    crypto::Hash key_{};
    std::optional<crypto::Hash> next_;
};

// Of the certificate that is used. not_found: there is none yet.
Result<crypto::Hash> read_tls_key(const std::filesystem::path& data);
// The first moment at which that certificate is not valid any more.
Result<Instant> read_tls_end(const std::filesystem::path& data);
// Another one is announced or about to be.
bool tls_key_is_exchanged(const std::filesystem::path& data);

}  // namespace schwarm::server
