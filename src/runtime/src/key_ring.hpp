// The keys of the tenants, unwrapped in memory, and the data keys below them.
//
// node key -> tenant key -> (derived) wrapping and search keys -> data keys of cases and drafts.
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "layout.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::runtime {

// session: drafts. kase: everything about the case. log: audit lines about it.
enum class KeyClass : std::uint8_t { session = 1, kase = 2, log = 3 };

// The data keys of one case; case 0 has only the log key of the tenant itself.
struct DataKeys {
    std::optional<crypto::Key> kase;
    std::optional<crypto::Key> log;
};

class TenantKeys {
  public:
    TenantKeys(TenantId tenant, const crypto::Key& tenant_key);

    // First 16 bytes of HMAC(search key, field 00 value); empty for an empty value.
    PersonHash hash(std::string_view field, std::string_view value) const;

    Result<std::string> wrap(const DataKeys& keys, CaseId id, Random& random) const;
    Result<DataKeys> unwrap(CaseId id, std::string_view row) const;
    Result<std::string> wrap_session(const crypto::Key& key, const PersonHash& draft,
                                     Random& random) const;
    Result<crypto::Key> unwrap_session(const PersonHash& draft, std::string_view row) const;

  private:
    TenantId tenant_;
    crypto::Key wrap_key_;
    crypto::Key search_key_;
};

inline constexpr std::string_view kPersonField = "person";
inline constexpr std::string_view kDraftField = "draft";
inline constexpr std::string_view kCorrelationField = "correlation";
// Of the key of a message; 16 zero bytes for an empty one, so that keys have one length.
inline PersonHash correlation_hash(const TenantKeys& keys, std::string_view correlation_key) {
    PersonHash hash = keys.hash(kCorrelationField, correlation_key);
    hash.resize(16, '\0');
    return hash;
}
inline constexpr std::string_view kMessageIdField = "message id";
inline constexpr std::string_view kDocumentField = "document";
// The sealed texts in the row of a document: its name, and its content or where that lies.
inline constexpr std::uint64_t kDocumentContent = 0;
inline constexpr std::uint64_t kDocumentName = 1;
inline constexpr std::uint64_t kDocumentSegments = 2;

class KeyRing {
  public:
    explicit KeyRing(const crypto::Key& node_key) : node_key_(node_key) {}

    // Null if the tenant is unknown.
    std::shared_ptr<const TenantKeys> find(const TenantId& tenant) const;
    Result<std::shared_ptr<const TenantKeys>> load(const TenantId& tenant, std::string_view row);
    // A new key; the answer is the row to store.
    Result<std::string> create(const TenantId& tenant, Random& random);
    void forget(const TenantId& tenant);
    std::vector<TenantId> tenants() const;

  private:
    const crypto::Key node_key_;
    mutable std::shared_mutex mutex_;
    std::map<TenantId, std::shared_ptr<const TenantKeys>> tenants_;
};

// Reads the row of a case's keys; both members empty if the row is gone (deleted by law).
Result<DataKeys> read_data_keys(storage::Reader& reader, const TenantKeys& keys,
                                const TenantId& tenant, CaseId id);

}  // namespace schwarm::runtime
