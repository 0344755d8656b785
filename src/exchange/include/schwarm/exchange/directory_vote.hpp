// What members sign on the way to an epoch, and the proofs that one has lied
// (docs/decisions/0010-network.md, "Epochs"). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/exchange/directory_epoch.hpp"

namespace schwarm::exchange {

enum class VoteKind : std::uint8_t { promise, proposal, assent, signature };
std::string_view name_of(VoteKind kind);
// The typ of the JWS: "schwarm-promise+jws", ...
std::string type_of(VoteKind kind);

// What a promise reports: the proposal of the highest round that the member has signed.
struct Locked {
    std::uint64_t round = 0;
    crypto::Hash content{};      // hash of the content
    crypto::Hash certificate{};  // certificate_hash() of the assents it was signed upon
    bool operator==(const Locked&) const = default;
};

struct Vote {
    VoteKind kind = VoteKind::promise;
    MemberId member;
    crypto::Hash predecessor{};
    std::uint64_t round = 0;
    crypto::Hash content{};                // of all but promises
    std::optional<Locked> locked;          // of a promise
    std::string content_text;              // of a proposal, and its reasons:
    std::vector<std::string> promises;     // JWS
    std::vector<std::string> certificate;  // JWS, the assents to what is locked; may be empty
};

std::string write_vote(const Vote& vote);
Result<Vote> read_vote(std::string_view text);
Result<std::string> sign_vote(const Cryptography& cryptography, const KeyPair& key,
                              const Vote& vote);
// A vote of a member of `predecessor` on its successor, with a good signature.
Result<Vote> verify_vote(const Cryptography& cryptography, const Epoch& predecessor,
                         std::string_view jws);

crypto::Hash certificate_hash(const std::vector<std::string>& assents);
// Votes of more than two thirds, each of another member, all of this kind, round and content.
// unavailable if they are too few; invalid_input, crypto_failed if one is none.
Result<void> verify_votes(const Cryptography& cryptography, const Epoch& predecessor, VoteKind kind,
                          std::uint64_t round, const crypto::Hash& content,
                          const std::vector<std::string>& votes);

// Who may propose in a round: each round belongs to one member.
const MemberId& owner_of(const Epoch& predecessor, std::uint64_t round);

struct CheckedProposal {
    EpochContent content;
    bool locked = false;  // the content was not free: more than two thirds assented to it before
};
// Whether a proposal obeys the rule; depends on nothing but its text and `predecessor`.
Result<CheckedProposal> check_proposal(const Cryptography& cryptography, const Epoch& predecessor,
                                       const Vote& proposal);

enum class LieKind : std::uint8_t {
    two_votes,        // two promises, or two votes for different contents, in one round
    broken_promise,   // a signature in a round that a promise rules out or conceals
    forged_proposal,  // a proposal that breaks the rule
    forged_report,    // a promise whose certificate is none
};
std::string_view name_of(LieKind kind);

// Statements signed by one member that prove it lies; whoever knows the predecessor verifies it.
struct Lie {
    LieKind kind = LieKind::two_votes;
    MemberId member;
    crypto::Hash predecessor{};
    std::vector<std::string> statements;   // JWS: one or two
    std::vector<std::string> certificate;  // of a forged report
    bool operator==(const Lie&) const = default;
};
std::string write_lie(const Lie& lie);
Result<Lie> read_lie(std::string_view text);
// invalid_input if it proves nothing.
Result<void> verify_lie(const Cryptography& cryptography, const Epoch& predecessor, const Lie& lie);
// Whether two votes of one member contradict each other, and how.
std::optional<LieKind> contradiction(const Vote& a, const Vote& b);

}  // namespace schwarm::exchange
