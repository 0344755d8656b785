#include "message_rows.hpp"

#include "schwarm/base/binary.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::runtime {
namespace {
constexpr std::uint8_t kFormat = 2;              // 1: without the audience
constexpr std::uint8_t kSubscriptionFormat = 2;  // without: the element's id alone
}  // namespace

namespace keys {

std::string message(const TenantId& tenant, std::uint64_t key) {
    return lettered(tenant, 'M', key);
}
std::string message_name(const TenantId& tenant, std::string_view name,
                         const PersonHash& correlation) {
    return storage::KeyBuilder(tenant).raw("N").text(key_text(name)).raw(correlation).take();
}
std::string message_of_case(const TenantId& tenant, CaseId case_id, std::uint64_t key) {
    return append(lettered(tenant, 'C', case_id.value()), key);
}
std::string message_expiry(const TenantId& tenant, Instant expires, std::uint64_t key) {
    return append(lettered(tenant, 'E', sortable(expires)), key);
}
std::string message_id(const TenantId& tenant, std::string_view name, const PersonHash& correlation,
                       const PersonHash& id) {
    return storage::KeyBuilder(tenant)
        .raw("I")
        .text(key_text(name))
        .raw(correlation)
        .raw(id)
        .take();
}
std::string signal(const TenantId& tenant, std::string_view name) {
    return storage::KeyBuilder(tenant).raw("S").text(key_text(name)).take();
}
std::string append_text(std::string prefix, std::string_view text) {
    // A builder begins with the tenant's zero byte.
    return std::move(prefix) + storage::KeyBuilder(TenantId()).text(text).take().substr(1);
}
std::string started(const TenantId& tenant, std::string_view process_id,
                    const PersonHash& correlation) {
    return storage::KeyBuilder(tenant).raw("S").text(key_text(process_id)).raw(correlation).take();
}

}  // namespace keys

void write_audience(ByteWriter& out, const Audience& audience) {
    out.bytes(audience.service.value());
    out.u8(audience.others ? 1 : 0);
}

Audience read_audience(ByteReader& in) {
    Audience out;
    out.service = ServiceId(std::string(in.bytes()));
    out.others = in.u8() != 0;
    return out;
}

std::string KeptMessage::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(message.name);
    out.bytes(message.correlation_key);
    out.bytes(message.id);
    out.bytes(feel::encode(message.variables.to_context()));
    out.svarint(expires.time_since_epoch().count());
    out.varint(reached.size());
    for (const std::string& process : reached) out.bytes(process);
    write_audience(out, message.audience);
    return out.take();
}

Result<KeptMessage> KeptMessage::decode(std::string_view bytes) {
    ByteReader in(bytes);
    KeptMessage out;
    const std::uint8_t format = in.u8();
    out.message.name = std::string(in.bytes());
    out.message.correlation_key = std::string(in.bytes());
    out.message.id = std::string(in.bytes());
    const std::string_view variables = in.bytes();
    out.expires = Instant(std::chrono::milliseconds(in.svarint()));
    const std::uint64_t count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) out.reached.emplace_back(in.bytes());
    if (format == kFormat) out.message.audience = read_audience(in);
    if (format < 1 || format > kFormat || !in.ok() || !in.at_end()) {
        return fail(ErrorCode::corrupt, "a stored row is damaged: kept message");
    }
    SCHWARM_TRY(context, feel::decode(variables));
    out.message.variables = engine::Variables::from_context(context);
    return out;
}

std::string SubscriptionValue::encode() const {
    ByteWriter out;
    out.u8(kSubscriptionFormat);
    out.bytes(element_id);
    out.bytes(process_id);
    out.varint(process_instance.value());
    out.varint(opened);
    return out.take();
}

Result<SubscriptionValue> SubscriptionValue::decode(std::string_view bytes) {
    ByteReader in(bytes);
    SubscriptionValue out;
    const std::uint8_t format = in.u8();
    out.element_id = std::string(in.bytes());
    out.process_id = std::string(in.bytes());
    out.process_instance = ElementKey(in.varint());
    out.opened = in.varint();
    if (format != kSubscriptionFormat || !in.ok() || !in.at_end()) {
        return fail(ErrorCode::corrupt, "a stored row is damaged: subscription");
    }
    return out;
}

}  // namespace schwarm::runtime
