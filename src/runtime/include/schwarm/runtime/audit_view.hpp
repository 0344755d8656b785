// The audit log of one tenant as it is stored, for who signs, verifies and proves it: a snapshot,
// beside a working node or without one. docs/formats/storage.md, "Chained rows".
//
// Any thread may open one; each belongs to one thread and should live briefly.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "schwarm/crypto/hash.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/runtime/read_view.hpp"

namespace schwarm::runtime {

struct AuditRow {
    std::uint64_t number = 0;
    CaseId case_id;              // 0: it concerns no case
    std::uint64_t previous = 0;  // line before it about the same case; 0: none
    Instant at;
    crypto::Hash body_hash{};
    crypto::Hash chain{};  // hash of the chain at this line
    bool deleted = false;  // by law: there is no body any more
    std::string body;      // sealed
};

// false ends the scan.
using AuditRowVisitor = std::function<bool(const AuditRow&)>;

// The chain hash before line 1.
crypto::Hash audit_begin(const TenantId& tenant);

// The number of the newest line; 0: there is none. not_found: no such tenant.
Result<std::uint64_t> last_audit(storage::Reader& reader, const TenantId& tenant);
// Lines `from` to `to` (both included), ascending.
Result<void> audit_rows(storage::Reader& reader, const TenantId& tenant, std::uint64_t from,
                        std::uint64_t to, const AuditRowVisitor& visit);

// With the tenant's keys.
class AuditView {
  public:
    // not_found: no such tenant; crypto_failed: another node key.
    static Result<AuditView> open(storage::Storage& storage, const crypto::Key& node_key,
                                  const TenantId& tenant);
    AuditView(AuditView&&) noexcept;
    AuditView& operator=(AuditView&&) noexcept;
    ~AuditView();

    const TenantId& tenant() const;
    storage::Reader& reader() const;
    // All lines about one case, ascending; also of a deleted one. not_found: no such case;
    // limit_exceeded: more than `limit`.
    Result<std::vector<AuditRow>> rows_of(CaseId id, std::size_t limit) const;
    Result<AuditLine> open_line(const AuditRow& row) const;
    // The key of the lines about a case, for a proof; nothing after their deletion by law.
    Result<std::optional<crypto::Key>> log_key(CaseId id) const;

  private:
    explicit AuditView(std::unique_ptr<ReadView::Access> access);
    std::unique_ptr<ReadView::Access> access_;
};

// What a ReadView shows, without a Runtime. `storage` must outlive it. Errors as AuditView::open.
Result<ReadView> open_view(storage::Storage& storage, const crypto::Key& node_key,
                           const TenantId& tenant);

}  // namespace schwarm::runtime
