#include "schwarm/exchange/jose_cryptography.hpp"

#include "recent.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/jose/algorithms.hpp"
#include "schwarm/jose/jwe.hpp"
#include "schwarm/jose/jwk.hpp"
#include "schwarm/jose/jws.hpp"

namespace schwarm::exchange {
namespace {

jose::KeyUse jose_use(KeyUse use) {
    return use == KeyUse::sign ? jose::KeyUse::sign : jose::KeyUse::seal;
}

PublicKey described(const jose::PublicJwk& key) {
    return PublicKey{key.kid(), key.text()};
}

// What was made of a pair. It is found by the public key, which is no secret, so the secret is
// compared each time.
struct OwnKey {
    jose::PrivateJwk key;
    crypto::Hash secret;
};

}  // namespace

struct JoseCryptography::State {
    State(const Clock& given, std::size_t keys) : clock(given), theirs(keys), own(keys) {}

    Result<std::shared_ptr<const jose::PublicJwk>> their_key(KeyUse use,
                                                             const PublicKey& key) const {
        auto known = theirs.find(key.jwk);
        if (known == nullptr || known->use() != jose_use(use)) {
            SCHWARM_TRY(parsed, jose::PublicJwk::parse(jose_use(use), key.jwk));
            known = theirs.keep(key.jwk, std::move(parsed));
        }
        if (known->kid() != key.kid) {
            return fail(ErrorCode::invalid_input, "is not the thumbprint of the key", "key /kid");
        }
        return known;
    }

    Result<std::shared_ptr<const OwnKey>> own_key(KeyUse use, const KeyPair& pair) const {
        const PublicKey& named = pair.public_key;
        const crypto::Hash secret = crypto::sha256(pair.secret);
        auto known = own.find(named.jwk);
        if (known == nullptr || known->key.use() != jose_use(use) ||
            known->key.kid() != named.kid ||
            !crypto::equal_constant_time(crypto::bytes_of(known->secret),
                                         crypto::bytes_of(secret))) {
            SCHWARM_TRY(read, jose::PublicJwk::parse(jose_use(use), named.jwk));
            SCHWARM_TRY(made, jose::PrivateJwk::from_scalar(jose_use(use), pair.secret));
            if (made.kid() != read.kid() || made.kid() != named.kid) {
                return fail(ErrorCode::invalid_input, "the secret is not that of the public key",
                            "key pair");
            }
            known = own.keep(named.jwk, OwnKey{std::move(made), secret});
        }
        return known;
    }

    const Clock& clock;
    Recent<jose::PublicJwk> theirs;
    Recent<OwnKey> own;
};

JoseCryptography::JoseCryptography(const Clock& clock, std::size_t keys)
    : state_(std::make_unique<State>(clock, keys)) {}
JoseCryptography::~JoseCryptography() = default;

std::size_t JoseCryptography::kept() const {
    return state_->theirs.size();
}

Result<KeyPair> JoseCryptography::make_key(KeyUse use, Random& random) const {
    SCHWARM_TRY_VOID(jose::algorithm_to_make(
        use == KeyUse::sign ? jose::AlgorithmKind::signature : jose::AlgorithmKind::key_agreement,
        state_->clock.now()));
    SCHWARM_TRY(key, jose::PrivateJwk::generate(jose_use(use), random));
    return KeyPair{described(key.public_jwk()), key.scalar()};
}

Result<PublicKey> JoseCryptography::read_key(KeyUse use, std::string_view jwk) const {
    SCHWARM_TRY(key, jose::PublicJwk::parse(jose_use(use), jwk));
    return described(key);
}

Result<std::string> JoseCryptography::sign(const KeyPair& key, std::string_view type,
                                           std::string_view payload) const {
    SCHWARM_TRY(own, state_->own_key(KeyUse::sign, key));
    return jose::sign_jws(own->key, type, payload, state_->clock.now());
}

Result<std::string> JoseCryptography::verify(const PublicKey& key, std::string_view type,
                                             std::string_view jws) const {
    SCHWARM_TRY(theirs, state_->their_key(KeyUse::sign, key));
    return jose::verify_jws(*theirs, type, jws);
}

Result<std::string> JoseCryptography::seal(const PublicKey& key, const json::Value& header,
                                           std::string_view plain, Random& random) const {
    SCHWARM_TRY(theirs, state_->their_key(KeyUse::seal, key));
    return jose::seal_jwe(*theirs, header, plain, random, state_->clock.now());
}

Result<std::string> JoseCryptography::open(const KeyPair& key, std::string_view jwe) const {
    SCHWARM_TRY(own, state_->own_key(KeyUse::seal, key));
    return jose::open_jwe(own->key, jwe);
}

Result<UnverifiedJws> peek_jws(std::string_view jws) {
    SCHWARM_TRY(read, jose::read_jws(jws));
    return UnverifiedJws{std::move(read.kid), std::move(read.type), std::move(read.payload)};
}

Result<json::Value> peek_jwe(std::string_view jwe) {
    return jose::read_jwe_header(jwe);
}

}  // namespace schwarm::exchange
