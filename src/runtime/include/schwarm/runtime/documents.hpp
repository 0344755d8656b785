// Documents of cases that are too long to be held in memory at once.
//
// A document of more than kWholeDocumentBytes lies in rows of its own, one a segment of
// crypto::kSegmentBytes, sealed under a key of its own (crypto::seal_segment); the case holds that
// key, sealed under the case's. So a document that arrives in pieces becomes one of a case with
// one small row, and with the case's key all of it is gone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "schwarm/crypto/hash.hpp"
#include "schwarm/crypto/seal.hpp"

namespace schwarm::runtime {

inline constexpr std::size_t kWholeDocumentBytes = std::size_t{1} << 20;
// Length of the name under which segments lie: random, or a hash.
inline constexpr std::size_t kStoreNameBytes = 16;

// Names of documents that came to a case from others: this and a number, from 1
// (docs/formats/contract.md).
inline constexpr std::string_view kReceivedPrefix = "eingang-";

struct DocumentInfo {
    std::uint64_t length = 0;
    std::string type;  // media type; empty: whoever stored it did not say
    crypto::Hash sha256{};
};

// All segments of it lie under `store`. A key seals one document only.
struct SegmentedDocument {
    std::string store;
    std::uint64_t length = 0;
    std::string type;
    crypto::Hash sha256{};
    crypto::Key key;
};

}  // namespace schwarm::runtime
