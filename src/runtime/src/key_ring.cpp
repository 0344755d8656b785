#include "key_ring.hpp"

#include <mutex>

#include "schwarm/base/binary.hpp"
#include "schwarm/crypto/hash.hpp"

namespace schwarm::runtime {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kHashSize = 16;

crypto::Key derive(const crypto::Key& from, std::string_view purpose) {
    std::string bytes = crypto::hkdf_sha256(from.bytes(), {}, purpose, crypto::kKeySize);
    crypto::Key key = crypto::Key::from_bytes(bytes).value();
    crypto::wipe(bytes);
    return key;
}

std::string bound_to(KeyClass key_class, const TenantId& tenant, CaseId id,
                     std::string_view name = {}) {
    return associated(Space::keys, tenant, id, static_cast<std::uint64_t>(key_class), name);
}

Error damaged() {
    return fail(ErrorCode::corrupt, "a row of wrapped keys is damaged");
}

}  // namespace

TenantKeys::TenantKeys(TenantId tenant, const crypto::Key& tenant_key)
    : tenant_(std::move(tenant)),
      wrap_key_(derive(tenant_key, "schwarm/wrap/1")),
      search_key_(derive(tenant_key, "schwarm/search/1")) {}

PersonHash TenantKeys::hash(std::string_view field, std::string_view value) const {
    if (value.empty()) return {};
    std::string text(field);
    text += '\0';
    text += value;
    const crypto::Hash full = crypto::hmac_sha256(search_key_.bytes(), text);
    return PersonHash(crypto::bytes_of(full).substr(0, kHashSize));
}

Result<std::string> TenantKeys::wrap(const DataKeys& keys, CaseId id, Random& random) const {
    ByteWriter out;
    out.u8(kFormat);
    const auto add = [&](KeyClass key_class,
                         const std::optional<crypto::Key>& key) -> Result<void> {
        if (!key) return {};
        SCHWARM_TRY(wrapped,
                    crypto::wrap_key(wrap_key_, bound_to(key_class, tenant_, id), *key, random));
        out.u8(static_cast<std::uint8_t>(key_class));
        out.raw(wrapped);
        return {};
    };
    SCHWARM_TRY_VOID(add(KeyClass::kase, keys.kase));
    SCHWARM_TRY_VOID(add(KeyClass::log, keys.log));
    return out.take();
}

Result<DataKeys> TenantKeys::unwrap(CaseId id, std::string_view row) const {
    ByteReader in(row);
    DataKeys keys;
    if (in.u8() != kFormat) return damaged();
    while (in.ok() && !in.at_end()) {
        const auto key_class = static_cast<KeyClass>(in.u8());
        const std::string_view wrapped = in.raw(crypto::kWrappedKeySize);
        if (!in.ok()) return damaged();
        SCHWARM_TRY(key, crypto::unwrap_key(wrap_key_, bound_to(key_class, tenant_, id), wrapped));
        if (key_class == KeyClass::kase) {
            keys.kase = key;
        } else if (key_class == KeyClass::log) {
            keys.log = key;
        } else {
            return damaged();
        }
    }
    return keys;
}

Result<std::string> TenantKeys::wrap_session(const crypto::Key& key, const PersonHash& draft,
                                             Random& random) const {
    SCHWARM_TRY(wrapped,
                crypto::wrap_key(wrap_key_, bound_to(KeyClass::session, tenant_, CaseId(), draft),
                                 key, random));
    ByteWriter out;
    out.u8(kFormat);
    out.u8(static_cast<std::uint8_t>(KeyClass::session));
    out.raw(wrapped);
    return out.take();
}

Result<crypto::Key> TenantKeys::unwrap_session(const PersonHash& draft,
                                               std::string_view row) const {
    ByteReader in(row);
    const bool known =
        in.u8() == kFormat && in.u8() == static_cast<std::uint8_t>(KeyClass::session);
    const std::string_view wrapped = in.raw(crypto::kWrappedKeySize);
    if (!known || !in.ok() || !in.at_end()) return damaged();
    return crypto::unwrap_key(wrap_key_, bound_to(KeyClass::session, tenant_, CaseId(), draft),
                              wrapped);
}

std::shared_ptr<const TenantKeys> KeyRing::find(const TenantId& tenant) const {
    const std::shared_lock lock(mutex_);
    const auto it = tenants_.find(tenant);
    return it == tenants_.end() ? nullptr : it->second;
}

Result<std::shared_ptr<const TenantKeys>> KeyRing::load(const TenantId& tenant,
                                                        std::string_view row) {
    ByteReader in(row);
    const std::uint8_t format = in.u8();
    const std::string_view wrapped = in.raw(crypto::kWrappedKeySize);
    if (format != kFormat || !in.ok() || !in.at_end()) return damaged();
    const auto key =
        crypto::unwrap_key(node_key_, associated(Space::keys, tenant, CaseId(), 0), wrapped);
    if (key.has_error()) {
        return fail(ErrorCode::crypto_failed,
                    "the node key does not fit this database: the key of tenant '" +
                        tenant.value() + "' does not open");
    }
    auto keys = std::make_shared<const TenantKeys>(tenant, key.value());
    const std::unique_lock lock(mutex_);
    tenants_[tenant] = keys;
    return keys;
}

Result<std::string> KeyRing::create(const TenantId& tenant, Random& random) {
    const crypto::Key key = crypto::Key::random(random);
    SCHWARM_TRY(wrapped, crypto::wrap_key(node_key_, associated(Space::keys, tenant, CaseId(), 0),
                                          key, random));
    const std::unique_lock lock(mutex_);
    tenants_[tenant] = std::make_shared<const TenantKeys>(tenant, key);
    return std::string(1, static_cast<char>(kFormat)) + wrapped;
}

void KeyRing::forget(const TenantId& tenant) {
    const std::unique_lock lock(mutex_);
    tenants_.erase(tenant);
}

std::vector<TenantId> KeyRing::tenants() const {
    const std::shared_lock lock(mutex_);
    std::vector<TenantId> out;
    for (const auto& [tenant, keys] : tenants_) out.push_back(tenant);
    return out;
}

Result<DataKeys> read_data_keys(storage::Reader& reader, const TenantKeys& keys,
                                const TenantId& tenant, CaseId id) {
    SCHWARM_TRY(row, reader.get(Space::keys, keys::case_keys(tenant, id)));
    if (!row) return DataKeys{};
    return keys.unwrap(id, *row);
}

}  // namespace schwarm::runtime
