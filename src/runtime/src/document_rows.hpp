// The rows of documents in segments (docs/formats/storage.md, "Documents").
#pragma once

#include <string>
#include <string_view>

#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/runtime/write_batch.hpp"

namespace schwarm::runtime {

namespace keys {
// Among the documents of case 0, which no case is.
std::string segments(const TenantId& tenant, std::string_view store);  // prefix
std::string segment(const TenantId& tenant, std::string_view store, std::uint64_t number);
std::uint64_t segment_number(std::string_view key);
}  // namespace keys

std::uint64_t segments_of(std::uint64_t length);
std::size_t segment_length(std::uint64_t length, std::uint64_t number);

// If the row of a document says that its content lies in segments: erases these.
Result<void> erase_segments_of(WriteBatch& batch, std::string_view row);

// What is sealed in the row of the case.
std::string encode_segmented(const SegmentedDocument& document);
Result<SegmentedDocument> decode_segmented(std::string_view bytes);

}  // namespace schwarm::runtime
