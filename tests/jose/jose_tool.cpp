// For comparing with other libraries: reads a JSON object a line, {"do": "sign", ...}, and answers
// each with {"value": ...} or {"error": "..."}.
#include <chrono>
#include <iostream>
#include <string>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/exchange/envelope.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/json/json.hpp"

namespace {

using namespace schwarm;
using exchange::KeyPair;
using exchange::KeyUse;
using exchange::PublicKey;
using json::Value;

Value described(const KeyPair& pair) {
    return Value::object(
        {{"jwk", pair.public_key.jwk}, {"kid", pair.public_key.kid}, {"secret", pair.secret}});
}

// An envelope of `line` with its one document, sealed.
Result<Value> make_envelope(const exchange::Cryptography& cryptography, const KeyPair& sender,
                            const Value& line, Random& random) {
    SCHWARM_TRY(receiver, cryptography.read_key(KeyUse::seal, line.string_or("receiver", "")));
    SCHWARM_TRY(from, exchange::parse_address(line.string_or("from", "")));
    SCHWARM_TRY(to, exchange::parse_address(line.string_or("to", "")));
    exchange::Envelope envelope;
    envelope.from = from;
    envelope.to = to;
    envelope.type = line.string_or("type", "");
    envelope.conversation = line.string_or("conversation", "");
    envelope.id = line.string_or("id", "");
    envelope.sequence = static_cast<std::uint64_t>(line.int_or("sequence", 0));
    envelope.time = SystemClock().now();
    envelope.expires = envelope.time + std::chrono::hours(24);
    envelope.purpose = line.string_or("purpose", "");
    envelope.legal_basis = line.string_or("legal_basis", "");
    if (const Value* const body = line.find("body")) envelope.body = *body;
    const std::string bytes = line.string_or("document", "");
    exchange::DocumentMeasure measure;
    measure.add(bytes);
    SCHWARM_TRY(document, measure.finish("d1", "text/plain", random));
    envelope.documents.push_back(document);
    SCHWARM_TRY(jwe, exchange::make_envelope(envelope, sender, receiver, cryptography, random));
    Value segments = Value::array();
    for (exchange::DocumentSealer sealer(document); !sealer.finished();) {
        const auto at = static_cast<std::size_t>(sealer.number()) * exchange::kSegmentBytes;
        SCHWARM_TRY(segment, sealer.next(bytes.substr(at, exchange::kSegmentBytes)));
        segments.push_back(crypto::base64url_encode(segment));
    }
    return Value::object({{"jwe", std::move(jwe)}, {"segments", std::move(segments)}});
}

// Body and document of the envelope `text`.
Result<Value> open_envelope(const exchange::Cryptography& cryptography, const KeyPair& receiver,
                            const Value& line) {
    SCHWARM_TRY(to, exchange::parse_address(line.string_or("to", "")));
    const auto lookup = [&](const exchange::Address&, std::string_view) {
        return cryptography.read_key(KeyUse::sign, line.string_or("sender", ""));
    };
    SCHWARM_TRY(opened, exchange::open_envelope(line.string_or("text", ""), to, receiver, lookup,
                                                cryptography, {SystemClock().now()}));
    Value out = Value::object({{"from", opened.envelope.from.text()},
                               {"purpose", opened.envelope.purpose},
                               {"body", opened.envelope.body}});
    const Value* const segments = line.find("segments");
    if (segments == nullptr || opened.envelope.documents.empty()) return out;
    exchange::DocumentOpener opener(opened.envelope.documents.front());
    std::string bytes;
    for (const Value& segment : segments->items()) {
        SCHWARM_TRY(sealed, crypto::base64url_decode(segment.as_string()));
        SCHWARM_TRY(plain, opener.next(sealed));
        bytes += plain;
    }
    SCHWARM_TRY_VOID(opener.finish());
    out.set("document", std::move(bytes));
    return out;
}

Result<Value> answer(const exchange::Cryptography& cryptography, const Value& line) {
    static SystemRandom random;
    const std::string what = line.string_or("do", "");
    const KeyUse use = line.string_or("use", "") == "sign" ? KeyUse::sign : KeyUse::seal;
    const std::string text = line.string_or("text", "");
    const std::string type = line.string_or("type", "");
    if (what == "make_key") {
        SCHWARM_TRY(pair, cryptography.make_key(use, random));
        return described(pair);
    }
    SCHWARM_TRY(key, cryptography.read_key(use, line.string_or("jwk", "")));
    const KeyPair pair{key, line.string_or("secret", "")};
    if (what == "read_key") return described(pair);
    if (what == "make_envelope") return make_envelope(cryptography, pair, line, random);
    if (what == "open_envelope") return open_envelope(cryptography, pair, line);
    Result<std::string> done = fail(ErrorCode::invalid_input, "there is no '" + what + "'");
    if (what == "sign") done = cryptography.sign(pair, type, text);
    if (what == "verify") done = cryptography.verify(key, type, text);
    if (what == "seal") {
        const Value* const header = line.find("header");
        done = cryptography.seal(key, header != nullptr ? *header : Value::object(), text, random);
    }
    if (what == "open") done = cryptography.open(pair, text);
    if (!done) return done.error();
    return Value(std::move(*done));
}

}  // namespace

int main() {
    const SystemClock clock;
    const exchange::JoseCryptography cryptography(clock);
    std::string line;
    while (std::getline(std::cin, line)) {
        auto parsed = json::parse(line);
        auto done = parsed ? answer(cryptography, *parsed) : Result<Value>(parsed.error());
        const Value out = done ? Value::object({{"value", std::move(*done)}})
                               : Value::object({{"error", done.error().text()}});
        std::cout << json::to_string(out) << std::endl;
    }
    return 0;
}
