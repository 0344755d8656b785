#include "schwarm/jose/jws.hpp"

#include <algorithm>

#include "compact.hpp"
#include "schwarm/crypto/elliptic.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/json/writer.hpp"

namespace schwarm::jose {
namespace {

constexpr std::string_view kHeader = "JWS header";

bool is_type(std::string_view text) {
    return !text.empty() && text.size() <= kMaxTypeBytes &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

Result<std::string> sign_jws(const PrivateJwk& key, std::string_view type, std::string_view payload,
                             Instant now) {
    if (key.use() != KeyUse::sign) {
        return fail(ErrorCode::invalid_input, "a key for sealing signs nothing", "JWS");
    }
    if (!is_type(type)) {
        return fail(ErrorCode::invalid_input, "must have 1 to 100 printable characters",
                    "JWS header /typ");
    }
    SCHWARM_TRY(algorithm, algorithm_to_make(AlgorithmKind::signature, now));
    json::Writer header;
    header.begin_object();
    header.member("alg", algorithm->name).member("kid", key.kid()).member("typ", type);
    header.end_object();
    std::string text = crypto::base64url_encode(header.take());
    text.reserve(text.size() + payload.size() * 4 / 3 + 100);
    text += '.';
    text += crypto::base64url_encode(payload);
    SCHWARM_TRY(signature, crypto::sign_es256(key.key(), text));
    text += '.';
    text += crypto::base64url_encode(signature);
    if (text.size() > kMaxCompactBytes) {
        return fail(ErrorCode::limit_exceeded,
                    "would be longer than " + std::to_string(kMaxCompactBytes) + " bytes", "JWS");
    }
    return text;
}

Result<UnverifiedJws> read_jws(std::string_view text) {
    SCHWARM_TRY(parts, split<3>(text, "JWS"));
    SCHWARM_TRY(header, decode_header(parts[0], kHeader));
    for (const auto& [name, member] : header.members()) {
        if (name != "alg" && name != "kid" && name != "typ") {
            return fail(ErrorCode::invalid_input, "is not accepted here",
                        std::string(kHeader) + " /" + name.substr(0, 40));
        }
    }
    SCHWARM_TRY_VOID(header_algorithm(header, kHeader, "alg", AlgorithmKind::signature));
    UnverifiedJws out;
    SCHWARM_TRY(kid, header_text(header, kHeader, "kid"));
    SCHWARM_TRY(type, header_text(header, kHeader, "typ"));
    SCHWARM_TRY(payload, decode_part(parts[1], "JWS payload"));
    SCHWARM_TRY(signature, decode_part(parts[2], "JWS signature"));
    out.kid = std::move(kid);
    out.type = std::move(type);
    out.payload = std::move(payload);
    out.signature = std::move(signature);
    out.signed_text = text.substr(0, parts[0].size() + 1 + parts[1].size());
    return out;
}

Result<std::string> verify_jws(const PublicJwk& key, std::string_view type, std::string_view text) {
    if (key.use() != KeyUse::sign) {
        return fail(ErrorCode::invalid_input, "a key for sealing verifies nothing", "JWS");
    }
    SCHWARM_TRY(jws, read_jws(text));
    if (jws.type != type) {
        return fail(ErrorCode::invalid_input, "must be " + std::string(type), "JWS header /typ");
    }
    if (jws.kid != key.kid()) {
        return fail(ErrorCode::invalid_input, "names another key", "JWS header /kid");
    }
    auto good = crypto::verify_es256(key.key(), jws.signed_text, jws.signature);
    if (!good) return fail(good.error().code, good.error().message, "JWS signature");
    return std::move(jws.payload);
}

}  // namespace schwarm::jose
