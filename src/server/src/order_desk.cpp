#include "order_desk.hpp"

#include <algorithm>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::server {

Result<std::string> OrderDesk::carry_out(const json::Value& order) {
    if (directory_.restored()) {
        return fail(ErrorCode::unavailable,
                    "the node comes from a backup and waits for the others");
    }
    const std::string kind = order.string_or("order", "");
    const std::string from = order.string_or("from", "");
    if (kind == "tenant-keys") {
        return keys_.begin_tenant(TenantId(order.string_or("tenant", "")), from);
    }
    if (kind == "lost-key") {
        return keys_.withdraw_tenant_key(TenantId(order.string_or("tenant", "")),
                                         order.string_or("key", ""));
    }
    if (kind == "operator-key") return keys_.begin_operator(from);
    if (kind == "tls-key") return keys_.begin_tls(from);
    if (kind == "withdraw") return withdraw(order);
    if (kind == "suspend") return suspend(order);
    if (kind == "admit") return admit(order);
    if (kind == "remove") return remove(order);
    if (kind == "choose") {
        const std::string text = order.string_or("epoch", "");
        SCHWARM_TRY(epoch, parse_hash(text));
        SCHWARM_TRY_VOID(directory_.choose(epoch));
        return "the epoch " + text + " counts";
    }
    return fail(ErrorCode::unsupported, "this program knows no order '" + kind + "'");
}

Result<std::string> OrderDesk::withdraw(const json::Value& order) {
    const json::Value* shown = order.find("agreement");
    if (shown == nullptr) return fail(ErrorCode::invalid_input, "which agreement?");
    SCHWARM_TRY(agreement, exchange::read_agreement(json::to_string(*shown)));
    const exchange::MemberId& self = directory_.self();
    if (agreement.client.member != self && agreement.provider.member != self) {
        return fail(ErrorCode::invalid_input, "neither of the two is a tenant of this node");
    }
    const std::string what = agreement.client.text() + " may no longer ask " +
                             agreement.provider.text() + " for " + agreement.evidence;
    const auto held = directory_.now()->check_agreements();
    const auto found = std::find_if(held.begin(), held.end(), [&](const auto& one) {
        return one.good && one.agreement == agreement;
    });
    if (found == held.end()) {
        return fail(ErrorCode::not_found, "the directory holds no such agreement");
    }
    if (found->withdrawn) return what;
    SCHWARM_TRY_VOID(directory_.enter(exchange::WithdrawalEntry{
        found->member, found->number, clock_.now(), order.string_or("reason", "")}));
    return what;
}

Result<std::string> OrderDesk::suspend(const json::Value& order) {
    const exchange::Address address{TenantId(order.string_or("tenant", "")), directory_.self()};
    const json::Value* wanted = order.find("suspended");
    if (wanted == nullptr || !wanted->is_boolean()) {
        return fail(ErrorCode::invalid_input, "suspended, or not any more?");
    }
    SCHWARM_TRY(entry, directory_.now()->tenant(address, clock_.now()));
    const std::string what =
        address.text() + (wanted->as_boolean() ? " is suspended" : " is not suspended any more");
    if (entry.suspended == wanted->as_boolean()) return what;
    entry.suspended = wanted->as_boolean();
    SCHWARM_TRY_VOID(directory_.enter(std::move(entry)));
    return what;
}

Result<std::string> OrderDesk::admit(const json::Value& order) {
    SCHWARM_TRY(member, exchange::parse_member(order.string_or("member", "")));
    const std::string key = order.string_or("key", "");
    const auto directory = directory_.now();
    const exchange::EpochMember* listed = directory->tip().content.find(member);
    if (listed != nullptr && listed->origin == key) return member.value() + " is a member";
    SCHWARM_TRY_VOID(directory_.consent_to_admit(member, key));
    NetworkPeer peer{member.value(), order.string_or("address", ""), order.string_or("tls", "")};
    if (!peer.address.empty()) SCHWARM_TRY_VOID(directory_.remember(peer));
    return "agreed to admit " + member.value() + " with the operator key " + key;
}

Result<std::string> OrderDesk::remove(const json::Value& order) {
    SCHWARM_TRY(member, exchange::parse_member(order.string_or("member", "")));
    const auto agreed = directory_.consent_to_remove(member);
    // The order found a member: it was carried out before.
    if (agreed.has_error() && agreed.error().code == ErrorCode::not_found) {
        return member.value() + " is no member any more";
    }
    SCHWARM_TRY_VOID(agreed);
    return "agreed to remove " + member.value();
}

}  // namespace schwarm::server
