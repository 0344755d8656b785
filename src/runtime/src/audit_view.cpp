// Reading the audit log.
#include <algorithm>

#include "chained_row.hpp"
#include "read_access.hpp"
#include "schwarm/crypto/seal.hpp"

namespace schwarm::runtime {
namespace {

Result<AuditRow> decode(std::string_view key, std::string_view value) {
    const std::uint64_t number =
        key.size() < 8 ? 0 : storage::KeyReader(key.substr(key.size() - 8)).number();
    SCHWARM_TRY(row, decode_chained_row(number, value));
    return AuditRow{number,        row.case_id, row.previous, row.at,
                    row.body_hash, row.chain,   row.deleted,  std::move(row.body)};
}

}  // namespace

crypto::Hash audit_begin(const TenantId& tenant) {
    return chain_begin(kAuditChain, tenant);
}

Result<std::uint64_t> ReadView::last_audit() const {
    SCHWARM_TRY(bytes, access_->reader->get(Space::meta, keys::book(access_->tenant)));
    if (!bytes) return fail(ErrorCode::not_found, "there is no such tenant");
    SCHWARM_TRY(book, Book::decode(*bytes));
    return book.next_audit - 1;
}

Result<void> ReadView::audit_rows(std::uint64_t from, std::uint64_t to,
                                  const AuditRowVisitor& visit) const {
    storage::ScanRange range;
    range.from = keys::numbered(access_->tenant, from);
    range.to = to == UINT64_MAX ? storage::prefix_end(keys::plain(access_->tenant, {}))
                                : keys::numbered(access_->tenant, to + 1);
    Result<void> decoded;
    SCHWARM_TRY_VOID(access_->reader->scan(Space::audit, range,
                                           [&](std::string_view key, std::string_view value) {
                                               const auto row = decode(key, value);
                                               if (row.has_error()) {
                                                   decoded = row.error();
                                                   return false;
                                               }
                                               return visit(row.value());
                                           }));
    return decoded;
}

Result<std::vector<AuditRow>> ReadView::audit_rows_of(CaseId id, std::size_t limit) const {
    SCHWARM_TRY(record, access_->record(id));
    std::vector<AuditRow> rows;
    for (std::uint64_t number = record.last_audit; number != 0;) {
        if (rows.size() == limit) {
            return fail(ErrorCode::limit_exceeded, "the case has more audit lines than can be read",
                        std::to_string(limit));
        }
        const std::string key = keys::numbered(access_->tenant, number);
        SCHWARM_TRY(bytes, access_->reader->get(Space::audit, key));
        if (!bytes) {
            return fail(ErrorCode::corrupt, "a line of the audit log is missing",
                        "audit line " + std::to_string(number));
        }
        SCHWARM_TRY(row, decode(key, *bytes));
        if (row.case_id != id || row.previous >= number) {
            return fail(ErrorCode::corrupt, "the audit lines about the case do not follow",
                        "audit line " + std::to_string(number));
        }
        number = row.previous;
        rows.push_back(std::move(row));
    }
    std::reverse(rows.begin(), rows.end());
    return rows;
}

Result<std::optional<crypto::Key>> ReadView::log_key(CaseId id) const {
    SCHWARM_TRY(data_keys, access_->data_keys(id));
    return data_keys->log;
}

Result<AuditLine> ReadView::open(const AuditRow& row) const {
    AuditLine line;
    line.number = row.number;
    line.at = row.at;
    line.case_id = row.case_id;
    SCHWARM_TRY(data_keys, access_->data_keys(row.case_id));
    line.deleted = row.deleted || !data_keys->log;
    if (line.deleted) return line;
    SCHWARM_TRY(plain, crypto::open(*data_keys->log,
                                    associated(Space::audit, access_->tenant, row.case_id,
                                               row.number),
                                    row.body));
    SCHWARM_TRY(text, AuditText::decode(plain));
    line.actor = std::move(text.actor);
    line.action = std::move(text.action);
    line.detail = std::move(text.detail);
    return line;
}

Result<std::vector<AuditLine>> ReadView::audit(std::size_t limit) const {
    std::vector<AuditLine> lines;
    const auto add = [&](std::string_view key, std::string_view value) -> Result<void> {
        SCHWARM_TRY(row, decode(key, value));
        SCHWARM_TRY(line, open(row));
        lines.push_back(std::move(line));
        return {};
    };
    Result<void> failed;
    SCHWARM_TRY_VOID(access_->reader->scan(
        Space::audit, storage::prefix_range(keys::plain(access_->tenant, {}), limit, true),
        [&](std::string_view key, std::string_view value) {
            failed = add(key, value);
            return failed.has_value();
        }));
    SCHWARM_TRY_VOID(failed);
    return lines;
}

Result<ReadView> open_view(storage::Storage& storage, const crypto::Key& node_key,
                           const TenantId& tenant) {
    SCHWARM_TRY(reader, storage.begin_read());
    SCHWARM_TRY(key_row, reader->get(Space::keys, keys::tenant_key(tenant)));
    if (!key_row) return fail(ErrorCode::not_found, "there is no such tenant", tenant.value());
    KeyRing ring(node_key);
    SCHWARM_TRY(keys, ring.load(tenant, *key_row));
    return ReadView(std::make_unique<ReadView::Access>(tenant, keys, std::move(reader)));
}

}  // namespace schwarm::runtime
