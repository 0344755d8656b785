#include "operator_key.hpp"

#include "schwarm/services/store.hpp"

namespace schwarm::server {
namespace {

constexpr std::string_view kOperator = "operator";
constexpr std::string_view kVoting = "operator.before";

std::string encode_key(const exchange::KeyPair& pair) {
    return pair.public_key.kid + "\n" + pair.public_key.jwk + "\n" + pair.secret;
}

Result<exchange::KeyPair> decode_key(const std::string& text) {
    const auto first = text.find('\n');
    const auto second = first == std::string::npos ? first : text.find('\n', first + 1);
    if (second == std::string::npos) {
        return fail(ErrorCode::corrupt, "the operator key is damaged");
    }
    return exchange::KeyPair{{text.substr(0, first), text.substr(first + 1, second - first - 1)},
                             text.substr(second + 1)};
}

Result<std::optional<exchange::KeyPair>> read_key(const runtime::ReadView& view,
                                                  std::string_view name) {
    SCHWARM_TRY(stored, view.secret(name));
    if (!stored || stored->empty()) return std::optional<exchange::KeyPair>();
    SCHWARM_TRY(pair, decode_key(*stored));
    return std::optional(std::move(pair));
}

}  // namespace

Result<std::optional<exchange::KeyPair>> read_operator_key(const runtime::ReadView& view) {
    return read_key(view, kOperator);
}

Result<std::optional<exchange::KeyPair>> read_voting_key(const runtime::ReadView& view) {
    return read_key(view, kVoting);
}

Result<void> put_operator_keys(runtime::WriteBatch& batch, const exchange::KeyPair& now,
                               const exchange::KeyPair& voting) {
    SCHWARM_TRY_VOID(batch.put_secret(kOperator, encode_key(now)));
    return batch.put_secret(kVoting, encode_key(voting));
}

Result<void> destroy_voting_key(runtime::WriteBatch& batch) {
    return batch.put_secret(kVoting, "");
}

Result<exchange::KeyPair> ensure_operator_key(runtime::Runtime& runtime,
                                              const exchange::Cryptography& cryptography,
                                              Random& random) {
    const TenantId& node = services::node_tenant();
    SCHWARM_TRY(view, runtime.read(node));
    SCHWARM_TRY(stored, read_operator_key(view));
    if (stored) return std::move(*stored);
    SCHWARM_TRY(made, cryptography.make_key(exchange::KeyUse::sign, random));
    SCHWARM_TRY_VOID(runtime.write_and_wait(node, [&](runtime::WriteBatch& batch) {
        return batch.put_secret(kOperator, encode_key(made));
    }));
    return made;
}

}  // namespace schwarm::server
