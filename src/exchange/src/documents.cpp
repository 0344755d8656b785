#include "schwarm/exchange/documents.hpp"

#include <algorithm>

namespace schwarm::exchange {
namespace {

std::string place(const Document& document, std::uint64_t number) {
    return "document " + document.id + " segment " + std::to_string(number);
}

bool is_last(const Document& document, std::uint64_t number) {
    return number + 1 == segment_count(document.length);
}

Result<void> expect_bytes(const Document& document, std::uint64_t number, std::size_t size,
                          std::size_t overhead) {
    if (number >= segment_count(document.length)) {
        return fail(ErrorCode::invalid_input, "the document has no such segment",
                    place(document, number));
    }
    const std::size_t expected = segment_bytes(document.length, number) + overhead;
    if (size == expected) return {};
    return fail(ErrorCode::invalid_input,
                "has " + std::to_string(size) + " bytes instead of " + std::to_string(expected),
                place(document, number));
}

}  // namespace

std::uint64_t segment_count(std::uint64_t length) {
    return length == 0 ? 1 : (length - 1) / kSegmentBytes + 1;
}

std::size_t segment_bytes(std::uint64_t length, std::uint64_t number) {
    if (number >= segment_count(length)) return 0;
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(kSegmentBytes, length - number * kSegmentBytes));
}

void DocumentMeasure::add(std::string_view bytes) {
    hash_.update(bytes);
    length_ += bytes.size();
}

Result<Document> DocumentMeasure::finish(std::string id, std::string type, Random& random) {
    if (length_ > kMaxDocumentBytes) {
        return fail(ErrorCode::limit_exceeded,
                    "has more than " + std::to_string(kMaxDocumentBytes) + " bytes",
                    "document " + id);
    }
    return Document{std::move(id), std::move(type), length_, hash_.finish(),
                    crypto::Key::random(random)};
}

Result<std::string> DocumentSealer::next(std::string_view plain) {
    SCHWARM_TRY_VOID(expect_bytes(document_, number_, plain.size(), 0));
    SCHWARM_TRY(sealed,
                crypto::seal_segment(document_.key, number_, is_last(document_, number_), plain));
    ++number_;
    return sealed;
}

Result<std::string> DocumentOpener::next(std::string_view sealed) {
    SCHWARM_TRY_VOID(expect_bytes(document_, number_, sealed.size(), crypto::kTagSize));
    auto plain = crypto::open_segment(document_.key, number_, is_last(document_, number_), sealed);
    if (!plain) {
        return fail(plain.error().code, "is not this segment of this document, or was changed",
                    place(document_, number_));
    }
    take(*plain);
    return plain;
}

Result<void> DocumentOpener::resume(std::string_view plain) {
    SCHWARM_TRY_VOID(expect_bytes(document_, number_, plain.size(), 0));
    take(plain);
    return {};
}

void DocumentOpener::take(std::string_view plain) {
    hash_.update(plain);
    ++number_;
}

Result<void> DocumentOpener::finish() {
    if (!finished()) {
        return fail(ErrorCode::invalid_input, "is missing", place(document_, number_));
    }
    if (hash_.finish() != document_.sha256) {
        return fail(ErrorCode::invalid_input, "the bytes are not those that the manifest names",
                    "document " + document_.id);
    }
    return {};
}

}  // namespace schwarm::exchange
