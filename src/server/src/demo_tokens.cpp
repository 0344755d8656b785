#include "demo_tokens.hpp"

#include <array>

#include "private_file.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::server {
namespace {

std::string random_token(Random& random) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::array<std::byte, 24> bytes{};
    random.fill(bytes);
    std::string out;
    for (const std::byte b : bytes) {
        out.push_back(kDigits[std::to_integer<unsigned>(b) >> 4]);
        out.push_back(kDigits[std::to_integer<unsigned>(b) & 15]);
    }
    return out;
}

// Looked up by hash, so that the time of a look-up says nothing about a token.
std::string token_hash(std::string_view token) {
    return std::string(crypto::bytes_of(crypto::sha256(token)));
}

}  // namespace

Result<std::unique_ptr<DemoTokens>> DemoTokens::load_or_create(
    const std::filesystem::path& file, const std::vector<app::DemoIdentities::DemoTenant>& tenants,
    Random& random) {
    std::unique_ptr<DemoTokens> out(new DemoTokens(tenants));
    SCHWARM_TRY(tokens, read_private_json(file));
    bool changed = false;
    for (const Choice& choice : out->choices()) {
        std::string token = tokens.string_or(choice.id, "");
        if (token.empty()) {
            token = random_token(random);
            tokens.set(choice.id, token);
            changed = true;
        }
        out->identity_by_token_hash_[token_hash(token)] = choice.id;
    }
    if (changed) SCHWARM_TRY_VOID(write_private_json(file, tokens));
    return out;
}

std::optional<app::Principal> DemoTokens::by_token(std::string_view token) const {
    const auto found = identity_by_token_hash_.find(token_hash(token));
    if (found == identity_by_token_hash_.end()) return std::nullopt;
    return people_.sign_in(found->second);
}

}  // namespace schwarm::server
