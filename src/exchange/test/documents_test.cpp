#include "schwarm/exchange/documents.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace schwarm::exchange {
namespace {

class Documents : public testing::Test {
  protected:
    explicit Documents(std::size_t size = 3 * kSegmentBytes + 1234) {
        for (std::size_t i = 0; i < size; ++i) plain += static_cast<char>(i * 7 + i / 251);
        document = measured(plain);
    }
    Document measured(const std::string& bytes) {
        DocumentMeasure measure;
        // In pieces that are no segments.
        for (std::size_t at = 0; at < bytes.size(); at += 10'007) {
            measure.add(std::string_view(bytes).substr(at, 10'007));
        }
        return measure.finish("foto-1", "image/png", random).value();
    }
    std::string segment(std::size_t number) const {
        return plain.substr(number * kSegmentBytes, kSegmentBytes);
    }
    std::vector<std::string> sealed() const {
        DocumentSealer sealer(document);
        std::vector<std::string> out;
        while (!sealer.finished()) {
            out.push_back(sealer.next(segment(static_cast<std::size_t>(sealer.number()))).value());
        }
        return out;
    }

    SeededRandom random{31};
    std::string plain;
    Document document = measured("");
};

TEST_F(Documents, TravelInSegments) {
    EXPECT_EQ(document.length, plain.size());
    EXPECT_EQ(document.sha256, crypto::sha256(plain));
    const auto segments = sealed();
    ASSERT_EQ(segments.size(), 4U);
    EXPECT_EQ(segments[0].size(), kSegmentBytes + crypto::kTagSize);
    EXPECT_EQ(segments[3].size(), 1234 + crypto::kTagSize);
    DocumentOpener opener(document);
    std::string out;
    for (const std::string& text : segments) out += opener.next(text).value();
    EXPECT_TRUE(opener.finished());
    EXPECT_TRUE(opener.finish().has_value());
    EXPECT_EQ(out, plain);
}

TEST_F(Documents, SegmentsOfEveryLength) {
    EXPECT_EQ(segment_count(0), 1U);
    EXPECT_EQ(segment_count(1), 1U);
    EXPECT_EQ(segment_count(kSegmentBytes), 1U);
    EXPECT_EQ(segment_count(kSegmentBytes + 1), 2U);
    EXPECT_EQ(segment_count(kMaxDocumentBytes), 1600U);
    EXPECT_EQ(segment_bytes(0, 0), 0U);
    EXPECT_EQ(segment_bytes(kSegmentBytes, 0), kSegmentBytes);
    EXPECT_EQ(segment_bytes(kSegmentBytes, 1), 0U);
    EXPECT_EQ(segment_bytes(kSegmentBytes + 1, 1), 1U);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kSegmentBytes - 1, kSegmentBytes,
                                   kSegmentBytes + 1, 2 * kSegmentBytes}) {
        const std::string bytes(size, 'x');
        const Document one = measured(bytes);
        DocumentSealer sealer(one);
        DocumentOpener opener(one);
        std::string out;
        while (!sealer.finished()) {
            out +=
                opener.next(sealer.next(bytes.substr(out.size(), kSegmentBytes)).value()).value();
        }
        EXPECT_TRUE(opener.finish().has_value()) << size;
        EXPECT_EQ(out, bytes);
    }
}

TEST_F(Documents, ABrokenLinkGoesOnWhereItBroke) {
    const auto segments = sealed();
    // The sender begins anew at segment 2; the receiver kept 0 and 1.
    DocumentSealer again(document, 2);
    EXPECT_EQ(again.next(segment(2)).value(), segments[2]);
    DocumentOpener opener(document);
    ASSERT_TRUE(opener.resume(segment(0)).has_value());
    ASSERT_TRUE(opener.resume(segment(1)).has_value());
    EXPECT_EQ(opener.number(), 2U);
    EXPECT_EQ(opener.next(segments[2]).value(), segment(2));
    EXPECT_EQ(opener.next(again.next(segment(3)).value()).value(), segment(3));
    EXPECT_TRUE(opener.finish().has_value());
}

TEST_F(Documents, SegmentsLeftOutExchangedOrAddedAreRefused) {
    const auto segments = sealed();
    DocumentOpener opener(document);
    EXPECT_EQ(opener.next(segments[1]).error().code, ErrorCode::crypto_failed) << "left out";
    ASSERT_TRUE(opener.next(segments[0]).has_value());
    EXPECT_EQ(opener.next(segments[2]).error().code, ErrorCode::crypto_failed) << "exchanged";
    EXPECT_EQ(opener.next(segments[0]).error().code, ErrorCode::crypto_failed) << "repeated";
    // The right one is still welcome.
    ASSERT_TRUE(opener.next(segments[1]).has_value());
    ASSERT_TRUE(opener.next(segments[2]).has_value());
    EXPECT_EQ(opener.finish().error().where, "document foto-1 segment 3") << "truncated";
    ASSERT_TRUE(opener.next(segments[3]).has_value());
    EXPECT_EQ(opener.next(segments[3]).error().code, ErrorCode::invalid_input) << "added";
    EXPECT_EQ(opener.resume("").error().code, ErrorCode::invalid_input);
}

TEST_F(Documents, ATruncatedDocumentIsNotMadeWhole) {
    // The manifest of a liar who claims that the document ends after two segments.
    const auto segments = sealed();
    Document shorter = document;
    shorter.length = 2 * kSegmentBytes;
    DocumentOpener opener(shorter);
    ASSERT_TRUE(opener.next(segments[0]).has_value());
    EXPECT_EQ(opener.next(segments[1]).error().code, ErrorCode::crypto_failed);
    shorter.length = 4 * kSegmentBytes;
    DocumentOpener longer(shorter);
    for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(longer.next(segments[i]).has_value());
    EXPECT_EQ(longer.next(segments[3]).error().code, ErrorCode::invalid_input);
}

TEST_F(Documents, ChangedBytesAndOtherDocumentsAreRefused) {
    const auto segments = sealed();
    DocumentOpener opener(document);
    for (const std::size_t at :
         {std::size_t{0}, kSegmentBytes - 1, kSegmentBytes, kSegmentBytes + crypto::kTagSize - 1}) {
        std::string changed = segments[0];
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_EQ(opener.next(changed).error().code, ErrorCode::crypto_failed) << at;
    }
    EXPECT_EQ(opener.next(segments[0].substr(1)).error().code, ErrorCode::invalid_input);
    EXPECT_EQ(opener.next("").error().code, ErrorCode::invalid_input);
    DocumentOpener other(measured(plain));
    EXPECT_EQ(other.next(segments[0]).error().code, ErrorCode::crypto_failed);
}

TEST_F(Documents, TheWholeMustBeWhatTheManifestNames) {
    Document lying = document;
    lying.sha256[7] ^= 1;
    DocumentOpener opener(lying);
    for (const std::string& text : sealed()) ASSERT_TRUE(opener.next(text).has_value());
    EXPECT_EQ(opener.finish().error().where, "document foto-1");
    // Bytes that were kept and have changed since.
    DocumentOpener resumed(document);
    std::string kept = segment(0);
    kept[5] = static_cast<char>(kept[5] ^ 1);
    ASSERT_TRUE(resumed.resume(kept).has_value());
    for (std::size_t i = 1; i < 4; ++i) ASSERT_TRUE(resumed.next(sealed()[i]).has_value());
    EXPECT_EQ(resumed.finish().error().code, ErrorCode::invalid_input);
}

TEST_F(Documents, Limits) {
    DocumentSealer sealer(document);
    EXPECT_EQ(sealer.next("short").error().where, "document foto-1 segment 0");
    EXPECT_FALSE(sealer.next(std::string(kSegmentBytes + 1, 'x')).has_value());
    DocumentSealer beyond(document, 4);
    EXPECT_TRUE(beyond.finished());
    EXPECT_FALSE(beyond.next("").has_value());
    DocumentMeasure measure;
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 100; ++i) measure.add(block);
    measure.add("x");
    EXPECT_EQ(measure.finish("a", "text/plain", random).error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace schwarm::exchange
