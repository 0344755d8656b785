#include "own_entries.hpp"

#include <algorithm>

namespace schwarm::server {
namespace {

using exchange::Address;

Result<void> enter_node(NetworkDirectory& directory, exchange::NodeEntry node,
                        const exchange::PublicKey& operator_key, std::uint64_t incarnation) {
    const exchange::MemberId& self = directory.self();
    const auto now = directory.now();
    const exchange::Chain* chain = now->chain(self);
    if (chain == nullptr || chain->length() == 0) {
        node.operator_key = operator_key;
        return directory.enter(node);
    }
    const auto known = now->member(self);
    if (known.has_value() && known.value().node.tls == node.tls &&
        known.value().node.addresses == node.addresses &&
        known.value().node.organisation == node.organisation &&
        chain->incarnation() >= incarnation) {
        return {};
    }
    node.incarnation = std::max(chain->incarnation(), incarnation);
    return directory.enter(node);
}

bool says(const exchange::TenantEntry& before, const exchange::TenantEntry& now) {
    return before.signing == now.signing && before.sealing == now.sealing &&
           before.roles == now.roles && before.name == now.name;
}

}  // namespace

Result<void> enter_what_changed(NetworkDirectory& directory, const OwnEntries& own,
                                const exchange::PublicKey& operator_key, std::uint64_t incarnation,
                                Instant now) {
    const exchange::MemberId& self = directory.self();
    SCHWARM_TRY_VOID(enter_node(directory, own.node, operator_key, incarnation));
    for (exchange::TenantEntry entry : own.tenants) {
        const auto before = directory.now()->tenant({entry.tenant, self}, now);
        if (before.has_value()) {
            if (says(before.value(), entry)) continue;
            entry.suspended = before.value().suspended;
            entry.moved = before.value().moved;
        }
        SCHWARM_TRY_VOID(directory.enter(std::move(entry)));
    }
    const auto services = directory.now()->services(now);
    for (const exchange::ServiceEntry& entry : own.services) {
        const Address address{entry.tenant, self};
        if (std::any_of(services.begin(), services.end(), [&](const auto& one) {
                return one.first == address && one.second.collaboration == entry.collaboration &&
                       one.second.version == entry.version && one.second.role == entry.role;
            })) {
            continue;
        }
        SCHWARM_TRY_VOID(directory.enter(entry));
    }
    for (const exchange::EvidenceEntry& entry : own.evidence) {
        const auto listed = directory.now()->evidence(entry.type, now);
        if (std::any_of(listed.begin(), listed.end(), [&](const exchange::EvidenceProvider& one) {
                return one.provider == Address{entry.tenant, self} && one.evidence == entry;
            })) {
            continue;
        }
        SCHWARM_TRY_VOID(directory.enter(entry));
    }
    return {};
}

}  // namespace schwarm::server
