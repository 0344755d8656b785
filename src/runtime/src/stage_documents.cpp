// Documents of cases, as a stage writes them.
#include "document_rows.hpp"
#include "schwarm/base/check.hpp"
#include "stage.hpp"

namespace schwarm::runtime {
namespace {

std::string random_bytes(Random& random) {
    std::string out(kStoreNameBytes, '\0');
    random.fill(std::as_writable_bytes(std::span(out)));
    return out;
}

}  // namespace

// A file's name may name a person: the key has its hash, the row has it sealed.
Result<SealedRow> Stage::make_document(const CaseEntry& entry, std::string_view name,
                                       const PersonHash& hash) {
    const CaseId id = entry.record.row.id;
    SCHWARM_TRY(old, read(Space::documents, keys::in_case(tenant_.id, id, hash)));
    if (old) SCHWARM_TRY_VOID(erase_segments_of(*this, *old));
    SealedRow row;
    row.case_id = id;
    row.at = now_;
    SCHWARM_TRY(sealed, seal(entry, Space::documents, kDocumentName, hash, name));
    row.name = std::move(sealed);
    return row;
}

Result<void> Stage::put_document(CaseId case_id, std::string_view name, std::string_view content) {
    if (name.empty() || name.size() > 200) {
        return fail(ErrorCode::invalid_input, "a document's name has 1 to 200 bytes");
    }
    if (content.size() > kWholeDocumentBytes) return put_in_segments(case_id, name, content);
    SCHWARM_TRY(entry, touch(case_id));
    const PersonHash hash = keys().hash(kDocumentField, name);
    SCHWARM_TRY(row, make_document(*entry, name, hash));
    SCHWARM_TRY(sealed, seal(*entry, Space::documents, kDocumentContent, hash, content));
    row.sealed = std::move(sealed);
    rows_.put(Space::documents, keys::in_case(tenant_.id, case_id, hash), row.encode());
    return {};
}

Result<void> Stage::put_in_segments(CaseId case_id, std::string_view name,
                                    std::string_view content) {
    const SegmentedDocument document{random_bytes(random_),
                                     content.size(),
                                     {},
                                     crypto::sha256(content),
                                     crypto::Key::random(random_)};
    const std::uint64_t count = segments_of(content.size());
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string_view plain =
            content.substr(i * crypto::kSegmentBytes, crypto::kSegmentBytes);
        SCHWARM_TRY(sealed, crypto::seal_segment(document.key, i, i + 1 == count, plain));
        put_segment(document.store, i, sealed);
    }
    return put_segmented(case_id, name, document);
}

void Stage::put_segment(std::string_view store, std::uint64_t number, std::string_view sealed) {
    CHECK(store.size() == kStoreNameBytes, "segments lie under a name of 16 bytes");
    rows_.put(Space::documents, keys::segment(tenant_.id, store, number), std::string(sealed));
}

Result<void> Stage::erase_segments(std::string_view store) {
    CHECK(store.size() == kStoreNameBytes, "segments lie under a name of 16 bytes");
    const std::string prefix = keys::segments(tenant_.id, store);
    std::vector<std::string> found;
    SCHWARM_TRY_VOID(view_.scan(Space::documents, storage::prefix_range(prefix),
                                [&](std::string_view key, std::string_view) {
                                    found.emplace_back(key);
                                    return true;
                                }));
    const auto& own = rows_.rows(Space::documents);
    for (auto it = own.lower_bound(prefix); it != own.end() && it->first.starts_with(prefix);
         ++it) {
        found.push_back(it->first);
    }
    for (std::string& key : found) rows_.erase(Space::documents, std::move(key));
    return {};
}

Result<void> Stage::put_segmented(CaseId case_id, std::string_view name,
                                  const SegmentedDocument& document) {
    if (name.empty() || name.size() > 200) {
        return fail(ErrorCode::invalid_input, "a document's name has 1 to 200 bytes");
    }
    CHECK(document.store.size() == kStoreNameBytes, "segments lie under a name of 16 bytes");
    SCHWARM_TRY(entry, touch(case_id));
    const PersonHash hash = keys().hash(kDocumentField, name);
    SCHWARM_TRY(row, make_document(*entry, name, hash));
    row.number = kDocumentSegments;
    SCHWARM_TRY(sealed, seal(*entry, Space::documents, kDocumentSegments, hash,
                             encode_segmented(document)));
    row.sealed = document.store + sealed;
    rows_.put(Space::documents, keys::in_case(tenant_.id, case_id, hash), row.encode());
    return {};
}

}  // namespace schwarm::runtime
