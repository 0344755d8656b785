#include "schwarm/exchange/envelope.hpp"

#include <algorithm>
#include <set>

#include "fields.hpp"
#include "schwarm/base/utf8.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kMaxId = 64;
constexpr std::size_t kMaxType = 128;
constexpr std::size_t kMaxText = 200;
constexpr std::size_t kMaxMediaType = 100;
// 10000-01-01T00:00:00Z
constexpr Instant kTimeEnd{std::chrono::milliseconds(253'402'300'800'000)};
// More values than a signed text of this size can hold.
constexpr json::Limits kLimits{
    .max_bytes = kMaxEnvelopeBytes, .max_depth = kMaxBodyDepth + 1, .max_nodes = 150'000};

Error refuse(std::string_view where, std::string reason) {
    return fail(ErrorCode::invalid_input, std::move(reason), "envelope /" + std::string(where));
}

Result<void> check_instant(Instant at, std::string_view where) {
    if (at >= Instant{} && at < kTimeEnd) return {};
    return refuse(where, "must lie in the years 1970 to 9999");
}

Result<void> check_id(std::string_view id, std::string_view where) {
    if (is_token(id, kMaxId)) return {};
    return refuse(where, "must have 1 to 64 of A-Z a-z 0-9 . _ : -");
}

Result<void> check_routing(const Routing& routing) {
    // The fields of an address could hold anything; its text is what the other side reads.
    for (const auto& [address, where] :
         {std::pair(&routing.from, "from"), std::pair(&routing.to, "to")}) {
        if (const auto read = parse_address(address->text()); !read) {
            return refuse(where, read.error().message);
        }
    }
    if (!is_token(routing.type, kMaxType, "/")) {
        return refuse("type", "must have 1 to 128 of A-Z a-z 0-9 . _ : / -");
    }
    SCHWARM_TRY_VOID(check_id(routing.conversation, "conversation"));
    SCHWARM_TRY_VOID(check_id(routing.id, "id"));
    if (routing.sequence > kMaxSequence) return refuse("sequence", "must be at most 2^53 - 1");
    SCHWARM_TRY_VOID(check_instant(routing.time, "time"));
    for (const auto& [text, where] :
         {std::pair(&routing.purpose, "purpose"), std::pair(&routing.legal_basis, "legal_basis")}) {
        if (!is_line(*text, kMaxText)) {
            return refuse(where, "must have 1 to 200 bytes of text without control characters");
        }
    }
    return {};
}

Result<void> check_document(const Document& document, std::set<std::string_view>& ids,
                            const std::string& where) {
    SCHWARM_TRY_VOID(check_id(document.id, where + "/id"));
    if (!ids.insert(document.id).second) return refuse(where + "/id", "stands here twice");
    if (!is_token(document.type, kMaxMediaType, "/+") ||
        std::count(document.type.begin(), document.type.end(), '/') != 1) {
        return refuse(where + "/type", "must be a media type of at most 100 characters");
    }
    if (document.length > kMaxDocumentBytes) {
        return fail(ErrorCode::limit_exceeded,
                    "must be at most " + std::to_string(kMaxDocumentBytes),
                    "envelope /" + where + "/length");
    }
    return {};
}

Result<void> check(const Envelope& envelope) {
    SCHWARM_TRY_VOID(check_routing(envelope));
    SCHWARM_TRY_VOID(check_instant(envelope.expires, "expires"));
    if (envelope.expires <= envelope.time) return refuse("expires", "must be later than the time");
    if (envelope.documents.size() > kMaxEnvelopeDocuments) {
        return fail(ErrorCode::limit_exceeded,
                    "at most " + std::to_string(kMaxEnvelopeDocuments) + " documents",
                    "envelope /documents");
    }
    std::set<std::string_view> ids;
    for (std::size_t i = 0; i < envelope.documents.size(); ++i) {
        SCHWARM_TRY_VOID(
            check_document(envelope.documents[i], ids, "documents/" + std::to_string(i)));
    }
    return {};
}

bool deeper_than(const json::Value& value, std::size_t levels) {
    if (!value.is_array() && !value.is_object()) return false;
    if (levels == 0) return true;
    if (value.is_array()) {
        return std::any_of(value.items().begin(), value.items().end(),
                           [&](const json::Value& item) { return deeper_than(item, levels - 1); });
    }
    return std::any_of(
        value.members().begin(), value.members().end(),
        [&](const json::Value::Member& member) { return deeper_than(member.second, levels - 1); });
}

json::Value header_of(const Routing& routing) {
    return json::Value::object({{"typ", kMessageJwe},
                                {"version", kVersion},
                                {"from", routing.from.text()},
                                {"to", routing.to.text()},
                                {"type", routing.type},
                                {"conversation", routing.conversation},
                                {"id", routing.id},
                                {"sequence", static_cast<std::int64_t>(routing.sequence)},
                                {"time", instant_text(routing.time)},
                                {"purpose", routing.purpose},
                                {"legal_basis", routing.legal_basis}});
}

std::string payload_of(const Envelope& envelope) {
    json::Writer out;
    out.begin_object();
    out.member("version", kVersion);
    out.member("from", envelope.from.text()).member("to", envelope.to.text());
    out.member("type", envelope.type).member("conversation", envelope.conversation);
    out.member("id", envelope.id).member("sequence", envelope.sequence);
    out.member("time", instant_text(envelope.time));
    out.member("expires", instant_text(envelope.expires));
    out.member("purpose", envelope.purpose).member("legal_basis", envelope.legal_basis);
    json::write(envelope.body, out.name("body"));
    out.name("documents").begin_array();
    for (const Document& document : envelope.documents) {
        out.begin_object();
        out.member("id", document.id).member("type", document.type);
        out.member("length", document.length);
        out.member("sha256", crypto::base64url_encode(crypto::bytes_of(document.sha256)));
        out.member("key", crypto::base64url_encode(document.key.bytes()));
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

Result<Routing> routing_of(Fields& fields) {
    Routing out;
    SCHWARM_TRY(version, fields.number("version", kMaxSequence));
    if (version != static_cast<std::uint64_t>(kVersion)) {
        return fail(ErrorCode::unsupported, "only version 1 is known here",
                    fields.where() + " /version");
    }
    SCHWARM_TRY(from, fields.address("from"));
    SCHWARM_TRY(to, fields.address("to"));
    SCHWARM_TRY(type, fields.text("type"));
    SCHWARM_TRY(conversation, fields.text("conversation"));
    SCHWARM_TRY(id, fields.text("id"));
    SCHWARM_TRY(sequence, fields.number("sequence", kMaxSequence));
    SCHWARM_TRY(time, fields.instant("time"));
    SCHWARM_TRY(purpose, fields.text("purpose"));
    SCHWARM_TRY(legal_basis, fields.text("legal_basis"));
    out.from = std::move(from);
    out.to = std::move(to);
    out.type = std::move(type);
    out.conversation = std::move(conversation);
    out.id = std::move(id);
    out.sequence = sequence;
    out.time = time;
    out.purpose = std::move(purpose);
    out.legal_basis = std::move(legal_basis);
    SCHWARM_TRY_VOID(check_routing(out));
    return out;
}

Result<Document> document_of(const json::Value& value, std::string where) {
    SCHWARM_TRY(fields, Fields::of(value, std::move(where)));
    SCHWARM_TRY(id, fields.text("id"));
    SCHWARM_TRY(type, fields.text("type"));
    SCHWARM_TRY(length, fields.number("length", kMaxSequence));
    SCHWARM_TRY(hash, fields.bytes("sha256", crypto::Hash{}.size()));
    SCHWARM_TRY(key_bytes, fields.bytes("key", crypto::kKeySize));
    auto key = crypto::Key::from_bytes(key_bytes);
    crypto::wipe(key_bytes);
    SCHWARM_TRY_VOID(fields.no_others());
    if (!key) return key.error();
    return Document{std::move(id), std::move(type), length, crypto::hash_from_bytes(hash),
                    std::move(*key)};
}

Result<Envelope> envelope_of(std::string_view payload) {
    auto parsed = json::parse(payload, kLimits);
    if (!parsed) {
        Error error = parsed.error();
        error.where = "envelope " + error.where;
        return error;
    }
    SCHWARM_TRY(fields, Fields::of(*parsed, "envelope"));
    SCHWARM_TRY(routing, routing_of(fields));
    Envelope out{std::move(routing), {}, {}, {}};
    SCHWARM_TRY(expires, fields.instant("expires"));
    SCHWARM_TRY_VOID(fields.any("body"));
    SCHWARM_TRY(documents, fields.any("documents"));
    SCHWARM_TRY_VOID(fields.no_others());
    out.expires = expires;
    if (!documents->is_array()) return refuse("documents", "must be an array");
    if (documents->items().size() > kMaxEnvelopeDocuments) {
        return fail(ErrorCode::limit_exceeded,
                    "at most " + std::to_string(kMaxEnvelopeDocuments) + " documents",
                    "envelope /documents");
    }
    for (const json::Value& item : documents->items()) {
        SCHWARM_TRY(document, document_of(item, "envelope /documents/" +
                                                    std::to_string(out.documents.size())));
        out.documents.push_back(std::move(document));
    }
    out.body = std::move(*parsed->find("body"));
    SCHWARM_TRY_VOID(check(out));
    return out;
}

// The first member in which the two differ; empty if there is none.
std::string_view difference(const Routing& a, const Routing& b) {
    if (a.from != b.from) return "from";
    if (a.to != b.to) return "to";
    if (a.type != b.type) return "type";
    if (a.conversation != b.conversation) return "conversation";
    if (a.id != b.id) return "id";
    if (a.sequence != b.sequence) return "sequence";
    if (a.time != b.time) return "time";
    if (a.purpose != b.purpose) return "purpose";
    if (a.legal_basis != b.legal_basis) return "legal_basis";
    return {};
}

Result<void> check_times(const Envelope& envelope, const Acceptance& acceptance) {
    if (envelope.time > acceptance.now + acceptance.clock_skew) {
        return refuse("time", "lies in the future: the sender's clock is ahead");
    }
    if (envelope.expires - envelope.time > acceptance.max_lifetime) {
        return refuse("expires", "is further from the time than is accepted here");
    }
    if (envelope.expires + acceptance.clock_skew < acceptance.now) {
        return fail(ErrorCode::gone, "has expired at " + instant_text(envelope.expires),
                    "envelope /expires");
    }
    return {};
}

}  // namespace

crypto::Hash content_hash(const Envelope& envelope) {
    json::Writer out;
    out.begin_array();
    out.value(envelope.type).value(envelope.conversation).value(envelope.sequence);
    json::write(envelope.body, out);
    for (const Document& document : envelope.documents) {
        out.value(document.id).value(document.type).value(document.length);
        out.value(crypto::hex_encode(crypto::bytes_of(document.sha256)));
    }
    out.end_array();
    return crypto::sha256(out.take());
}

Result<std::string> make_envelope(const Envelope& envelope, const KeyPair& sender,
                                  const PublicKey& receiver, const Cryptography& cryptography,
                                  Random& random) {
    SCHWARM_TRY_VOID(check(envelope));
    if (deeper_than(envelope.body, kMaxBodyDepth)) {
        return fail(ErrorCode::limit_exceeded,
                    "is nested deeper than " + std::to_string(kMaxBodyDepth), "envelope /body");
    }
    std::string payload = payload_of(envelope);
    if (!utf8::is_valid(payload)) return refuse("body", "is not valid UTF-8");
    auto jws = cryptography.sign(sender, kMessageJws, payload);
    // The keys of the documents stand in the text.
    crypto::wipe(payload);
    if (!jws) return jws;
    auto jwe = cryptography.seal(receiver, header_of(envelope), *jws, random);
    crypto::wipe(*jws);
    if (jwe && jwe->size() > kMaxEnvelopeBytes) {
        return fail(ErrorCode::limit_exceeded,
                    "would be longer than " + std::to_string(kMaxEnvelopeBytes) + " bytes",
                    "envelope");
    }
    return jwe;
}

Result<EnvelopeHeader> read_header(std::string_view jwe) {
    if (jwe.size() > kMaxEnvelopeBytes) {
        return fail(ErrorCode::limit_exceeded,
                    "is longer than " + std::to_string(kMaxEnvelopeBytes) + " bytes", "envelope");
    }
    SCHWARM_TRY(header, peek_jwe(jwe));
    SCHWARM_TRY(fields, Fields::of(header, "envelope header"));
    SCHWARM_TRY(type, fields.text("typ"));
    if (type != kMessageJwe) {
        return fields.refuse("typ", "must be " + std::string(kMessageJwe));
    }
    for (const std::string_view name : {"alg", "enc", "epk"}) {
        SCHWARM_TRY_VOID(fields.any(name));
    }
    SCHWARM_TRY(kid, fields.text("kid"));
    SCHWARM_TRY(routing, routing_of(fields));
    SCHWARM_TRY_VOID(fields.no_others());
    return EnvelopeHeader{std::move(routing), std::move(kid)};
}

Result<OpenedEnvelope> open_envelope(std::string_view jwe, const Address& receiver,
                                     const KeyPair& sealing_key, const KeyLookup& lookup,
                                     const Cryptography& cryptography,
                                     const Acceptance& acceptance) {
    SCHWARM_TRY(header, read_header(jwe));
    if (header.to != receiver) {
        return refuse("to", "is " + header.to.text() + ", not " + receiver.text());
    }
    return open_envelope(jwe, header, sealing_key, lookup, cryptography, acceptance);
}

Result<OpenedEnvelope> open_envelope(std::string_view jwe, const EnvelopeHeader& header,
                                     const KeyPair& sealing_key, const KeyLookup& lookup,
                                     const Cryptography& cryptography,
                                     const Acceptance& acceptance) {
    SCHWARM_TRY(jws, cryptography.open(sealing_key, jwe));
    SCHWARM_TRY(signed_by, peek_jws(jws));
    SCHWARM_TRY(sender, lookup(header.from, signed_by.kid));
    if (sender.kid != signed_by.kid) {
        return refuse("kid", "the key that was found is another one");
    }
    SCHWARM_TRY(payload, cryptography.verify(sender, kMessageJws, jws));
    SCHWARM_TRY(envelope, envelope_of(payload));
    crypto::wipe(payload);
    if (const auto member = difference(header, envelope); !member.empty()) {
        return refuse(member, "the signed text and the header say different things");
    }
    SCHWARM_TRY_VOID(check_times(envelope, acceptance));
    return OpenedEnvelope{std::move(envelope), std::move(signed_by.kid), std::move(jws)};
}

}  // namespace schwarm::exchange
