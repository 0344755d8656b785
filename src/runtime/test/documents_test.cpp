// Documents of cases: whole ones, and those in segments.
#include <random>

#include "document_rows.hpp"
#include "house.hpp"
#include "layout.hpp"

namespace schwarm::runtime::test {
namespace {

std::string bytes_of_length(std::size_t length, char first) {
    std::string out(length, '\0');
    std::mt19937 dice(static_cast<unsigned>(length));
    for (char& c : out) c = static_cast<char>(dice());
    if (!out.empty()) out[0] = first;
    return out;
}

class Documents : public ::testing::Test {
  protected:
    Documents() : house_("sqlite") { house_.open_with_tenant(); }

    CaseId make_case() { return house_.create("antrag").value().case_id; }
    void write(const WriteFunction& function) {
        const auto done = house_.runtime->write_and_wait(house_.tenant, function);
        ASSERT_TRUE(done.has_value()) << done.error().text();
    }
    void put(CaseId id, const std::string& name, const std::string& content) {
        write([&](WriteBatch& batch) { return batch.put_document(id, name, content); });
    }
    std::size_t segment_rows() {
        std::size_t out = 0;
        const auto reader = std::move(house_.storage().begin_read().value());
        const auto done =
            reader->scan(Space::documents, storage::prefix_range(keys::numbered(house_.tenant, 0)),
                         [&](std::string_view, std::string_view) {
                             ++out;
                             return true;
                         });
        EXPECT_TRUE(done.has_value());
        return out;
    }

    House house_;
};

TEST_F(Documents, OfAnyLengthComeBackWholeAndInParts) {
    const CaseId id = make_case();
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{1}, kWholeDocumentBytes, kWholeDocumentBytes + 1,
          crypto::kSegmentBytes * 20, crypto::kSegmentBytes * 20 + 7}) {
        const std::string content = bytes_of_length(length, 'a');
        put(id, "anlage.pdf", content);
        const ReadView view = house_.view();
        EXPECT_EQ(view.document(id, "anlage.pdf").value(), content);
        const DocumentInfo info = view.document_info(id, "anlage.pdf").value();
        EXPECT_EQ(info.length, length);
        EXPECT_EQ(info.sha256, crypto::sha256(content));
        for (const auto& [offset, count] : {std::pair<std::size_t, std::size_t>{0, 10},
                                            {65'530, 12},
                                            {65'536, 65'536},
                                            {length - length / 2, length},
                                            {length, 5},
                                            {length + 1, 5}}) {
            const std::string expected =
                offset > length ? std::string() : content.substr(offset, count);
            EXPECT_EQ(view.document_bytes(id, "anlage.pdf", offset, count).value(), expected)
                << length << " " << offset;
        }
    }
    EXPECT_EQ(house_.view().document_names(id).value(), std::vector<std::string>{"anlage.pdf"});
}

TEST_F(Documents, OneThatReplacesAnotherLeavesNoSegments) {
    const CaseId id = make_case();
    put(id, "a", bytes_of_length(kWholeDocumentBytes * 2, 'a'));
    EXPECT_EQ(segment_rows(), 32U);
    write([&](WriteBatch& batch) -> Result<void> {
        SCHWARM_TRY_VOID(
            batch.put_document(id, "a", bytes_of_length(kWholeDocumentBytes * 3, 'b')));
        return batch.put_document(id, "a", bytes_of_length(kWholeDocumentBytes + 1, 'c'));
    });
    EXPECT_EQ(segment_rows(), 17U);
    EXPECT_EQ(house_.view().document(id, "a").value()[0], 'c');
    put(id, "a", "short");
    EXPECT_EQ(segment_rows(), 0U);
    EXPECT_EQ(house_.view().document(id, "a").value(), "short");
}

TEST_F(Documents, ThatComeInPiecesBelongToTheCaseInOneRow) {
    const CaseId id = make_case();
    SystemRandom random;
    const std::string content = bytes_of_length(crypto::kSegmentBytes + 5, 'x');
    const SegmentedDocument document{std::string(kStoreNameBytes, 's'), content.size(),
                                     "application/pdf", crypto::sha256(content),
                                     crypto::Key::random(random)};
    for (const std::uint64_t number : {0U, 1U}) {
        write([&](WriteBatch& batch) -> Result<void> {
            SCHWARM_TRY(sealed, crypto::seal_segment(document.key, number, number == 1,
                                                     content.substr(number * crypto::kSegmentBytes,
                                                                    crypto::kSegmentBytes)));
            batch.put_segment(document.store, number, sealed);
            return {};
        });
        EXPECT_EQ(house_.view().segments(document.store).value(), number + 1);
    }
    write([&](WriteBatch& batch) { return batch.put_segmented(id, "eingang-1", document); });
    house_.reopen();
    EXPECT_EQ(house_.view().document(id, "eingang-1").value(), content);
    EXPECT_EQ(house_.view().document_info(id, "eingang-1").value().type, "application/pdf");
    house_.expect_verified();
}

TEST_F(Documents, ASegmentThatIsMissingOrExchangedIsDamage) {
    const CaseId id = make_case();
    put(id, "a", bytes_of_length(kWholeDocumentBytes * 2, 'a'));
    const auto change = [&](std::uint64_t number, const std::optional<std::string>& value) {
        std::string key;
        std::string old;
        const auto reader = std::move(house_.storage().begin_read().value());
        EXPECT_TRUE(reader
                        ->scan(Space::documents,
                               storage::prefix_range(keys::numbered(house_.tenant, 0)),
                               [&](std::string_view found, std::string_view bytes) {
                                   key = found;
                                   old = bytes;
                                   return keys::segment_number(found) != number;
                               })
                        .has_value());
        auto writing = std::move(house_.storage().begin_write().value());
        if (value) {
            EXPECT_TRUE(writing->put(Space::documents, key, *value).has_value());
        } else {
            EXPECT_TRUE(writing->erase(Space::documents, key).has_value());
        }
        EXPECT_TRUE(writing->commit().has_value());
        return old;
    };
    const std::string third = change(3, std::nullopt);
    EXPECT_EQ(house_.view().document(id, "a").error().code, ErrorCode::corrupt);
    EXPECT_TRUE(house_.view().document_bytes(id, "a", 0, 100).has_value());
    change(4, third);
    EXPECT_EQ(house_.view().document_bytes(id, "a", crypto::kSegmentBytes * 4, 1).error().code,
              ErrorCode::crypto_failed);
}

TEST_F(Documents, ADeletionByLawTakesTheSegmentsToo) {
    const CaseId id = make_case();
    put(id, "a", bytes_of_length(kWholeDocumentBytes * 2, 'a'));
    ASSERT_TRUE(house_.complete(id).has_value());
    ASSERT_TRUE(
        house_.runtime->delete_case(house_.tenant, {id, "Frist abgelaufen", "amt"}).has_value());
    EXPECT_EQ(segment_rows(), 0U);
    house_.expect_verified();
}

}  // namespace
}  // namespace schwarm::runtime::test
