// Compares the signed checkpoints of a tenant's audit log with its chain. Pure; not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/exchange/audit_checkpoint.hpp"

namespace schwarm::exchange {

// Lines later than this before the newest one must have a checkpoint: a node signs within a second.
inline constexpr std::chrono::milliseconds kAuditUnsignedMax = std::chrono::minutes(10);

// First all checkpoints, then all lines, each in ascending order, then finish(). What the chain
// itself proves (numbers, hashes) is not repeated here.
class AuditCheck {
  public:
    AuditCheck(Address tenant, DatedKeySource keys, const Cryptography& cryptography)
        : tenant_(std::move(tenant)), keys_(std::move(keys)), cryptography_(cryptography) {}

    // `row`: the number in its key.
    void checkpoint(std::uint64_t row, std::string_view jws);
    void line(std::uint64_t number, const crypto::Hash& chain, Instant at);
    void finish();

    // Names lines and reasons; at most 100.
    const std::vector<std::string>& findings() const { return findings_; }
    std::uint64_t checkpoints() const { return count_; }
    // The last line that a good checkpoint covers; 0: none.
    std::uint64_t signed_to() const { return signed_to_; }
    Instant signed_at() const { return signed_at_; }
    // Lines after it.
    std::uint64_t unsigned_lines() const { return unsigned_; }

  private:
    struct Span {
        std::uint64_t first;
        std::uint64_t last;
        crypto::Hash chain;
        crypto::Hash root;
        Instant time;
    };
    void find(std::string text);
    void judge(const Span& span, const crypto::Hash& chain);

    const Address tenant_;
    const DatedKeySource keys_;
    const Cryptography& cryptography_;
    std::vector<Span> spans_;
    std::size_t next_ = 0;               // the span that the lines have reached
    std::vector<crypto::Hash> covered_;  // chain hashes of its lines so far
    bool gap_ = false;                   // the checkpoint before could not be read
    std::uint64_t number_ = 0;           // of the checkpoint before
    std::uint64_t incarnation_ = 1;      // of the newest checkpoint
    std::uint64_t last_ = 0;
    crypto::Hash hash_{};
    std::uint64_t count_ = 0;
    std::uint64_t signed_to_ = 0;
    Instant signed_at_{};
    std::uint64_t unsigned_ = 0;
    std::uint64_t end_ = 0;  // the newest line
    std::optional<Instant> first_unsigned_;
    Instant newest_{};
    std::vector<std::string> findings_;
};

}  // namespace schwarm::exchange
