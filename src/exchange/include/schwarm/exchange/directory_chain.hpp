// The chain of one member: number, previous hash and signature of each entry; forks, proven.
//
// A chain keeps hashes and keys, not the entries. Not thread-safe; no clock, no disk.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/exchange/directory_entry.hpp"

namespace schwarm::exchange {

// Whether signatures are verified, or were when the entry was accepted and the place it is read
// from is vouched for (the checkpoint in directory.hpp).
enum class Trust : std::uint8_t { nothing, checked_before };

// Two entries of one member with one number and different texts, both signed by the key that was
// current: the member has told two stories.
struct ForkProof {
    MemberId member;
    std::uint64_t number = 0;
    std::string first;  // JWS
    std::string second;
    bool operator==(const ForkProof&) const = default;
};
std::string write_fork(const ForkProof& proof);
// Form only; Chain::verify_fork says whether it is one.
Result<ForkProof> read_fork(std::string_view text);

class Chain {
  public:
    // `origin`: the kid of the first operator key, from the epoch or the administrator.
    Chain(MemberId member, std::string origin);

    const MemberId& member() const { return member_; }
    const std::string& origin() const { return origin_; }
    // The number of entries that count.
    std::uint64_t length() const { return hashes_.size(); }
    // Zero for number 0. CHECKs that number <= length().
    crypto::Hash hash_at(std::uint64_t number) const;
    crypto::Hash head() const { return hash_at(length()); }
    // The key that must sign entry `number` (1 <= number <= length() + 1); nullptr while number 1
    // has not been seen.
    const PublicKey* key_before(std::uint64_t number) const;
    // The operator key after the last entry; nullptr of an empty chain.
    const PublicKey* key() const { return length() == 0 ? nullptr : key_before(length() + 1); }
    // The time of the entry that named key(); nothing of an empty chain.
    std::optional<Instant> key_since() const;
    // The numbers of the entries that changed the operator key.
    std::vector<std::uint64_t> rotations() const;
    Instant time() const { return time_; }
    std::uint64_t incarnation() const { return incarnation_; }
    // The lowest number at which a fork is proven; the chain ends before it for good.
    std::optional<std::uint64_t> fork() const { return fork_; }

    // Takes the next entry. conflict: another number, previous hash, or the chain is forked;
    // invalid_input: no entry, or one that does not fit the chain; crypto_failed: the signature.
    Result<DirectoryEntry> append(const Cryptography& cryptography, std::string_view jws,
                                  Trust trust);
    // Whether `jws` is a signed entry whose number the chain has with another text. Verifies the
    // signature only if so. invalid_input, crypto_failed: it says nothing about the member.
    Result<bool> contradicts(const Cryptography& cryptography, std::string_view jws) const;
    // unresolved: the chain is too short to know the key.
    Result<void> verify_fork(const Cryptography& cryptography, const ForkProof& proof) const;
    // Cuts the chain off before a number at which a fork is proven.
    void end_before(std::uint64_t number);

  private:
    struct KeySince {
        std::uint64_t from;
        PublicKey key;
        std::uint64_t entry;  // that named it
        Instant time;         // of that entry
    };
    Result<PublicKey> first_key(const Cryptography& cryptography, const DirectoryEntry& entry,
                                Trust trust) const;
    Result<void> check_body(const Cryptography& cryptography, const DirectoryEntry& entry,
                            Trust trust) const;

    MemberId member_;
    std::string origin_;
    std::vector<crypto::Hash> hashes_;
    std::vector<KeySince> keys_;
    std::set<TenantId> tenants_;
    Instant time_{};
    std::uint64_t incarnation_ = 0;
    std::optional<std::uint64_t> fork_;
};

}  // namespace schwarm::exchange
