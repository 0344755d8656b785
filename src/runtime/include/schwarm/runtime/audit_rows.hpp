// The audit log as it is stored: clear headers and hashes, sealed bodies; for who signs and proves
// it. Opened lines: AuditLine (rows.hpp). docs/formats/storage.md, "Chained rows".
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/crypto/hash.hpp"

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

}  // namespace schwarm::runtime
