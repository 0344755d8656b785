// Keys, signed and sealed texts. The first byte says what the rest is, so that the fuzzer also gets
// behind base64url: K a key, S and E whole texts, s and e their headers as JSON.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/jose/jwe.hpp"
#include "schwarm/jose/jws.hpp"

namespace {

using namespace schwarm;

struct Keys {
    SeededRandom random{1};
    jose::PrivateJwk signing = jose::PrivateJwk::generate(jose::KeyUse::sign, random).value();
    jose::PrivateJwk sealing = jose::PrivateJwk::generate(jose::KeyUse::seal, random).value();
};

void require(bool condition) {
    if (!condition) __builtin_trap();
}

void read_key(std::string_view text) {
    for (const auto use : {jose::KeyUse::sign, jose::KeyUse::seal}) {
        const auto key = jose::PublicJwk::parse(use, text);
        if (!key) continue;
        const auto again = jose::PublicJwk::parse(use, key->text());
        require(again && again->kid() == key->kid() && again->text() == key->text());
    }
}

void read_signed(const Keys& keys, std::string_view text) {
    const auto read = jose::read_jws(text);
    if (!read) return;
    require(read->signed_text.size() < text.size());
    // Nobody guesses a signature.
    require(!jose::verify_jws(keys.signing.public_jwk(), read->type, text));
}

void read_sealed(const Keys& keys, std::string_view text) {
    static_cast<void>(jose::read_jwe_header(text));
    require(!jose::open_jwe(keys.sealing, text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Keys keys;
    if (size == 0) return 0;
    const std::string input(data, data + size);
    const std::string_view rest = std::string_view(input).substr(1);
    switch (input[0]) {
        case 'K':
            read_key(rest);
            break;
        case 'S':
            read_signed(keys, rest);
            break;
        case 'E':
            read_sealed(keys, rest);
            break;
        case 's':
            read_signed(keys, crypto::base64url_encode(rest) + ".e30." + std::string(86, 'A'));
            break;
        case 'e':
            read_sealed(keys, crypto::base64url_encode(rest) + "." + std::string(52, 'A') + "AA." +
                                  std::string(16, 'A') + ".e30." + std::string(22, 'A'));
            break;
        default:
            break;
    }
    return 0;
}
