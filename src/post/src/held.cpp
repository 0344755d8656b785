#include "held.hpp"

#include "schwarm/base/binary.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::post {
namespace {

constexpr std::uint8_t kFormat = 1;

void put(ByteWriter& out, Instant at) {
    out.svarint(at.time_since_epoch().count());
}
Instant instant(ByteReader& in) {
    return Instant(std::chrono::milliseconds(in.svarint()));
}

}  // namespace

std::string encode_held(const exchange::Envelope& envelope) {
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(envelope.from.text());
    out.bytes(envelope.to.text());
    for (const std::string* part : {&envelope.type, &envelope.conversation, &envelope.id,
                                    &envelope.purpose, &envelope.legal_basis}) {
        out.bytes(*part);
    }
    out.varint(envelope.sequence);
    put(out, envelope.time);
    put(out, envelope.expires);
    out.bytes(json::to_string(envelope.body));
    out.varint(envelope.documents.size());
    for (const exchange::Document& document : envelope.documents) {
        out.bytes(document.id);
        out.bytes(document.type);
        out.varint(document.length);
        out.raw(crypto::bytes_of(document.sha256));
        out.raw(document.key.bytes());
    }
    return out.take();
}

Result<exchange::Envelope> decode_held(std::string_view bytes) {
    ByteReader in(bytes);
    if (in.u8() != kFormat) {
        return fail(ErrorCode::unsupported, "a held message in an unknown format");
    }
    exchange::Envelope out;
    SCHWARM_TRY(from, exchange::parse_address(in.bytes()));
    SCHWARM_TRY(to, exchange::parse_address(in.bytes()));
    out.from = from;
    out.to = to;
    for (std::string* part :
         {&out.type, &out.conversation, &out.id, &out.purpose, &out.legal_basis}) {
        *part = std::string(in.bytes());
    }
    out.sequence = in.varint();
    out.time = instant(in);
    out.expires = instant(in);
    SCHWARM_TRY(body, json::parse(in.bytes()));
    out.body = std::move(body);
    const std::uint64_t count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        const std::string id(in.bytes());
        const std::string type(in.bytes());
        const std::uint64_t length = in.varint();
        const std::string_view hash = in.raw(crypto::Hash{}.size());
        const std::string_view key = in.raw(crypto::kKeySize);
        if (!in.ok()) break;
        SCHWARM_TRY(opened, crypto::Key::from_bytes(key));
        out.documents.push_back({id, type, length, crypto::hash_from_bytes(hash), opened});
    }
    if (!in.ok() || !in.at_end()) return fail(ErrorCode::corrupt, "a damaged held message");
    return out;
}

}  // namespace schwarm::post
