#include "schwarm/exchange/directory_epoch.hpp"

#include <algorithm>
#include <set>

#include "directory/fields.hpp"
#include "schwarm/exchange/directory_merkle.hpp"
#include "schwarm/exchange/directory_vote.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

constexpr json::Limits kContentLimits{std::size_t{256} * 1024, 5, 8000};
constexpr json::Limits kEpochLimits{std::size_t{1024} * 1024, 3, 1000};

}  // namespace

const EpochMember* EpochContent::find(const MemberId& member) const {
    const auto at = std::lower_bound(
        members.begin(), members.end(), member,
        [](const EpochMember& m, const MemberId& wanted) { return m.member < wanted; });
    return at != members.end() && at->member == member ? &*at : nullptr;
}

crypto::Hash EpochContent::root() const {
    std::vector<crypto::Hash> leaves;
    for (const EpochMember& m : members) leaves.push_back(merkle_leaf(m.member, m.number, m.head));
    return merkle_root(leaves);
}

std::string write_content(const EpochContent& content) {
    json::Writer w;
    w.begin_object().member("epoch", content.epoch);
    w.member("predecessor", detail::hash_text(content.predecessor));
    w.member("time", detail::millis(content.time));
    w.member("root", detail::hash_text(content.root())).name("members").begin_array();
    for (const EpochMember& m : content.members) {
        w.begin_object().member("member", m.member.value()).member("origin", m.origin);
        w.name("key").raw(m.key.jwk).member("number", m.number);
        w.member("head", detail::hash_text(m.head)).end_object();
    }
    w.end_array().end_object();
    return w.take();
}

Result<EpochContent> read_content(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kContentLimits));
    detail::Fields::Failure failure;
    detail::Fields f(value, "", failure);
    EpochContent content;
    content.epoch = static_cast<std::uint64_t>(f.number("epoch", 0));
    content.predecessor = f.hash("predecessor");
    content.time = f.time("time");
    const crypto::Hash root = f.hash("root");
    std::set<std::string> kids;
    std::size_t index = 0;
    for (const json::Value& item : f.list("members", 1, kMembersMax)) {
        detail::Fields m(item, "/members/" + std::to_string(index++), failure);
        EpochMember member;
        member.member = m.member("member");
        member.origin = m.text("origin", 100);
        member.key = m.key("key");
        member.number = static_cast<std::uint64_t>(m.number("number", 0));
        member.head = m.hash("head");
        m.end();
        if (!content.members.empty() && !(content.members.back().member < member.member)) {
            m.refuse("member", "members are not in ascending order");
        }
        if (!kids.insert(member.key.kid).second) m.refuse("key", "one key for two members");
        if (member.number == 0 &&
            (member.head != crypto::Hash{} || member.key.kid != member.origin)) {
            m.refuse("number", "a chain without entries has no head and its first key");
        }
        content.members.push_back(std::move(member));
    }
    f.end();
    if (!failure.error && content.root() != root) f.refuse("root", "is not that of the members");
    if (failure.error) return *failure.error;
    return content;
}

Result<Epoch> read_founding(std::string_view text) {
    SCHWARM_TRY(content, read_content(text));
    if (content.epoch != 0 || content.predecessor != crypto::Hash{}) {
        return fail(ErrorCode::invalid_input, "a founding file is epoch 0 without predecessor");
    }
    return Epoch{std::move(content), std::string(text), crypto::sha256(text), 0, {}};
}

std::string write_epoch(const Epoch& epoch) {
    json::Writer w;
    w.begin_object().member("content", epoch.content_text).member("round", epoch.round);
    w.name("signatures").begin_array();
    for (const std::string& jws : epoch.signatures) w.value(jws);
    w.end_array().end_object();
    return w.take();
}

Result<void> check_successor(const Epoch& predecessor, const EpochContent& content) {
    if (content.epoch != predecessor.content.epoch + 1 || content.predecessor != predecessor.hash) {
        return fail(ErrorCode::invalid_input, "follows another epoch", "/predecessor");
    }
    if (content.time < predecessor.content.time) {
        return fail(ErrorCode::invalid_input, "is older than its predecessor", "/time");
    }
    for (const EpochMember& now : content.members) {
        const EpochMember* before = predecessor.content.find(now.member);
        if (before == nullptr) continue;
        if (now.origin != before->origin || now.number < before->number ||
            (now.number == before->number && now != *before)) {
            return fail(ErrorCode::invalid_input, "the chain does not continue",
                        "/members " + now.member.value());
        }
    }
    return {};
}

Result<Epoch> trusted_epoch(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kEpochLimits));
    detail::Fields::Failure failure;
    detail::Fields f(value, "", failure);
    Epoch epoch;
    epoch.content_text = f.text("content", kContentLimits.max_bytes);
    epoch.round = static_cast<std::uint64_t>(f.number("round", 1));
    epoch.signatures = f.texts("signatures", 1, kMembersMax, 4096);
    f.end();
    if (failure.error) return *failure.error;
    SCHWARM_TRY(content, read_content(epoch.content_text));
    epoch.content = std::move(content);
    epoch.hash = crypto::sha256(epoch.content_text);
    return epoch;
}

Result<Epoch> verify_epoch(const Cryptography& cryptography, const Epoch& predecessor,
                           std::string_view text) {
    SCHWARM_TRY(epoch, trusted_epoch(text));
    SCHWARM_TRY_VOID(check_successor(predecessor, epoch.content));
    SCHWARM_TRY_VOID(verify_votes(cryptography, predecessor, VoteKind::signature, epoch.round,
                                  epoch.hash, epoch.signatures));
    return epoch;
}

}  // namespace schwarm::exchange
