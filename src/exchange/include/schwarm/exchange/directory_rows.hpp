// What the directory keeps, as rows of keys and values for a host that stores them as it likes.
//
//   founding                   text of epoch 0
//   epoch/<number>/<hash>      write_epoch()
//   entry/<member>/<number>    JWS
//   fork/<member>/<number>     write_fork()
//   lie/<hash>                 write_lie()
//   consent/<member>           text: "admit <kid of its first operator key>", "remove", or "done"
//   choice/<number>            hash of the epoch that counts after a proven fork, base64url
//   vote/<hash>                the own votes after the epoch of this hash
//   checkpoint                 JWS: what the node has verified (directory.hpp)
//
// Numbers are 16 hexadecimal digits, hashes 64, so that rows of one kind scan in order. The host
// stores the rows of one answer in one transaction BEFORE it sends anything that the same answer
// asks it to send; if that fails, it throws the object away and loads it again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/exchange/address.hpp"

namespace schwarm::exchange {

struct DirectoryRow {
    std::string key;
    std::string value;  // replaces what stood there
    bool operator==(const DirectoryRow&) const = default;
};

// Implemented by the host.
class DirectoryRows {
  public:
    virtual ~DirectoryRows() = default;
    virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
    // All rows whose key begins with `prefix`, ascending; the views live until `visit` returns,
    // an error of which ends the scan and is its answer.
    using Visitor = std::function<Result<void>(std::string_view key, std::string_view value)>;
    virtual Result<void> scan(std::string_view prefix, const Visitor& visit) const = 0;
};

namespace row_key {
std::string epoch(std::uint64_t number, const crypto::Hash& hash);
std::string entry(const MemberId& member, std::uint64_t number);
std::string fork(const MemberId& member, std::uint64_t number);
std::string lie(const crypto::Hash& hash);
std::string consent(const MemberId& member);
inline constexpr std::string_view kConsentDone = "done";  // an epoch has carried it out
std::string choice(std::uint64_t number);
std::string vote(const crypto::Hash& predecessor);
}  // namespace row_key

}  // namespace schwarm::exchange
