// Documents that travel beside an envelope: segments of 64 kB, sealed under a fresh key that stands
// in the envelope's manifest (crypto::seal_segment). Whoever sends, keeps or receives one holds a
// single segment; a broken link goes on with the segment that is missing.
//
// Objects are not thread-safe; distinct ones may be used by distinct threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/crypto/seal.hpp"

namespace schwarm::exchange {

using crypto::kSegmentBytes;
inline constexpr std::uint64_t kMaxDocumentBytes = std::uint64_t{100} * 1024 * 1024;

// One line of an envelope's manifest. A key seals one document only: whoever changes the bytes
// makes a new document with a new key.
struct Document {
    std::string id;            // unique in its envelope, 1 to 64 of A-Z a-z 0-9 . _ : -
    std::string type;          // media type: "application/pdf"
    std::uint64_t length = 0;  // bytes
    crypto::Hash sha256{};     // of the plain bytes
    crypto::Key key;
};

// At least 1: an empty document has one empty segment.
std::uint64_t segment_count(std::uint64_t length);
// Plain bytes of the segment `number` (from 0) of a document of `length` bytes; sealed it has
// crypto::kTagSize more. 0 beyond the end.
std::size_t segment_bytes(std::uint64_t length, std::uint64_t number);

// Measures a document for the manifest, piece by piece.
class DocumentMeasure {
  public:
    void add(std::string_view bytes);
    // limit_exceeded: longer than kMaxDocumentBytes. Call it once.
    Result<Document> finish(std::string id, std::string type, Random& random);

  private:
    crypto::Sha256 hash_;
    std::uint64_t length_ = 0;
};

// Seals the segments of a document in order, from any number on.
class DocumentSealer {
  public:
    explicit DocumentSealer(Document document, std::uint64_t first = 0)
        : document_(std::move(document)), number_(first) {}

    std::uint64_t number() const { return number_; }
    bool finished() const { return number_ >= segment_count(document_.length); }
    // `plain`: the bytes of segment number(). invalid_input: not as many as it has, or finished.
    Result<std::string> next(std::string_view plain);

  private:
    Document document_;
    std::uint64_t number_;
};

// Opens the segments of a document in order and checks the whole.
class DocumentOpener {
  public:
    explicit DocumentOpener(Document document) : document_(std::move(document)) {}

    // The segment that is expected next.
    std::uint64_t number() const { return number_; }
    bool finished() const { return number_ >= segment_count(document_.length); }
    // The plain bytes of segment number(). crypto_failed: it is another one, was changed or is not
    // of this document; invalid_input: its length is not that of this segment, or all have been
    // opened. After an error the same segment is expected again.
    Result<std::string> next(std::string_view sealed);
    // The plain bytes of segment number(), opened in an earlier run and kept. invalid_input as
    // next().
    Result<void> resume(std::string_view plain);
    // invalid_input: segments are missing, or the whole is not what the manifest says. Call it
    // once.
    Result<void> finish();

  private:
    void take(std::string_view plain);

    Document document_;
    crypto::Sha256 hash_;
    std::uint64_t number_ = 0;
};

}  // namespace schwarm::exchange
