// Reading batch operations.
#include <algorithm>

#include "batch_rows.hpp"
#include "read_access.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/seal.hpp"

namespace schwarm::runtime {
namespace {

constexpr std::size_t kMaxPage = 500;

Result<BatchRow> open_batch(ReadView::Access& access, std::uint64_t key, std::string_view bytes) {
    SCHWARM_TRY(row, SealedRow::decode(bytes));
    SCHWARM_TRY(data_keys, access.data_keys(CaseId()));
    if (!data_keys->log) return fail(ErrorCode::gone, "the tenant's log key was destroyed");
    SCHWARM_TRY(plain,
                crypto::open(*data_keys->log,
                             associated(Space::batches, access.tenant, CaseId(), key), row.sealed));
    SCHWARM_TRY(batch, BatchRecord::decode(plain));
    batch.row.key = key;
    return std::move(batch.row);
}

}  // namespace

Result<BatchRow> ReadView::batch(std::uint64_t key) const {
    SCHWARM_TRY(bytes, access_->reader->get(Space::batches, keys::batch(access_->tenant, key)));
    if (!bytes) return fail(ErrorCode::not_found, "there is no such batch");
    return open_batch(*access_, key, *bytes);
}

Result<Page<BatchRow>> ReadView::batches(std::size_t limit, std::string_view cursor) const {
    const std::size_t most = std::clamp<std::size_t>(limit, 1, kMaxPage);
    const std::string prefix = keys::lettered(access_->tenant, 'B');
    storage::ScanRange range = storage::prefix_range(prefix, most + 1, true);
    if (!cursor.empty()) {
        SCHWARM_TRY(before, crypto::hex_decode(cursor));
        range.to = prefix + before;
    }
    Page<BatchRow> page;
    Result<void> failed;
    std::string last;
    SCHWARM_TRY_VOID(access_->reader->scan(
        Space::batches, range, [&](std::string_view place, std::string_view value) {
            if (page.rows.size() == most) {
                page.next = crypto::hex_encode(last);
                return false;
            }
            last = place.substr(prefix.size());
            auto row = open_batch(*access_, storage::KeyReader(last).number(), value);
            if (row.has_error()) {
                failed = row.error();
                return false;
            }
            page.rows.push_back(std::move(row.value()));
            return true;
        }));
    SCHWARM_TRY_VOID(failed);
    return page;
}

}  // namespace schwarm::runtime
