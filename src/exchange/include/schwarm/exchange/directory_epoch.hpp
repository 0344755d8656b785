// Epochs: who is a member, with which key and how far each chain counts
// (docs/decisions/0010-network.md, "Epochs"; docs/formats/network.md).
//
// An epoch's identity is the SHA-256 of its content's text; round and signatures are how it came
// to be valid. All functions are pure and may be called from any thread. Errors name the place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/exchange/cryptography.hpp"

namespace schwarm::exchange {

inline constexpr std::size_t kMembersMax = 128;

struct EpochMember {
    MemberId member;
    std::string origin;        // kid of the first operator key of its chain
    PublicKey key;             // operator key after `number`; votes on the next epoch with it
    std::uint64_t number = 0;  // entries of its chain; 0: none yet
    crypto::Hash head{};       // hash of that entry
    bool operator==(const EpochMember&) const = default;
};

struct EpochContent {
    std::uint64_t epoch = 0;           // counts up by one; 0 is the founding file
    crypto::Hash predecessor{};        // zero in the founding file
    Instant time;                      // when it was proposed: what the age is counted from
    std::vector<EpochMember> members;  // 1 to kMembersMax, ascending by name
    bool operator==(const EpochContent&) const = default;

    const EpochMember* find(const MemberId& member) const;
    // Over (member, number, head) of all members.
    crypto::Hash root() const;
};

// Includes the root.
std::string write_content(const EpochContent& content);
// invalid_input: also if members are not in order, a name or key stands twice, or the root is not
// theirs. limit_exceeded.
Result<EpochContent> read_content(std::string_view text);

// A content that counts: founded, or signed by more than two thirds of its predecessor's members.
// Made by read_founding, verify_epoch and, for texts verified before, trusted_epoch.
struct Epoch {
    EpochContent content;
    std::string content_text;
    crypto::Hash hash{};  // of content_text
    std::uint64_t round = 0;
    std::vector<std::string> signatures;  // JWS; none in the founding file
};

// The founding file is the text of a content with number 0; its hash is what administrators
// compare, and names the network.
Result<Epoch> read_founding(std::string_view text);

std::string write_epoch(const Epoch& epoch);
// Whether `content` may follow: number, predecessor, time and no chain shorter than before.
Result<void> check_successor(const Epoch& predecessor, const EpochContent& content);
// invalid_input: no successor of `predecessor`; crypto_failed: a signature; unavailable: too few
// signatures.
Result<Epoch> verify_epoch(const Cryptography& cryptography, const Epoch& predecessor,
                           std::string_view text);
// Form only. For what the node itself has stored, and to find the predecessor.
Result<Epoch> trusted_epoch(std::string_view text);

}  // namespace schwarm::exchange
