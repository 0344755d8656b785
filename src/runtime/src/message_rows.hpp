// Messages that are kept, and which instances a message started. docs/formats/storage.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "layout.hpp"
#include "schwarm/base/binary.hpp"
#include "schwarm/runtime/messages.hpp"

namespace schwarm::runtime {

namespace keys {
// Spaces messages and starts.
std::string message(const TenantId& tenant, std::uint64_t key);
std::string message_name(const TenantId& tenant, std::string_view name,
                         const PersonHash& correlation);  // prefix
std::string message_of_case(const TenantId& tenant, CaseId case_id, std::uint64_t key);
std::string message_expiry(const TenantId& tenant, Instant expires, std::uint64_t key);
std::string message_id(const TenantId& tenant, std::string_view name, const PersonHash& correlation,
                       const PersonHash& id);
std::string signal(const TenantId& tenant, std::string_view name);  // prefix
std::string append_text(std::string prefix, std::string_view text);
std::string started(const TenantId& tenant, std::string_view process_id,
                    const PersonHash& correlation);
}  // namespace keys

void write_audience(ByteWriter& out, const Audience& audience);
Audience read_audience(ByteReader& in);

// The sealed part of a kept message.
struct KeptMessage {
    Message message;
    Instant expires;
    std::vector<std::string> reached;  // ids of processes that have had it

    std::string encode() const;
    static Result<KeptMessage> decode(std::string_view bytes);
};

// The value of a row of an open subscription.
struct SubscriptionValue {
    std::string element_id;
    std::string process_id;
    ElementKey process_instance;
    Position opened = 0;  // by the command at this position

    std::string encode() const;
    static Result<SubscriptionValue> decode(std::string_view bytes);
};

}  // namespace schwarm::runtime
