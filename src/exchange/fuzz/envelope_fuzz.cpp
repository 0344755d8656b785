// Envelopes. Nothing is sealed or signed here, so that the fuzzer gets behind both layers: the
// input is the protected header as JSON, a newline, and the signed text; or a whole sealed text.
// What is accepted must be made and opened again alike.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/exchange/envelope.hpp"
#include "schwarm/json/json.hpp"

namespace {

using namespace schwarm;
using namespace schwarm::exchange;

constexpr const char* kKid = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";

void require(bool condition) {
    if (!condition) __builtin_trap();
}

// The form of JOSE without its protection.
class Transparent final : public Cryptography {
  public:
    Result<KeyPair> make_key(KeyUse, Random&) const override { return KeyPair{{kKid, ""}, ""}; }
    Result<PublicKey> read_key(KeyUse, std::string_view) const override {
        return PublicKey{kKid, ""};
    }
    Result<std::string> sign(const KeyPair& key, std::string_view type,
                             std::string_view payload) const override {
        const json::Value header =
            json::Value::object({{"alg", "ES256"}, {"kid", key.public_key.kid}, {"typ", type}});
        return crypto::base64url_encode(json::to_string(header)) + "." +
               crypto::base64url_encode(payload) + ".AA";
    }
    Result<std::string> verify(const PublicKey&, std::string_view type,
                               std::string_view jws) const override {
        SCHWARM_TRY(read, peek_jws(jws));
        if (read.type != type) return fail(ErrorCode::invalid_input, "another type");
        return std::move(read.payload);
    }
    Result<std::string> seal(const PublicKey& key, const json::Value& header,
                             std::string_view plain, Random&) const override {
        json::Value all = json::Value::object({{"alg", "ECDH-ES+A256KW"},
                                               {"enc", "A256GCM"},
                                               {"kid", key.kid},
                                               {"epk", json::Value::object()}});
        for (const auto& [name, member] : header.members()) all.set(name, member);
        return with_header(json::to_string(all), plain);
    }
    Result<std::string> open(const KeyPair&, std::string_view jwe) const override {
        const std::size_t from = jwe.find("...") + 3;
        return crypto::base64url_decode(jwe.substr(from, jwe.size() - from - 1));
    }
    static std::string with_header(std::string_view header, std::string_view plain) {
        return crypto::base64url_encode(header) + "..." + crypto::base64url_encode(plain) + ".";
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Transparent cryptography;
    static const KeyPair key{{kKid, ""}, ""};
    static const Address receiver = parse_address("b@n").value();
    const auto lookup = [](const Address&, std::string_view kid) -> Result<PublicKey> {
        return PublicKey{std::string(kid), ""};
    };
    const std::string input(data, data + size);
    std::string jwe = input;
    const auto newline = input.find('\n');
    if (newline != std::string::npos) {
        KeyPair signer = key;
        jwe = Transparent::with_header(
            std::string_view(input).substr(0, newline),
            cryptography.sign(signer, kMessageJws, std::string_view(input).substr(newline + 1))
                .value());
    } else {
        // There is nothing sealed in a text that nobody made.
        static_cast<void>(read_header(jwe));
        return 0;
    }
    const Acceptance acceptance{Instant(std::chrono::milliseconds(1'772'360'000'000))};
    const auto opened = open_envelope(jwe, receiver, key, lookup, cryptography, acceptance);
    if (!opened) return 0;
    SeededRandom random(1);
    const auto made = make_envelope(opened->envelope, key, key.public_key, cryptography, random);
    require(made.has_value());
    const auto again = open_envelope(*made, receiver, key, lookup, cryptography, acceptance);
    require(again.has_value());
    require(static_cast<const Routing&>(again->envelope) == opened->envelope);
    require(again->envelope.body == opened->envelope.body);
    require(again->envelope.documents.size() == opened->envelope.documents.size());
    return 0;
}
