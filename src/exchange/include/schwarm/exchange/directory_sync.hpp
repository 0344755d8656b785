// What two nodes tell one another to have the same directory: each sends a summary and answers the
// other's with what is missing there, in batches. Texts with limits; errors name the place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/exchange/address.hpp"

namespace schwarm::exchange {

inline constexpr std::size_t kSummaryBytesMax = 256 * 1024;
inline constexpr std::size_t kBatchBytesMax = std::size_t{4} << 20;
inline constexpr std::size_t kBatchItemsMax = 4096;
inline constexpr std::size_t kChainsMax = 1024;
inline constexpr std::size_t kLineMax = 128;
inline constexpr std::size_t kLiesMax = 8;  // kept of each member; one is enough

struct NumberedHash {
    std::uint64_t number = 0;
    crypto::Hash hash{};
    bool operator==(const NumberedHash&) const = default;
};

struct ChainHead {
    MemberId member;
    std::uint64_t number = 0;
    crypto::Hash head{};
    std::uint64_t fork = 0;  // the number at which a fork is proven; 0: none
    bool operator==(const ChainHead&) const = default;
};

struct DirectorySummary {
    crypto::Hash network{};  // hash of the founding file
    // Epochs: the newest, those 1, 2, 4, ... before it and 0; then all sides of disputes.
    std::vector<NumberedHash> line;
    std::vector<ChainHead> chains;
    std::vector<crypto::Hash> lies;  // of the texts of all proofs
    bool operator==(const DirectorySummary&) const = default;
};
std::string write_summary(const DirectorySummary& summary);
Result<DirectorySummary> read_summary(std::string_view text);

struct DirectoryBatch {
    std::vector<std::string> epochs;   // write_epoch(), ascending
    std::vector<std::string> forks;    // write_fork()
    std::vector<std::string> entries;  // JWS, of each chain ascending
    std::vector<std::string> lies;     // write_lie()
    bool more = false;                 // ask again with a new summary
    bool empty() const {
        return epochs.empty() && forks.empty() && entries.empty() && lies.empty();
    }
    bool operator==(const DirectoryBatch&) const = default;
};
std::string write_batch(const DirectoryBatch& batch);
Result<DirectoryBatch> read_batch(std::string_view text);

}  // namespace schwarm::exchange
