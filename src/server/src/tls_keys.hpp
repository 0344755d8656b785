// The keys for TLS between nodes, as files of the data folder: network.key and network.crt, and,
// while they are exchanged, network.key.next and network.crt.next
// (docs/decisions/0014-operator-commands.md). A crash at any place leaves a state that open()
// understands.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/net/server.hpp"

namespace schwarm::server {

class TlsKeys {
  public:
    // Makes the first pair if there is none; ends what a crash has left half done.
    static Result<TlsKeys> open(const std::filesystem::path& data, const std::string& member,
                                Instant now);

    net::TlsFiles files() const;
    const crypto::Hash& key() const { return key_; }
    const std::optional<crypto::Hash>& next() const { return next_; }
    // What the node entry is to name.
    std::vector<crypto::Hash> announced() const;

    // Makes the next pair; nothing if there is one already.
    Result<void> make_next(Instant now);
    // The next pair is the pair from now on.
    Result<void> promote();

  private:
    TlsKeys(std::filesystem::path data, std::string member)
        : data_(std::move(data)), member_(std::move(member)) {}

    std::filesystem::path data_;
    std::string member_;
    crypto::Hash key_{};
    std::optional<crypto::Hash> next_;
};

// Of the certificate that is used. not_found: there is none yet.
Result<crypto::Hash> read_tls_key(const std::filesystem::path& data);
// Another one is announced or about to be.
bool tls_key_is_exchanged(const std::filesystem::path& data);

}  // namespace schwarm::server
