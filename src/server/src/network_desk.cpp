#include "network_desk.hpp"

#include <algorithm>

#include "schwarm/crypto/encode.hpp"

namespace schwarm::server {
namespace {

std::string hex(const crypto::Hash& hash) {
    return crypto::hex_encode(crypto::bytes_of(hash));
}

}  // namespace

app::NetworkView NetworkDesk::view() const {
    const auto directory = directory_.now();
    const Instant now = clock_.now();
    const exchange::Epoch& tip = directory->tip();
    app::NetworkView out;
    out.epoch = tip.content.epoch;
    out.epoch_hash = hex(tip.hash);
    out.since = tip.content.time;
    for (const exchange::EpochMember& one : tip.content.members) {
        app::NetworkMember member;
        member.member = one.member.value();
        member.self = one.member == directory_.self();
        const auto info = directory->member(one.member);
        if (info.has_value()) {
            member.organisation = info->node.organisation;
            member.addresses = info->node.addresses;
        }
        out.members.push_back(std::move(member));
    }
    for (const auto& warnings :
         {directory->warnings(now),
          directory->own_warnings(directory_.self(), certificate_end_.load(), now)}) {
        for (const exchange::DirectoryWarning& warning : warnings) {
            out.warnings.push_back({std::string(exchange::name_of(warning.kind)), warning.text});
        }
    }
    if (directory_.restored()) {
        out.warnings.push_back({"restored",
                                "The node comes from a backup. It signs, sends and takes nothing "
                                "before the other members have said what they know."});
    }
    for (const post::Awaited& one : post_.awaited()) {
        out.warnings.push_back(
            {"restored", "After the restore nothing passes between " + one.tenant.value() +
                             " and " + one.member.value() +
                             " before it has said what happened since the backup" +
                             (one.reason.empty() ? "." : ": " + one.reason)});
    }
    for (const exchange::DirectoryConsent& consent : directory->consents()) {
        out.consents.push_back({consent.member.value(), consent.origin});
    }
    if (directory->disputed()) {
        for (const crypto::Hash& epoch : directory->successors(tip.hash)) {
            out.disputed.push_back(hex(epoch));
        }
    }
    return out;
}

std::vector<app::WaitingMessage> NetworkDesk::waiting(const TenantId& tenant,
                                                      std::size_t limit) const {
    std::vector<app::WaitingMessage> out;
    for (post::Waiting& one : post_.waiting(tenant, limit)) {
        app::WaitingMessage message;
        message.tenant = one.tenant;
        message.case_id = one.case_id;
        message.to = std::move(one.to);
        message.type = std::move(one.type);
        message.state = post::name_of(one.state);
        message.since = one.since;
        message.expires = one.expires;
        message.attempts = one.attempts;
        message.reason = std::move(one.reason);
        out.push_back(std::move(message));
    }
    return out;
}

Result<app::CaseMail> NetworkDesk::mail(const TenantId& tenant, CaseId id) const {
    SCHWARM_TRY(known, post_.mail(tenant, id));
    const auto directory = directory_.now();
    app::CaseMail out;
    out.complete = known.complete;
    for (post::CaseConversation& one : known.conversations) {
        app::CaseConversation conversation;
        const auto peer = exchange::parse_address(one.peer);
        if (peer.has_value()) {
            const auto info = directory->tenant(peer.value(), clock_.now());
            if (info.has_value()) conversation.peer_name = info.value().name;
        }
        conversation.id = std::move(one.id);
        conversation.participant = std::move(one.participant);
        conversation.peer = std::move(one.peer);
        conversation.sent = one.sent;
        conversation.received = one.received;
        conversation.held = one.held;
        conversation.other = std::move(one.other);
        out.conversations.push_back(std::move(conversation));
    }
    for (post::SentMessage& one : known.sent) {
        app::SentMessage message;
        message.type = std::move(one.type);
        message.participant = std::move(one.participant);
        message.to = std::move(one.to);
        message.sent = one.sent;
        message.state = one.open ? std::string(post::name_of(*one.open)) : "processed";
        message.processed = one.processed;
        message.reason = std::move(one.reason);
        out.sent.push_back(std::move(message));
    }
    for (post::ReceivedMessage& one : known.received) {
        out.received.push_back({std::move(one.type), std::move(one.from), std::move(one.state),
                                one.at, std::move(one.reason)});
    }
    return out;
}

Result<void> NetworkDesk::admit(std::string_view member, std::string_view key) {
    SCHWARM_TRY(id, exchange::parse_member(member));
    return directory_.consent_to_admit(id, key);
}

Result<void> NetworkDesk::remove(std::string_view member) {
    SCHWARM_TRY(id, exchange::parse_member(member));
    return directory_.consent_to_remove(id);
}

Result<void> NetworkDesk::choose(std::string_view epoch_hash) {
    SCHWARM_TRY(hash, parse_hash(epoch_hash));
    return directory_.choose(hash);
}

}  // namespace schwarm::server
