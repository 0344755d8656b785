// Documents of cases, read.
#include <algorithm>

#include "document_rows.hpp"
#include "read_access.hpp"
#include "schwarm/runtime/read_view.hpp"

namespace schwarm::runtime {
namespace {

// Where the content of a document is: here, or in segments.
struct Found {
    std::string content;
    std::optional<SegmentedDocument> segmented;
};

Result<Found> find(ReadView::Access& access, CaseId id, std::string_view name) {
    const PersonHash hash = access.keys->hash(kDocumentField, name);
    SCHWARM_TRY(bytes,
                access.reader->get(Space::documents, keys::in_case(access.tenant, id, hash)));
    if (!bytes) {
        return fail(ErrorCode::not_found, "there is no such document",
                    "case " + std::to_string(id.value()));
    }
    SCHWARM_TRY(row, SealedRow::decode(*bytes));
    const bool segmented = row.number == kDocumentSegments;
    if (segmented) row.sealed.erase(0, kStoreNameBytes);
    SCHWARM_TRY(plain, access.open_sealed(Space::documents, row, hash));
    if (!segmented) return Found{std::move(plain), std::nullopt};
    SCHWARM_TRY(document, decode_segmented(plain));
    return Found{{}, std::move(document)};
}

Result<std::string> open_segment(ReadView::Access& access, const SegmentedDocument& document,
                                 std::uint64_t number) {
    SCHWARM_TRY(sealed, access.reader->get(Space::documents,
                                           keys::segment(access.tenant, document.store, number)));
    if (!sealed) return fail(ErrorCode::corrupt, "a segment of a document is missing");
    const bool last = number + 1 == segments_of(document.length);
    SCHWARM_TRY(plain, crypto::open_segment(document.key, number, last, *sealed));
    if (plain.size() != segment_length(document.length, number)) {
        return fail(ErrorCode::corrupt, "a segment of a document has another length");
    }
    return plain;
}

Result<std::string> cut(ReadView::Access& access, const Found& found, std::uint64_t offset,
                        std::uint64_t count) {
    if (!found.segmented) {
        if (offset >= found.content.size()) return std::string();
        return found.content.substr(offset, count);
    }
    const SegmentedDocument& document = *found.segmented;
    if (offset >= document.length) return std::string();
    const std::uint64_t end = offset + std::min(count, document.length - offset);
    std::string out;
    out.reserve(end - offset);
    while (offset < end) {
        const std::uint64_t number = offset / crypto::kSegmentBytes;
        SCHWARM_TRY(plain, open_segment(access, document, number));
        const std::uint64_t from = offset - number * crypto::kSegmentBytes;
        const std::string_view part = std::string_view(plain).substr(from, end - offset);
        out += part;
        offset += part.size();
    }
    return out;
}

}  // namespace

Result<std::string> ReadView::document(CaseId id, std::string_view name) const {
    SCHWARM_TRY(found, find(*access_, id, name));
    if (!found.segmented) return std::move(found.content);
    return cut(*access_, found, 0, found.segmented->length);
}

Result<DocumentInfo> ReadView::document_info(CaseId id, std::string_view name) const {
    SCHWARM_TRY(found, find(*access_, id, name));
    if (found.segmented) {
        return DocumentInfo{found.segmented->length, found.segmented->type,
                            found.segmented->sha256};
    }
    return DocumentInfo{found.content.size(), {}, crypto::sha256(found.content)};
}

Result<std::string> ReadView::document_bytes(CaseId id, std::string_view name, std::uint64_t offset,
                                             std::size_t count) const {
    SCHWARM_TRY(found, find(*access_, id, name));
    return cut(*access_, found, offset, count);
}

Result<std::optional<std::string>> ReadView::segment(std::string_view store,
                                                     std::uint64_t number) const {
    return access_->reader->get(Space::documents, keys::segment(access_->tenant, store, number));
}

Result<std::uint64_t> ReadView::segments(std::string_view store) const {
    storage::ScanRange range = storage::prefix_range(keys::segments(access_->tenant, store), 1);
    range.reverse = true;
    std::uint64_t out = 0;
    SCHWARM_TRY_VOID(
        access_->reader->scan(Space::documents, range, [&](std::string_view key, std::string_view) {
            out = keys::segment_number(key) + 1;
            return false;
        }));
    return out;
}

}  // namespace schwarm::runtime
