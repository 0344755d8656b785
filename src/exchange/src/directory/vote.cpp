#include "schwarm/exchange/directory_vote.hpp"

#include <algorithm>
#include <set>

#include "directory/fields.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

constexpr json::Limits kVoteLimits{std::size_t{256} * 1024, 4, 1000};
constexpr json::Limits kLieLimits{std::size_t{1024} * 1024, 3, 1000};
constexpr std::size_t kJwsBytes = 4096;
constexpr std::string_view kVoteNames[] = {"promise", "proposal", "assent", "signature"};
constexpr std::string_view kLieNames[] = {"two_votes", "broken_promise", "forged_proposal",
                                          "forged_report"};

void write_list(json::Writer& w, std::string_view name, const std::vector<std::string>& texts) {
    w.name(name).begin_array();
    for (const std::string& text : texts) w.value(text);
    w.end_array();
}

// The promises of a proposal: how many members, and the highest report.
struct Promises {
    std::set<MemberId> members;
    std::optional<Locked> highest;
};

Result<Promises> read_promises(const Cryptography& cryptography, const Epoch& predecessor,
                               const Vote& proposal) {
    Promises out;
    for (std::size_t i = 0; i < proposal.promises.size(); ++i) {
        const std::string place = "/promises/" + std::to_string(i);
        const auto vote = verify_vote(cryptography, predecessor, proposal.promises[i]);
        if (vote.has_error()) return fail(vote.error().code, vote.error().message, place);
        const Vote& promise = vote.value();
        if (promise.kind != VoteKind::promise || promise.round != proposal.round ||
            (promise.locked && promise.locked->round >= proposal.round) ||
            !out.members.insert(promise.member).second) {
            return fail(ErrorCode::invalid_input, "no promise for this round", place);
        }
        if (!promise.locked) continue;
        if (!out.highest || out.highest->round < promise.locked->round) {
            out.highest = promise.locked;
        } else if (out.highest->round == promise.locked->round &&
                   out.highest->content != promise.locked->content) {
            return fail(ErrorCode::invalid_input, "two contents are locked in one round", place);
        }
    }
    return out;
}

}  // namespace

std::string_view name_of(VoteKind kind) {
    return kVoteNames[static_cast<std::size_t>(kind)];
}
std::string_view name_of(LieKind kind) {
    return kLieNames[static_cast<std::size_t>(kind)];
}
std::string type_of(VoteKind kind) {
    return "schwarm-" + std::string(name_of(kind)) + "+jws";
}

std::string write_vote(const Vote& vote) {
    json::Writer w;
    w.begin_object().member("vote", name_of(vote.kind)).member("member", vote.member.value());
    w.member("predecessor", detail::hash_text(vote.predecessor)).member("round", vote.round);
    if (vote.kind == VoteKind::promise) {
        if (vote.locked) {
            w.name("locked").begin_object().member("round", vote.locked->round);
            w.member("content", detail::hash_text(vote.locked->content));
            w.member("certificate", detail::hash_text(vote.locked->certificate)).end_object();
        }
    } else if (vote.kind == VoteKind::proposal) {
        w.member("content", vote.content_text);
        write_list(w, "promises", vote.promises);
        write_list(w, "certificate", vote.certificate);
    } else {
        w.member("content", detail::hash_text(vote.content));
    }
    w.end_object();
    return w.take();
}

Result<Vote> read_vote(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kVoteLimits));
    detail::Fields::Failure failure;
    detail::Fields f(value, "", failure);
    Vote vote;
    const std::string kind = f.text("vote", 20);
    const auto* found = std::find(std::begin(kVoteNames), std::end(kVoteNames), kind);
    if (found == std::end(kVoteNames)) {
        f.refuse("vote", "no such vote");
    } else {
        vote.kind = static_cast<VoteKind>(found - std::begin(kVoteNames));
    }
    vote.member = f.member("member");
    vote.predecessor = f.hash("predecessor");
    vote.round = static_cast<std::uint64_t>(f.number("round", 1));
    if (vote.kind == VoteKind::promise) {
        if (f.has("locked")) {
            detail::Fields l(f.object("locked"), "/locked", failure);
            Locked locked;
            locked.round = static_cast<std::uint64_t>(l.number("round", 1));
            locked.content = l.hash("content");
            locked.certificate = l.hash("certificate");
            l.end();
            vote.locked = locked;
        }
    } else if (vote.kind == VoteKind::proposal) {
        vote.content_text = f.text("content", kVoteLimits.max_bytes);
        vote.content = crypto::sha256(vote.content_text);
        vote.promises = f.texts("promises", 1, kMembersMax, kJwsBytes);
        vote.certificate = f.texts("certificate", 0, kMembersMax, kJwsBytes);
    } else {
        vote.content = f.hash("content");
    }
    f.end();
    if (failure.error) return *failure.error;
    return vote;
}

Result<std::string> sign_vote(const Cryptography& cryptography, const KeyPair& key,
                              const Vote& vote) {
    return cryptography.sign(key, type_of(vote.kind), write_vote(vote));
}

Result<Vote> verify_vote(const Cryptography& cryptography, const Epoch& predecessor,
                         std::string_view jws) {
    SCHWARM_TRY(text, detail::signed_text(jws));
    SCHWARM_TRY(vote, read_vote(text));
    if (vote.predecessor != predecessor.hash) {
        return fail(ErrorCode::invalid_input, "a vote after another epoch");
    }
    const EpochMember* member = predecessor.content.find(vote.member);
    if (member == nullptr) {
        return fail(ErrorCode::invalid_input, vote.member.value() + " is no member");
    }
    SCHWARM_TRY_VOID(cryptography.verify(member->key, type_of(vote.kind), jws));
    return vote;
}

crypto::Hash certificate_hash(const std::vector<std::string>& assents) {
    crypto::Sha256 hash;
    for (const std::string& jws : assents) {
        hash.update(jws);
        hash.update("\n");
    }
    return hash.finish();
}

Result<void> verify_votes(const Cryptography& cryptography, const Epoch& predecessor, VoteKind kind,
                          std::uint64_t round, const crypto::Hash& content,
                          const std::vector<std::string>& votes) {
    if (votes.size() < detail::quorum(predecessor.content.members.size())) {
        return fail(ErrorCode::unavailable, "not signed by more than two thirds");
    }
    std::set<MemberId> members;
    for (std::size_t i = 0; i < votes.size(); ++i) {
        const std::string place = "/" + std::to_string(i);
        const auto vote = verify_vote(cryptography, predecessor, votes[i]);
        if (vote.has_error()) return fail(vote.error().code, vote.error().message, place);
        const Vote& v = vote.value();
        if (v.kind != kind || v.round != round || v.content != content ||
            !members.insert(v.member).second) {
            return fail(ErrorCode::invalid_input, "another vote, or one member twice", place);
        }
    }
    return {};
}

const MemberId& owner_of(const Epoch& predecessor, std::uint64_t round) {
    const auto& members = predecessor.content.members;
    return members[round % members.size()].member;
}

Result<CheckedProposal> check_proposal(const Cryptography& cryptography, const Epoch& predecessor,
                                       const Vote& proposal) {
    if (owner_of(predecessor, proposal.round) != proposal.member) {
        return fail(ErrorCode::invalid_input, "the round belongs to another member", "/round");
    }
    SCHWARM_TRY(content, read_content(proposal.content_text));
    SCHWARM_TRY_VOID(check_successor(predecessor, content));
    SCHWARM_TRY(promises, read_promises(cryptography, predecessor, proposal));
    if (promises.members.size() < detail::quorum(predecessor.content.members.size())) {
        return fail(ErrorCode::invalid_input, "promises of too few", "/promises");
    }
    if (!promises.highest) {
        if (!proposal.certificate.empty()) {
            return fail(ErrorCode::invalid_input, "nothing is locked", "/certificate");
        }
        return CheckedProposal{std::move(content), false};
    }
    if (proposal.content != promises.highest->content) {
        return fail(ErrorCode::invalid_input, "another content is locked", "/content");
    }
    const auto votes =
        verify_votes(cryptography, predecessor, VoteKind::assent, promises.highest->round,
                     proposal.content, proposal.certificate);
    if (votes.has_error()) {
        return fail(ErrorCode::invalid_input, votes.error().message,
                    "/certificate" + votes.error().where);
    }
    return CheckedProposal{std::move(content), true};
}

std::optional<LieKind> contradiction(const Vote& a, const Vote& b) {
    if (a.member != b.member || a.predecessor != b.predecessor) return std::nullopt;
    const bool a_promises = a.kind == VoteKind::promise;
    const bool b_promises = b.kind == VoteKind::promise;
    if (a.round == b.round && a_promises == b_promises) {
        const bool same = a_promises ? a.locked == b.locked : a.content == b.content;
        return same ? std::nullopt : std::optional(LieKind::two_votes);
    }
    if (a_promises == b_promises) return std::nullopt;
    const Vote& promise = a_promises ? a : b;
    const Vote& vote = a_promises ? b : a;
    if (vote.kind != VoteKind::signature || vote.round >= promise.round) return std::nullopt;
    const bool reported = promise.locked && promise.locked->round >= vote.round;
    return reported ? std::nullopt : std::optional(LieKind::broken_promise);
}

std::string write_lie(const Lie& lie) {
    json::Writer w;
    w.begin_object().member("lie", name_of(lie.kind)).member("member", lie.member.value());
    w.member("predecessor", detail::hash_text(lie.predecessor));
    write_list(w, "statements", lie.statements);
    write_list(w, "certificate", lie.certificate);
    w.end_object();
    return w.take();
}

Result<Lie> read_lie(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kLieLimits));
    detail::Fields::Failure failure;
    detail::Fields f(value, "", failure);
    Lie lie;
    const std::string kind = f.text("lie", 20);
    const auto* found = std::find(std::begin(kLieNames), std::end(kLieNames), kind);
    if (found == std::end(kLieNames)) {
        f.refuse("lie", "no such lie");
    } else {
        lie.kind = static_cast<LieKind>(found - std::begin(kLieNames));
    }
    lie.member = f.member("member");
    lie.predecessor = f.hash("predecessor");
    lie.statements = f.texts("statements", 1, 2, kVoteLimits.max_bytes);
    lie.certificate = f.texts("certificate", 0, kMembersMax, kJwsBytes);
    f.end();
    if (failure.error) return *failure.error;
    return lie;
}

Result<void> verify_lie(const Cryptography& cryptography, const Epoch& predecessor,
                        const Lie& lie) {
    std::vector<Vote> votes;
    for (const std::string& jws : lie.statements) {
        SCHWARM_TRY(vote, verify_vote(cryptography, predecessor, jws));
        if (vote.member != lie.member) {
            return fail(ErrorCode::invalid_input, "a statement of another member");
        }
        votes.push_back(std::move(vote));
    }
    const Vote& first = votes.front();
    bool proven = false;
    switch (lie.kind) {
        case LieKind::two_votes:
        case LieKind::broken_promise:
            proven = votes.size() == 2 && contradiction(first, votes[1]) == lie.kind;
            break;
        case LieKind::forged_proposal:
            proven = votes.size() == 1 && first.kind == VoteKind::proposal &&
                     check_proposal(cryptography, predecessor, first).has_error();
            break;
        case LieKind::forged_report:
            proven = votes.size() == 1 && first.kind == VoteKind::promise && first.locked &&
                     certificate_hash(lie.certificate) == first.locked->certificate &&
                     (first.locked->round >= first.round ||
                      verify_votes(cryptography, predecessor, VoteKind::assent, first.locked->round,
                                   first.locked->content, lie.certificate)
                          .has_error());
            break;
    }
    if (!proven) return fail(ErrorCode::invalid_input, "the statements prove no lie");
    return {};
}

}  // namespace schwarm::exchange
