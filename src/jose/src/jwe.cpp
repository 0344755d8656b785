#include "schwarm/jose/jwe.hpp"

#include <algorithm>
#include <array>

#include "compact.hpp"
#include "schwarm/base/utf8.hpp"
#include "schwarm/crypto/elliptic.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/key_wrap.hpp"
#include "schwarm/jose/jws.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::jose {
namespace {

constexpr std::string_view kHeader = "JWE header";
constexpr std::size_t kMaxMembers = 100;  // that are added

constexpr std::array<std::string_view, 4> kOwnMembers = {"alg", "enc", "kid", "epk"};
// Registered (RFC 7515, 7516, 7518, 7797, 8225, 8555) and not used here.
constexpr std::array<std::string_view, 18> kRefusedMembers = {
    "crit", "zip", "b64", "jku", "jwk", "x5u", "x5c", "x5t",   "x5t#S256",
    "apu",  "apv", "iv",  "tag", "p2s", "p2c", "url", "nonce", "ppt"};

template <std::size_t count>
bool is_one_of(const std::array<std::string_view, count>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Error refused_member(std::string_view name) {
    return fail(ErrorCode::invalid_input, "is not accepted here",
                std::string(kHeader) + " /" + std::string(name.substr(0, 40)));
}

Error too_long(std::size_t limit, std::string_view where) {
    return fail(ErrorCode::limit_exceeded,
                "would be longer than " + std::to_string(limit) + " bytes", std::string(where));
}

// RFC 7518 section 4.6: the key that wraps the content key.
Result<crypto::Key> wrapping_key(const crypto::EcPrivateKey& own, const crypto::EcPublicKey& other,
                                 std::string_view algorithm) {
    SCHWARM_TRY(secret, crypto::agree(own, other));
    std::string bytes = crypto::concat_kdf(secret, algorithm, "", "", crypto::kKeySize);
    auto key = crypto::Key::from_bytes(bytes);
    crypto::wipe(bytes);
    return key;
}

struct Header {
    json::Value members;
    const Algorithm* agreement = nullptr;
    std::string kid;
};

Result<Header> read_header(std::string_view part) {
    SCHWARM_TRY(members, decode_header(part, kHeader));
    for (const auto& [name, member] : members.members()) {
        if (is_one_of(kRefusedMembers, name)) return refused_member(name);
    }
    SCHWARM_TRY(agreement, header_algorithm(members, kHeader, "alg", AlgorithmKind::key_agreement));
    SCHWARM_TRY_VOID(header_algorithm(members, kHeader, "enc", AlgorithmKind::content));
    SCHWARM_TRY(kid, header_text(members, kHeader, "kid"));
    if (members.find("epk") == nullptr) {
        return fail(ErrorCode::invalid_input, "is missing", std::string(kHeader) + " /epk");
    }
    return Header{std::move(members), agreement, std::move(kid)};
}

Result<std::string> part_of_size(std::string_view part, std::size_t size, std::string_view where) {
    SCHWARM_TRY(bytes, decode_part(part, where));
    if (bytes.size() != size) {
        return fail(ErrorCode::invalid_input, "must have " + std::to_string(size) + " bytes",
                    std::string(where));
    }
    return bytes;
}

}  // namespace

Result<std::string> seal_jwe(const PublicJwk& receiver, const json::Value& header,
                             std::string_view plain, Random& random, Instant now) {
    if (receiver.use() != KeyUse::seal) {
        return fail(ErrorCode::invalid_input, "a key for signing seals nothing", "JWE");
    }
    if (!header.is_object()) {
        return fail(ErrorCode::invalid_input, "is not an object", std::string(kHeader));
    }
    if (header.members().size() > kMaxMembers) {
        return fail(ErrorCode::limit_exceeded,
                    "has more than " + std::to_string(kMaxMembers) + " members",
                    std::string(kHeader));
    }
    if (plain.size() > kMaxCompactBytes) return too_long(kMaxCompactBytes, "JWE");
    SCHWARM_TRY(agreement, algorithm_to_make(AlgorithmKind::key_agreement, now));
    SCHWARM_TRY(content, algorithm_to_make(AlgorithmKind::content, now));
    SCHWARM_TRY(ephemeral, crypto::EcPrivateKey::generate(random));
    json::Writer text;
    text.begin_object();
    text.member("alg", agreement->name).member("enc", content->name);
    text.member("kid", receiver.kid());
    json::write(to_epk(ephemeral.public_key()), text.name("epk"));
    for (const auto& [name, member] : header.members()) {
        if (is_one_of(kOwnMembers, name) || is_one_of(kRefusedMembers, name)) {
            return refused_member(name);
        }
        if (!member.is_string() && !member.is_number()) {
            return fail(ErrorCode::invalid_input, "must be a text or a number",
                        std::string(kHeader) + " /" + name);
        }
        json::write(member, text.name(name));
    }
    text.end_object();
    const std::string header_text = text.take();
    if (!utf8::is_valid(header_text)) {
        return fail(ErrorCode::invalid_input, "is not valid UTF-8", std::string(kHeader));
    }
    std::string out = crypto::base64url_encode(header_text);
    if (out.size() > kMaxHeaderBytes) return too_long(kMaxHeaderBytes, kHeader);

    const crypto::Key content_key = crypto::Key::random(random);
    SCHWARM_TRY(wrapping, wrapping_key(ephemeral, receiver.key(), agreement->name));
    SCHWARM_TRY(wrapped, crypto::aes_wrap_key(wrapping, content_key));
    SCHWARM_TRY(sealed, crypto::seal(content_key, out, plain, random));
    const std::string_view bytes = sealed;
    const std::string_view body = bytes.substr(crypto::kNonceSize);
    out.reserve(out.size() + plain.size() * 4 / 3 + 200);
    for (const std::string_view part :
         {std::string_view(wrapped), bytes.substr(0, crypto::kNonceSize),
          body.substr(0, plain.size()), body.substr(plain.size())}) {
        out += '.';
        out += crypto::base64url_encode(part);
    }
    if (out.size() > kMaxCompactBytes) return too_long(kMaxCompactBytes, "JWE");
    return out;
}

Result<json::Value> read_jwe_header(std::string_view text) {
    SCHWARM_TRY(parts, split<5>(text, "JWE"));
    SCHWARM_TRY(header, read_header(parts[0]));
    return std::move(header.members);
}

Result<std::string> open_jwe(const PrivateJwk& own, std::string_view text) {
    if (own.use() != KeyUse::seal) {
        return fail(ErrorCode::invalid_input, "a key for signing opens nothing", "JWE");
    }
    SCHWARM_TRY(parts, split<5>(text, "JWE"));
    SCHWARM_TRY(header, read_header(parts[0]));
    if (header.kid != own.kid()) {
        return fail(ErrorCode::invalid_input, "names another key", std::string(kHeader) + " /kid");
    }
    SCHWARM_TRY(ephemeral, from_epk(*header.members.find("epk")));
    SCHWARM_TRY(wrapped, part_of_size(parts[1], crypto::kAesWrappedKeySize, "JWE encrypted key"));
    SCHWARM_TRY(sealed, part_of_size(parts[2], crypto::kNonceSize, "JWE initialization vector"));
    SCHWARM_TRY(body, decode_part(parts[3], "JWE ciphertext"));
    SCHWARM_TRY(tag, part_of_size(parts[4], crypto::kTagSize, "JWE authentication tag"));
    sealed += body;
    sealed += tag;
    SCHWARM_TRY(wrapping, wrapping_key(own.key(), ephemeral, header.agreement->name));
    // One answer for a wrong key and a changed byte, wherever it is.
    const auto refused =
        fail(ErrorCode::crypto_failed, "is not sealed for this key, or was changed", "JWE");
    const auto content_key = crypto::aes_unwrap_key(wrapping, wrapped);
    if (!content_key) return refused;
    auto plain = crypto::open(*content_key, parts[0], sealed);
    if (!plain) return refused;
    return plain;
}

}  // namespace schwarm::jose
