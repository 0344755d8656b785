#include "schwarm/jose/jwk.hpp"

#include <array>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/jose/algorithms.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::jose {
namespace {

constexpr std::string_view kPlace = "JWK";
constexpr std::array<std::string_view, 8> kSecretMembers = {"d",  "k",  "p",  "q",
                                                            "dp", "dq", "qi", "oth"};

Error refuse(std::string_view place, std::string_view member, std::string reason) {
    return fail(ErrorCode::invalid_input, std::move(reason),
                std::string(place) + " /" + std::string(member));
}

std::string_view use_name(KeyUse use) {
    return use == KeyUse::sign ? "sig" : "enc";
}
AlgorithmKind kind_of(KeyUse use) {
    return use == KeyUse::sign ? AlgorithmKind::signature : AlgorithmKind::key_agreement;
}
std::string_view algorithm_name(KeyUse use) {
    for (const Algorithm& row : algorithms()) {
        if (row.kind == kind_of(use)) return row.name;
    }
    return {};
}

// The coordinates as the text of the thumbprint and of the key has them.
std::string coordinates(const crypto::EcPublicKey& key) {
    return R"("x":")" + crypto::base64url_encode(key.x()) + R"(","y":")" +
           crypto::base64url_encode(key.y()) + '"';
}

Result<std::string> text_member(const json::Value& object, std::string_view place,
                                std::string_view name) {
    const json::Value* const member = object.find(name);
    if (member == nullptr) return refuse(place, name, "is missing");
    if (!member->is_string()) return refuse(place, name, "must be a string");
    return member->as_string();
}

Result<crypto::EcPublicKey> read_point(const json::Value& object, std::string_view place) {
    SCHWARM_TRY(type, text_member(object, place, "kty"));
    if (type != "EC") return refuse(place, "kty", "only EC keys are known here");
    SCHWARM_TRY(curve, text_member(object, place, "crv"));
    if (curve != "P-256") return refuse(place, "crv", "only the curve P-256 is known here");
    SCHWARM_TRY(x_text, text_member(object, place, "x"));
    SCHWARM_TRY(y_text, text_member(object, place, "y"));
    const auto x = crypto::base64url_decode(x_text);
    if (!x) return refuse(place, "x", x.error().message);
    const auto y = crypto::base64url_decode(y_text);
    if (!y) return refuse(place, "y", y.error().message);
    auto key = crypto::EcPublicKey::from_coordinates(*x, *y);
    if (!key) return fail(ErrorCode::invalid_input, key.error().message, std::string(place));
    return key;
}

}  // namespace

PublicJwk::PublicJwk(KeyUse use, crypto::EcPublicKey key) : use_(use), key_(std::move(key)) {
    const std::string required = R"({"crv":"P-256","kty":"EC",)" + coordinates(key_) + '}';
    kid_ = crypto::base64url_encode(crypto::bytes_of(crypto::sha256(required)));
}

Result<PublicJwk> PublicJwk::parse(KeyUse use, std::string_view text) {
    auto parsed = json::parse(text, {.max_bytes = kMaxJwkBytes, .max_depth = 4, .max_nodes = 100});
    if (!parsed) {
        Error error = parsed.error();
        error.where = std::string(kPlace) + " " + error.where;
        return error;
    }
    if (!parsed->is_object()) {
        return fail(ErrorCode::invalid_input, "a key is an object", std::string(kPlace));
    }
    for (const std::string_view name : kSecretMembers) {
        if (parsed->find(name) != nullptr) {
            return refuse(kPlace, name, "does not belong into a public key");
        }
    }
    SCHWARM_TRY(point, read_point(*parsed, kPlace));
    SCHWARM_TRY(use_text, text_member(*parsed, kPlace, "use"));
    if (use_text != use_name(use)) {
        return refuse(kPlace, "use", "must be " + std::string(use_name(use)));
    }
    PublicJwk key(use, std::move(point));
    if (parsed->find("alg") != nullptr) {
        SCHWARM_TRY(algorithm, text_member(*parsed, kPlace, "alg"));
        if (find_algorithm(kind_of(use), algorithm) == nullptr) {
            return refuse(kPlace, "alg", "is not in the table of algorithms for this use");
        }
    }
    if (parsed->find("kid") != nullptr) {
        SCHWARM_TRY(kid, text_member(*parsed, kPlace, "kid"));
        if (kid != key.kid()) return refuse(kPlace, "kid", "is not the thumbprint of the key");
    }
    return key;
}

std::string PublicJwk::text() const {
    return R"({"alg":")" + std::string(algorithm_name(use_)) + R"(","crv":"P-256","kid":")" + kid_ +
           R"(","kty":"EC","use":")" + std::string(use_name(use_)) + R"(",)" + coordinates(key_) +
           '}';
}

PrivateJwk::PrivateJwk(KeyUse use, crypto::EcPrivateKey key)
    : key_(std::move(key)), public_(use, key_.public_key()) {}

Result<PrivateJwk> PrivateJwk::generate(KeyUse use, Random& random) {
    SCHWARM_TRY(key, crypto::EcPrivateKey::generate(random));
    return PrivateJwk(use, std::move(key));
}

Result<PrivateJwk> PrivateJwk::from_scalar(KeyUse use, std::string_view scalar) {
    auto bytes = crypto::base64url_decode(scalar);
    if (!bytes) return refuse(kPlace, "d", bytes.error().message);
    auto key = crypto::EcPrivateKey::from_scalar(*bytes);
    crypto::wipe(*bytes);
    if (!key) return refuse(kPlace, "d", key.error().message);
    return PrivateJwk(use, std::move(*key));
}

std::string PrivateJwk::scalar() const {
    return crypto::base64url_encode(key_.scalar().bytes());
}

json::Value to_epk(const crypto::EcPublicKey& key) {
    return json::Value::object({{"kty", "EC"},
                                {"crv", "P-256"},
                                {"x", crypto::base64url_encode(key.x())},
                                {"y", crypto::base64url_encode(key.y())}});
}

Result<crypto::EcPublicKey> from_epk(const json::Value& value) {
    constexpr std::string_view kEpk = "JWE header /epk";
    if (!value.is_object()) {
        return fail(ErrorCode::invalid_input, "must be an object", std::string(kEpk));
    }
    for (const auto& [name, member] : value.members()) {
        if (name != "kty" && name != "crv" && name != "x" && name != "y") {
            return refuse(kEpk, name.substr(0, 40), "has no place here");
        }
    }
    return read_point(value, kEpk);
}

}  // namespace schwarm::jose
