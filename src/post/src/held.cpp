#include "held.hpp"

#include "manifest.hpp"
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
    put(out, envelope.documents);
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
    out.documents = documents(in);
    if (!in.ok() || !in.at_end()) return fail(ErrorCode::corrupt, "a damaged held message");
    return out;
}

}  // namespace schwarm::post
