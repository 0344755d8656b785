// For comparing with other libraries: reads a JSON object a line, {"do": "sign", ...}, and answers
// each with {"value": ...} or {"error": "..."}.
#include <iostream>
#include <string>

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
