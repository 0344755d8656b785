#include "schwarm/crypto/elliptic.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <array>
#include <cstring>
#include <mutex>
#include <span>

#include "openssl.hpp"
#include "schwarm/crypto/hash.hpp"

namespace schwarm::crypto {
namespace {
using openssl::Owned;
using openssl::p256;
using openssl::readable;
using openssl::writable;

// 0x04 || x || y (SEC 1 section 2.3.3).
using Octets = std::array<unsigned char, 1 + 2 * kCoordinateSize>;
// Two integers of at most 33 bytes and their tags and lengths.
constexpr std::size_t kDerSize = 72;
constexpr int kDraws = 16;

BN_CTX* thread_numbers() {
    thread_local const Owned<BN_CTX> context(BN_CTX_new());
    return context.get();
}

Error failed(ErrorCode code, const char* what) {
    ERR_clear_error();
    return fail(code, what);
}

// OpenSSL's form of a key, for signatures only: building it costs more than an agreement.
Owned<EVP_PKEY> build(const Octets& point, const BIGNUM* scalar) {
    char group[] = "P-256";
    Octets octets = point;
    std::array<unsigned char, kCoordinateSize> native{};
    OSSL_PARAM parameters[4];
    std::size_t count = 0;
    parameters[count++] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    parameters[count++] =
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, octets.data(), octets.size());
    bool done = true;
    if (scalar != nullptr) {
        done = BN_bn2nativepad(scalar, native.data(), static_cast<int>(native.size())) > 0;
        parameters[count++] =
            OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native.data(), native.size());
    }
    parameters[count] = OSSL_PARAM_construct_end();
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    done = done && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1 &&
           EVP_PKEY_fromdata(context.get(), &key,
                             scalar != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                             parameters) == 1;
    OPENSSL_cleanse(native.data(), native.size());
    CHECK(done, "OpenSSL refuses a checked key");
    return Owned<EVP_PKEY>(key);
}

// Built at the first signature and kept.
class SignatureKey {
  public:
    EVP_PKEY* get(const Octets& point, const BIGNUM* scalar) const {
        std::call_once(once_, [&] { key_ = build(point, scalar); });
        return key_.get();
    }

  private:
    mutable std::once_flag once_;
    mutable Owned<EVP_PKEY> key_;
};
}  // namespace

struct EcPublicKey::State {
    Octets octets{};
    Owned<EC_POINT> point{EC_POINT_new(p256())};
    SignatureKey signature_key;
};

struct EcPrivateKey::State {
    Owned<BIGNUM> scalar;
    EcPublicKey public_key;
    SignatureKey signature_key;
};

Result<EcPublicKey> EcPublicKey::from_coordinates(std::string_view x, std::string_view y) {
    if (x.size() != kCoordinateSize || y.size() != kCoordinateSize) {
        return fail(ErrorCode::invalid_input, "a coordinate of P-256 has 32 bytes");
    }
    auto state = std::make_shared<State>();
    state->octets[0] = POINT_CONVERSION_UNCOMPRESSED;
    std::memcpy(state->octets.data() + 1, x.data(), kCoordinateSize);
    std::memcpy(state->octets.data() + 1 + kCoordinateSize, y.data(), kCoordinateSize);
    // Refuses coordinates beyond the field and points beside the curve; the curve has no others,
    // since its cofactor is 1.
    if (EC_POINT_oct2point(p256(), state->point.get(), state->octets.data(), state->octets.size(),
                           thread_numbers()) != 1) {
        return failed(ErrorCode::invalid_input, "the point is not on the curve P-256");
    }
    return EcPublicKey(std::move(state));
}

std::string_view EcPublicKey::x() const {
    return {reinterpret_cast<const char*>(state_->octets.data()) + 1, kCoordinateSize};
}

std::string_view EcPublicKey::y() const {
    return {reinterpret_cast<const char*>(state_->octets.data()) + 1 + kCoordinateSize,
            kCoordinateSize};
}

bool EcPublicKey::operator==(const EcPublicKey& other) const {
    return state_->octets == other.state_->octets;
}

Result<EcPrivateKey> EcPrivateKey::generate(Random& random) {
    for (int draw = 0; draw < kDraws; ++draw) {
        const Key bytes = Key::random(random);
        if (auto key = from_scalar(bytes.bytes())) return key;
    }
    return fail(ErrorCode::crypto_failed, "the source of randomness gives no scalar of P-256");
}

Result<EcPrivateKey> EcPrivateKey::from_scalar(std::string_view bytes) {
    if (bytes.size() != kCoordinateSize) {
        return fail(ErrorCode::invalid_input, "a scalar of P-256 has 32 bytes");
    }
    Owned<BIGNUM> scalar(
        BN_bin2bn(readable(bytes.data()), static_cast<int>(bytes.size()), nullptr));
    CHECK(scalar != nullptr, "out of memory");
    BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
    if (BN_is_zero(scalar.get()) || BN_cmp(scalar.get(), EC_GROUP_get0_order(p256())) >= 0) {
        return fail(ErrorCode::invalid_input, "a scalar of P-256 is out of range");
    }
    auto point = std::make_shared<EcPublicKey::State>();
    const bool done = EC_POINT_mul(p256(), point->point.get(), scalar.get(), nullptr, nullptr,
                                   thread_numbers()) == 1 &&
                      EC_POINT_point2oct(p256(), point->point.get(), POINT_CONVERSION_UNCOMPRESSED,
                                         point->octets.data(), point->octets.size(),
                                         thread_numbers()) == point->octets.size();
    if (!done) return failed(ErrorCode::crypto_failed, "no public key comes of a scalar");
    return EcPrivateKey(std::shared_ptr<const State>(
        new State{std::move(scalar), EcPublicKey(std::move(point)), {}}));
}

Key EcPrivateKey::scalar() const {
    std::string bytes(kCoordinateSize, '\0');
    const int written =
        BN_bn2binpad(state_->scalar.get(), writable(bytes.data()), static_cast<int>(bytes.size()));
    CHECK(written == static_cast<int>(bytes.size()), "a scalar of P-256 has 32 bytes");
    const auto key = Key::from_bytes(bytes);
    wipe(bytes);
    return key.value();
}

const EcPublicKey& EcPrivateKey::public_key() const {
    return state_->public_key;
}

Result<std::string> sign_es256(const EcPrivateKey& key, std::string_view text) {
    const Hash digest = sha256(text);
    EVP_PKEY* const own =
        key.state_->signature_key.get(key.public_key().state_->octets, key.state_->scalar.get());
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
    std::array<unsigned char, kDerSize> der{};
    std::size_t size = der.size();
    if (context == nullptr || EVP_PKEY_sign_init(context.get()) != 1 ||
        EVP_PKEY_sign(context.get(), der.data(), &size, digest.data(), digest.size()) != 1) {
        return failed(ErrorCode::crypto_failed, "signing failed");
    }
    const unsigned char* position = der.data();
    const Owned<ECDSA_SIG> parts(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(size)));
    std::string out(kSignatureSize, '\0');
    constexpr int kHalf = static_cast<int>(kSignatureSize / 2);
    if (parts == nullptr ||
        BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), writable(out.data()), kHalf) != kHalf ||
        BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), writable(out.data()) + kHalf, kHalf) != kHalf) {
        return failed(ErrorCode::crypto_failed, "signing failed");
    }
    return out;
}

Result<void> verify_es256(const EcPublicKey& key, std::string_view text,
                          std::string_view signature) {
    if (signature.size() != kSignatureSize) {
        return fail(ErrorCode::crypto_failed, "a signature ES256 has 64 bytes");
    }
    constexpr int kHalf = static_cast<int>(kSignatureSize / 2);
    Owned<BIGNUM> r(BN_bin2bn(readable(signature.data()), kHalf, nullptr));
    Owned<BIGNUM> s(BN_bin2bn(readable(signature.data()) + kHalf, kHalf, nullptr));
    const Owned<ECDSA_SIG> parts(ECDSA_SIG_new());
    CHECK(r != nullptr && s != nullptr && parts != nullptr, "out of memory");
    ECDSA_SIG_set0(parts.get(), r.release(), s.release());
    std::array<unsigned char, kDerSize> der{};
    unsigned char* position = der.data();
    const int size = i2d_ECDSA_SIG(parts.get(), &position);
    const Hash digest = sha256(text);
    EVP_PKEY* const theirs = key.state_->signature_key.get(key.state_->octets, nullptr);
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, theirs, nullptr));
    if (size <= 0 || context == nullptr || EVP_PKEY_verify_init(context.get()) != 1 ||
        EVP_PKEY_verify(context.get(), der.data(), static_cast<std::size_t>(size), digest.data(),
                        digest.size()) != 1) {
        return failed(ErrorCode::crypto_failed, "the signature is not that of this key and text");
    }
    return {};
}

Result<Key> agree(const EcPrivateKey& own, const EcPublicKey& other) {
    const Owned<EC_POINT> common(EC_POINT_new(p256()));
    const Owned<BIGNUM> x(BN_new());
    std::string bytes(kCoordinateSize, '\0');
    const bool done =
        common != nullptr && x != nullptr &&
        EC_POINT_mul(p256(), common.get(), nullptr, other.state_->point.get(),
                     own.state_->scalar.get(), thread_numbers()) == 1 &&
        EC_POINT_get_affine_coordinates(p256(), common.get(), x.get(), nullptr, thread_numbers()) ==
            1 &&
        BN_bn2binpad(x.get(), writable(bytes.data()), static_cast<int>(bytes.size())) ==
            static_cast<int>(bytes.size());
    if (!done) return failed(ErrorCode::crypto_failed, "the key agreement failed");
    auto secret = Key::from_bytes(bytes);
    wipe(bytes);
    return secret;
}

}  // namespace schwarm::crypto
