// The rows of the two chains of a tenant (events, audit): a clear header that is hashed, then the
// sealed body. docs/formats/storage.md, "Chained rows".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/runtime/rows.hpp"

namespace schwarm::runtime {

// What a row is about. 1 to 99: a command of the engine (index in CommandBody + 1). Released
// numbers never change.
enum class RowKind : std::uint8_t {
    audit_line = 0,
    first_command = 1,
    last_command = 99,
    deletion = 100,           // of the case in the header, by law; body under the tenant's log key
    deletion_with_log = 101,  // likewise, with the audit lines about it
    deletion_of_log = 102,    // of the audit lines about a case that was deleted before
};

bool is_deletion(RowKind kind);
// Whether the bodies of the case's events, or of the audit lines about it, are gone by it.
bool deletes_case(RowKind kind);
bool deletes_log(RowKind kind);
bool is_command(RowKind kind);
// "create_case", ..., "deletion".
std::string name_of(RowKind kind);

struct ChainedRow {
    RowKind kind = RowKind::audit_line;
    CaseId case_id;
    Position position = 0;  // part of the key and of the hashed header
    Position previous = 0;  // of the row before it about the same case; 0: none
    Instant at;
    crypto::Hash body_hash{};
    crypto::Hash chain{};
    bool deleted = false;  // the body is gone
    std::string body;      // sealed

    // Fills body_hash and chain.
    void link(const crypto::Hash& previous_chain);
    // What chain must be.
    crypto::Hash expected_chain(const crypto::Hash& previous_chain) const;
    std::string encode() const;
};

Result<ChainedRow> decode_chained_row(Position position, std::string_view bytes);

// The hash before the first row of a chain: SHA-256("schwarm/<name>/1" 00 tenant).
crypto::Hash chain_begin(std::string_view name, const TenantId& tenant);
inline constexpr std::string_view kEventChain = "events";
inline constexpr std::string_view kAuditChain = "audit";

}  // namespace schwarm::runtime
