#include "rows.hpp"

#include <array>

#include "schwarm/base/binary.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::post {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kOwnDelivery = 2;
constexpr std::uint8_t kDeliveryWithDocuments = 3;
constexpr std::uint8_t kOpenWithFlags = 2;
constexpr std::uint8_t kReceivedContent = 2;
constexpr std::uint8_t kHasDocuments = 1;
constexpr std::uint8_t kNeverLeft = 2;
constexpr std::string_view kOrigin = "conversation:";

using storage::KeyBuilder;

std::uint64_t milliseconds(Instant at) {
    return static_cast<std::uint64_t>(at.time_since_epoch().count());
}

void put(ByteWriter& out, Instant at) {
    out.svarint(at.time_since_epoch().count());
}
Instant instant(ByteReader& in) {
    return Instant(std::chrono::milliseconds(in.svarint()));
}
std::string string(ByteReader& in) {
    return std::string(in.bytes());
}

Result<void> check(const ByteReader& in, std::string_view what) {
    if (in.ok() && in.at_end()) return {};
    return fail(ErrorCode::corrupt, "a damaged row of the exchange", std::string(what));
}

Error unknown_format(std::string_view what) {
    return fail(ErrorCode::unsupported, "a row of the exchange in an unknown format",
                std::string(what));
}

Result<void> check_format(ByteReader& in, std::string_view what) {
    if (in.u8() == kFormat) return {};
    return unknown_format(what);
}

}  // namespace

namespace keys {

std::string delivery(CaseId case_id, std::uint64_t number) {
    return KeyBuilder().raw("D").number(case_id.value()).number(number).take();
}
std::string deliveries(CaseId case_id) {
    return KeyBuilder().raw("D").number(case_id.value()).take();
}
std::string manifest(CaseId case_id, std::string_view id) {
    return KeyBuilder().raw("M").number(case_id.value()).text(id).take();
}
std::string partner(CaseId case_id, std::string_view participant) {
    return KeyBuilder().raw("C").number(case_id.value()).text(participant).take();
}
std::string partners(CaseId case_id) {
    return KeyBuilder().raw("C").number(case_id.value()).take();
}
std::string open_delivery(std::uint64_t number) {
    return KeyBuilder().raw(kOpenPrefix).number(number).take();
}
std::uint64_t number_of(std::string_view open_delivery_key) {
    return storage::KeyReader(open_delivery_key.substr(kOpenPrefix.size())).number();
}
std::string conversation(std::string_view id) {
    return KeyBuilder().raw(kConversationPrefix).text(id).take();
}
std::string held_prefix(std::string_view conversation) {
    return KeyBuilder().raw(kHeldPrefix).text(conversation).take();
}
std::string held(std::string_view conversation, std::uint64_t sequence) {
    return KeyBuilder().raw(kHeldPrefix).text(conversation).number(sequence).take();
}
std::string received(std::string_view sender, std::string_view id) {
    return KeyBuilder().raw(kReceivedPrefix).text(sender).text(id).take();
}
std::string collected(std::string_view sender, std::string_view id) {
    return KeyBuilder().raw(kCollectedPrefix).text(sender).text(id).take();
}
std::string erase_before(Instant at) {
    return KeyBuilder().raw(kErasePrefix).number(milliseconds(at)).take();
}
std::string erase_at(Instant at, std::string_view key) {
    return KeyBuilder().raw(kErasePrefix).number(milliseconds(at)).raw(key).take();
}
std::string erased_key(std::string_view erase_key) {
    return std::string(erase_key.substr(kErasePrefix.size() + sizeof(std::uint64_t)));
}

}  // namespace keys

std::string Delivery::encode() const {
    ByteWriter out;
    const bool own = !purpose.empty();
    out.u8(own ? kOwnDelivery : documents.empty() ? kFormat : kDeliveryWithDocuments);
    for (const std::string* part : {&id, &conversation, &participant, &role, &jurisdiction,
                                    &contract, &version, &message, &content}) {
        out.bytes(*part);
    }
    out.varint(sequence);
    put(out, created);
    if (own) {
        out.bytes(purpose);
        out.bytes(legal_basis);
    } else if (!documents.empty()) {
        out.varint(documents.size());
        for (const std::string& name : documents) out.bytes(name);
    }
    return out.take();
}

Result<Delivery> Delivery::decode(std::string_view bytes) {
    ByteReader in(bytes);
    const std::uint8_t format = in.u8();
    if (format != kFormat && format != kOwnDelivery && format != kDeliveryWithDocuments) {
        return unknown_format("delivery");
    }
    Delivery out;
    for (std::string* part :
         {&out.id, &out.conversation, &out.participant, &out.role, &out.jurisdiction, &out.contract,
          &out.version, &out.message, &out.content}) {
        *part = string(in);
    }
    out.sequence = in.varint();
    out.created = instant(in);
    if (format == kOwnDelivery) {
        out.purpose = string(in);
        out.legal_basis = string(in);
    }
    const std::uint64_t count = format == kDeliveryWithDocuments ? in.varint() : 0;
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) out.documents.push_back(string(in));
    SCHWARM_TRY_VOID(check(in, "delivery"));
    return out;
}

std::string OpenDelivery::encode() const {
    ByteWriter out;
    out.u8(kOpenWithFlags);
    out.varint(case_id.value());
    for (const std::string* part : {&id, &conversation, &to, &type, &reason}) out.bytes(*part);
    out.u8(static_cast<std::uint8_t>(state));
    put(out, created);
    put(out, expires);
    out.u8(static_cast<std::uint8_t>((has_documents ? kHasDocuments : 0) |
                                     (never_left ? kNeverLeft : 0)));
    return out.take();
}

Result<OpenDelivery> OpenDelivery::decode(std::string_view bytes) {
    ByteReader in(bytes);
    const std::uint8_t format = in.u8();
    if (format != kFormat && format != kOpenWithFlags) return unknown_format("open delivery");
    OpenDelivery out;
    out.case_id = CaseId(in.varint());
    for (std::string* part : {&out.id, &out.conversation, &out.to, &out.type, &out.reason}) {
        *part = string(in);
    }
    const std::uint8_t state = in.u8();
    if (state > static_cast<std::uint8_t>(DeliveryState::refused)) in.set_failed();
    out.state = static_cast<DeliveryState>(state);
    out.created = instant(in);
    out.expires = instant(in);
    const std::uint8_t flags = format == kOpenWithFlags ? in.u8() : kHasDocuments;
    if (flags > (kHasDocuments | kNeverLeft)) in.set_failed();
    out.has_documents = (flags & kHasDocuments) != 0;
    out.never_left = (flags & kNeverLeft) != 0;
    SCHWARM_TRY_VOID(check(in, "open delivery"));
    return out;
}

std::string Conversation::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.varint(case_id.value());
    out.bytes(participant);
    out.bytes(peer);
    out.varint(next_sent);
    out.varint(next_expected);
    return out.take();
}

Result<Conversation> Conversation::decode(std::string_view bytes) {
    ByteReader in(bytes);
    SCHWARM_TRY_VOID(check_format(in, "conversation"));
    Conversation out;
    out.case_id = CaseId(in.varint());
    out.participant = string(in);
    out.peer = string(in);
    out.next_sent = in.varint();
    out.next_expected = in.varint();
    SCHWARM_TRY_VOID(check(in, "conversation"));
    return out;
}

std::string OriginTag::text() const {
    return std::string(kOrigin) + participant + ':' + conversation + ':' + peer;
}

std::optional<OriginTag> OriginTag::parse(std::string_view tag) {
    if (!tag.starts_with(kOrigin)) return std::nullopt;
    const std::string_view rest = tag.substr(kOrigin.size());
    const auto first = rest.find(':');
    const auto second = first == std::string_view::npos ? first : rest.find(':', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    return OriginTag{std::string(rest.substr(0, first)),
                     std::string(rest.substr(first + 1, second - first - 1)),
                     std::string(rest.substr(second + 1))};
}

std::string Received::encode() const {
    ByteWriter out;
    out.u8(content ? kReceivedContent : kFormat);
    out.raw(crypto::bytes_of(content.value_or(crypto::Hash{})));
    out.u8(static_cast<std::uint8_t>(state));
    out.bytes(reason);
    out.varint(case_id.value());
    return out.take();
}

Result<Received> Received::decode(std::string_view bytes) {
    ByteReader in(bytes);
    const std::uint8_t format = in.u8();
    if (format != kFormat && format != kReceivedContent) return unknown_format("received");
    Received out;
    const std::string_view hash = in.raw(crypto::Hash{}.size());
    if (in.ok() && format == kReceivedContent) out.content = crypto::hash_from_bytes(hash);
    const std::uint8_t state = in.u8();
    if (state > static_cast<std::uint8_t>(exchange::ReceiptState::closed)) in.set_failed();
    out.state = static_cast<exchange::ReceiptState>(state);
    out.reason = string(in);
    out.case_id = CaseId(in.varint());
    SCHWARM_TRY_VOID(check(in, "received"));
    return out;
}

std::string_view name_of(DeliveryState state) {
    constexpr std::array<std::string_view, 4> kNames = {"waiting", "delivered", "expired",
                                                        "refused"};
    return kNames.at(static_cast<std::size_t>(state));
}

}  // namespace schwarm::post
