#include "document_rows.hpp"

#include <algorithm>

#include "key_ring.hpp"
#include "layout.hpp"
#include "schwarm/base/binary.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::runtime {

namespace {
constexpr std::uint8_t kFormat = 1;
}

namespace keys {

std::string segments(const TenantId& tenant, std::string_view store) {
    return storage::KeyBuilder(tenant).number(0).raw(store).take();
}
std::string segment(const TenantId& tenant, std::string_view store, std::uint64_t number) {
    return storage::KeyBuilder(tenant).number(0).raw(store).number(number).take();
}
std::uint64_t segment_number(std::string_view key) {
    return storage::KeyReader(key.substr(key.size() - sizeof(std::uint64_t))).number();
}

}  // namespace keys

std::uint64_t segments_of(std::uint64_t length) {
    return length == 0 ? 1 : (length - 1) / crypto::kSegmentBytes + 1;
}

std::size_t segment_length(std::uint64_t length, std::uint64_t number) {
    if (number >= segments_of(length)) return 0;
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(crypto::kSegmentBytes, length - number * crypto::kSegmentBytes));
}

Result<void> erase_segments_of(WriteBatch& batch, std::string_view row) {
    SCHWARM_TRY(decoded, SealedRow::decode(row));
    if (decoded.number != kDocumentSegments) return {};
    return batch.erase_segments(decoded.sealed.substr(0, kStoreNameBytes));
}

std::string encode_segmented(const SegmentedDocument& document) {
    ByteWriter out;
    out.u8(kFormat);
    out.varint(document.length);
    out.bytes(document.type);
    out.raw(crypto::bytes_of(document.sha256));
    out.raw(document.key.bytes());
    out.raw(document.store);
    return out.take();
}

Result<SegmentedDocument> decode_segmented(std::string_view bytes) {
    ByteReader in(bytes);
    if (in.u8() != kFormat) {
        return fail(ErrorCode::unsupported, "a document in an unknown format");
    }
    const std::uint64_t length = in.varint();
    std::string type(in.bytes());
    const std::string_view hash = in.raw(crypto::Hash{}.size());
    const std::string_view key = in.raw(crypto::kKeySize);
    std::string store(in.raw(kStoreNameBytes));
    if (!in.ok() || !in.at_end()) return fail(ErrorCode::corrupt, "a damaged row of a document");
    SCHWARM_TRY(opened, crypto::Key::from_bytes(key));
    return SegmentedDocument{std::move(store), length, std::move(type),
                             crypto::hash_from_bytes(hash), opened};
}

}  // namespace schwarm::runtime
