#include "schwarm/runtime/audit_view.hpp"

#include <algorithm>

#include "chained_row.hpp"
#include "read_access.hpp"

namespace schwarm::runtime {
namespace {

Result<AuditRow> decode(std::string_view key, std::string_view value) {
    const std::uint64_t number =
        key.size() < 8 ? 0 : storage::KeyReader(key.substr(key.size() - 8)).number();
    SCHWARM_TRY(row, decode_chained_row(number, value));
    return AuditRow{number,        row.case_id, row.previous, row.at,
                    row.body_hash, row.chain,   row.deleted,  std::move(row.body)};
}

// The newest ones about a case, ascending.
Result<std::vector<AuditRow>> rows_about(ReadView::Access& access, CaseId id, std::size_t limit) {
    SCHWARM_TRY(record, access.record(id));
    std::vector<AuditRow> rows;
    for (std::uint64_t number = record.last_audit; number != 0 && rows.size() < limit;) {
        const std::string place = "audit line " + std::to_string(number);
        const std::string key = keys::numbered(access.tenant, number);
        SCHWARM_TRY(bytes, access.reader->get(Space::audit, key));
        if (!bytes) return fail(ErrorCode::corrupt, "a line of the audit log is missing", place);
        SCHWARM_TRY(row, decode(key, *bytes));
        if (row.case_id != id || row.previous >= number) {
            return fail(ErrorCode::corrupt, "the lines about the case do not follow", place);
        }
        number = row.previous;
        rows.push_back(std::move(row));
    }
    std::reverse(rows.begin(), rows.end());
    return rows;
}

Result<AuditLine> open_row(ReadView::Access& access, const AuditRow& row) {
    AuditLine line;
    line.number = row.number;
    line.at = row.at;
    line.case_id = row.case_id;
    SCHWARM_TRY(data_keys, access.data_keys(row.case_id));
    line.deleted = row.deleted || !data_keys->log;
    if (line.deleted) return line;
    SCHWARM_TRY(
        plain,
        crypto::open(*data_keys->log,
                     associated(Space::audit, access.tenant, row.case_id, row.number), row.body));
    SCHWARM_TRY(text, AuditText::decode(plain));
    line.actor = std::move(text.actor);
    line.action = std::move(text.action);
    line.detail = std::move(text.detail);
    return line;
}

Result<std::unique_ptr<ReadView::Access>> open_access(storage::Storage& storage,
                                                      const crypto::Key& node_key,
                                                      const TenantId& tenant) {
    SCHWARM_TRY(reader, storage.begin_read());
    SCHWARM_TRY(key_row, reader->get(Space::keys, keys::tenant_key(tenant)));
    if (!key_row) return fail(ErrorCode::not_found, "there is no such tenant", tenant.value());
    KeyRing ring(node_key);
    SCHWARM_TRY(keys, ring.load(tenant, *key_row));
    return std::make_unique<ReadView::Access>(tenant, keys, std::move(reader));
}

}  // namespace

crypto::Hash audit_begin(const TenantId& tenant) {
    return chain_begin(kAuditChain, tenant);
}

Result<std::uint64_t> last_audit(storage::Reader& reader, const TenantId& tenant) {
    SCHWARM_TRY(bytes, reader.get(Space::meta, keys::book(tenant)));
    if (!bytes) return fail(ErrorCode::not_found, "there is no such tenant");
    SCHWARM_TRY(book, Book::decode(*bytes));
    return book.next_audit - 1;
}

Result<void> audit_rows(storage::Reader& reader, const TenantId& tenant, std::uint64_t from,
                        std::uint64_t to, const AuditRowVisitor& visit) {
    storage::ScanRange range;
    range.from = keys::numbered(tenant, from);
    range.to = to == UINT64_MAX ? storage::prefix_end(keys::plain(tenant, {}))
                                : keys::numbered(tenant, to + 1);
    Result<void> decoded;
    SCHWARM_TRY_VOID(
        reader.scan(Space::audit, range, [&](std::string_view key, std::string_view value) {
            const auto row = decode(key, value);
            if (row.has_error()) {
                decoded = row.error();
                return false;
            }
            return visit(row.value());
        }));
    return decoded;
}

AuditView::AuditView(std::unique_ptr<ReadView::Access> access) : access_(std::move(access)) {}
AuditView::AuditView(AuditView&&) noexcept = default;
AuditView& AuditView::operator=(AuditView&&) noexcept = default;
AuditView::~AuditView() = default;

Result<AuditView> AuditView::open(storage::Storage& storage, const crypto::Key& node_key,
                                  const TenantId& tenant) {
    SCHWARM_TRY(access, open_access(storage, node_key, tenant));
    return AuditView(std::move(access));
}

const TenantId& AuditView::tenant() const {
    return access_->tenant;
}

storage::Reader& AuditView::reader() const {
    return *access_->reader;
}

Result<std::vector<AuditRow>> AuditView::rows_of(CaseId id, std::size_t limit) const {
    SCHWARM_TRY(rows, rows_about(*access_, id, std::max(limit, limit + 1)));
    if (rows.size() > limit) {
        return fail(ErrorCode::limit_exceeded, "the case has more audit lines than can be read",
                    std::to_string(limit));
    }
    return rows;
}

Result<std::optional<crypto::Key>> AuditView::log_key(CaseId id) const {
    SCHWARM_TRY(data_keys, access_->data_keys(id));
    return data_keys->log;
}

Result<AuditLine> AuditView::open_line(const AuditRow& row) const {
    return open_row(*access_, row);
}

Result<std::vector<AuditLine>> ReadView::audit_of(CaseId id, std::size_t limit) const {
    SCHWARM_TRY(rows, rows_about(*access_, id, limit));
    std::vector<AuditLine> lines;
    for (const AuditRow& row : rows) {
        SCHWARM_TRY(line, open_row(*access_, row));
        lines.push_back(std::move(line));
    }
    return lines;
}

Result<ReadView> open_view(storage::Storage& storage, const crypto::Key& node_key,
                           const TenantId& tenant) {
    SCHWARM_TRY(access, open_access(storage, node_key, tenant));
    return ReadView(std::move(access));
}

}  // namespace schwarm::runtime
