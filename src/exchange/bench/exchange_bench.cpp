// How many operations of the network's cryptography one core carries a second, by processor time,
// so that other programs do not count.
//   exchange_bench [SECONDS]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "schwarm/crypto/elliptic.hpp"
#include "schwarm/exchange/envelope.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"

namespace {

using namespace schwarm;
using namespace schwarm::exchange;

double g_seconds = 1;

template <class Operation>
void measure(const char* name, Operation operation) {
    for (int i = 0; i < 20; ++i) operation();
    const std::clock_t start = std::clock();
    std::size_t count = 0;
    double elapsed = 0;
    while (elapsed < g_seconds) {
        for (int i = 0; i < 20; ++i) operation();
        count += 20;
        elapsed = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    }
    std::printf("%-28s %9.0f/s %8.1f us\n", name, static_cast<double>(count) / elapsed,
                1e6 * elapsed / static_cast<double>(count));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1) g_seconds = std::atof(argv[1]);
    SystemRandom random;
    const SystemClock clock;
    const JoseCryptography cryptography(clock);
    const KeyPair signing = cryptography.make_key(KeyUse::sign, random).value();
    const KeyPair sealing = cryptography.make_key(KeyUse::seal, random).value();
    const auto ec = crypto::EcPrivateKey::generate(random).value();
    const std::string text(2000, 'x');
    const std::string signature = crypto::sign_es256(ec, text).value();
    measure("P-256 key", [&] { crypto::EcPrivateKey::generate(random).value(); });
    measure("P-256 sign", [&] { crypto::sign_es256(ec, text).value(); });
    measure("P-256 verify",
            [&] { crypto::verify_es256(ec.public_key(), text, signature).value(); });
    measure("P-256 verify, a new key", [&] {
        const auto key =
            crypto::EcPublicKey::from_coordinates(ec.public_key().x(), ec.public_key().y());
        crypto::verify_es256(*key, text, signature).value();
    });
    measure("P-256 agreement", [&] { crypto::agree(ec, ec.public_key()).value(); });

    measure("JWK read",
            [&] { cryptography.read_key(KeyUse::sign, signing.public_key.jwk).value(); });
    const std::string jws = cryptography.sign(signing, "t", text).value();
    const std::string jwe =
        cryptography.seal(sealing.public_key, json::Value::object(), text, random).value();
    measure("JWS sign 2 kB", [&] { cryptography.sign(signing, "t", text).value(); });
    measure("JWS verify 2 kB", [&] { cryptography.verify(signing.public_key, "t", jws).value(); });
    measure("JWE seal 2 kB", [&] {
        cryptography.seal(sealing.public_key, json::Value::object(), text, random).value();
    });
    measure("JWE open 2 kB", [&] { cryptography.open(sealing, jwe).value(); });

    Envelope envelope;
    envelope.from = parse_address("kfz-leipzig@lecos").value();
    envelope.to = parse_address("kfz-aachen@regioit").value();
    envelope.type = "ikfz/halterwechsel";
    envelope.conversation = envelope.id = "c-17";
    envelope.time = clock.now();
    envelope.expires = envelope.time + std::chrono::hours(24);
    envelope.purpose = "Umschreibung";
    envelope.legal_basis = "§ 15 FZV";
    envelope.body = json::Value::object({{"text", text}});
    const auto lookup = [&](const Address&, std::string_view) -> Result<PublicKey> {
        return signing.public_key;
    };
    const auto make = [&] {
        return make_envelope(envelope, signing, sealing.public_key, cryptography, random).value();
    };
    const std::string made = make();
    measure("envelope make 2 kB", make);
    measure("envelope open 2 kB", [&] {
        open_envelope(made, envelope.to, sealing, lookup, cryptography, {clock.now()}).value();
    });

    Document document{"d", "application/pdf", kMaxDocumentBytes, {}, crypto::Key::random(random)};
    const std::string segment(kSegmentBytes, 'x');
    const std::string sealed = DocumentSealer(document).next(segment).value();
    measure("document segment seal 64 kB", [&] { DocumentSealer(document).next(segment).value(); });
    measure("document segment open 64 kB", [&] { DocumentOpener(document).next(sealed).value(); });
    return 0;
}
