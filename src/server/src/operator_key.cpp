#include "operator_key.hpp"

#include "schwarm/services/store.hpp"

namespace schwarm::server {
namespace {

constexpr std::string_view kOperator = "operator";

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

}  // namespace

Result<std::optional<exchange::KeyPair>> read_operator_key(const runtime::ReadView& view) {
    SCHWARM_TRY(stored, view.secret(kOperator));
    if (!stored) return std::optional<exchange::KeyPair>();
    SCHWARM_TRY(pair, decode_key(*stored));
    return std::optional(std::move(pair));
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
