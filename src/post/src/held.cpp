#include "held.hpp"

#include "manifest.hpp"
#include "rows.hpp"
#include "schwarm/base/binary.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/post/post.hpp"
#include "schwarm/storage/storage.hpp"

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

Result<std::optional<exchange::Envelope>> erase_held(runtime::WriteBatch& batch,
                                                     const std::string& key) {
    SCHWARM_TRY(plain, batch.get_sealed(key));
    if (!plain) return std::optional<exchange::Envelope>();
    SCHWARM_TRY(envelope, decode_held(*plain));
    batch.erase(storage::Space::exchange, key);
    SCHWARM_TRY_VOID(forget_documents(batch, envelope, false));
    return std::optional(std::move(envelope));
}

// Who asks for a receipt again learns that it will not take effect any more.
Result<void> forget_case(runtime::WriteBatch& batch, CaseId case_id) {
    using storage::Space;
    std::vector<std::string> conversations;
    SCHWARM_TRY_VOID(batch.scan(Space::exchange, storage::prefix_range(keys::partners(case_id)),
                                [&](std::string_view key, std::string_view conversation) {
                                    batch.erase(Space::exchange, std::string(key));
                                    conversations.emplace_back(conversation);
                                    return true;
                                }));
    // What comes meanwhile is answered, also to who is restored from a backup. Then it goes, since
    // with the id of a conversation guesses of what was said in it can be tried on the log.
    const Instant over = batch.now() + 2 * Options{}.kept;
    for (const std::string& id : conversations) {
        batch.put(Space::exchange, keys::erase_at(over, keys::conversation(id)), {});
    }
    std::vector<std::string> held;
    for (const std::string& id : conversations) {
        SCHWARM_TRY_VOID(batch.scan(Space::exchange, storage::prefix_range(keys::held_prefix(id)),
                                    [&](std::string_view key, std::string_view) {
                                        held.emplace_back(key);
                                        return true;
                                    }));
    }
    for (const std::string& key : held) {
        SCHWARM_TRY(envelope, erase_held(batch, key));
        if (!envelope) continue;
        const std::string place = keys::received(envelope->from.text(), envelope->id);
        SCHWARM_TRY(row, batch.get(Space::exchange, place));
        if (!row) continue;
        SCHWARM_TRY(received, Received::decode(*row));
        received.state = exchange::ReceiptState::closed;
        batch.put(Space::exchange, place, received.encode());
    }
    return {};
}

}  // namespace schwarm::post
