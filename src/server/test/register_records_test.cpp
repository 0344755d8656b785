// Where records of registers come from.
#include "register_records.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "schwarm/json/json.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;
using Kind = services::RegisterSource::Kind;

class Records : public testing::Test {
  protected:
    void SetUp() override {
        folder = fs::path(testing::TempDir()) /
                 testing::UnitTest::GetInstance()->current_test_info()->name();
        fs::remove_all(folder);
        fs::create_directories(folder);
    }
    void TearDown() override { fs::remove_all(folder); }
    std::string write(const char* name, const std::string& text) const {
        std::ofstream(folder / name, std::ios::binary) << text;
        return (folder / name).string();
    }
    Result<std::vector<json::Value>> find(const services::RegisterSource& source,
                                          const char* attributes) {
        return records.find(source, json::parse(attributes).value(), 2);
    }

    fs::path folder;
    RegisterRecords records;
};

TEST_F(Records, OfAFileAreThoseThatFit) {
    services::RegisterSource source;
    source.kind = Kind::file;
    source.file = write("bestand.json", R"([{"name": "A", "ort": "Aachen"},
        {"name": "B", "ort": "Bonn"}, {"name": "A", "ort": "Ahlen"}, {"name": "A", "ort": "X"}])");
    const auto found = find(source, R"({"name": "A"})");
    ASSERT_TRUE(found.has_value()) << found.error().text();
    ASSERT_EQ(found.value().size(), 2u) << "no more than were asked for";
    EXPECT_EQ(found.value()[0].string_or("ort", ""), "Aachen");
    EXPECT_TRUE(find(source, R"({"name": "a"})").value().empty());
    EXPECT_TRUE(find(source, R"({"ort": "Aachen", "name": "B"})").value().empty());
    EXPECT_TRUE(find(source, R"({"fehlt": "A"})").value().empty());
}

TEST_F(Records, OfAFileThatIsAwayOrNone) {
    services::RegisterSource source;
    source.kind = Kind::file;
    source.file = (folder / "fehlt.json").string();
    EXPECT_EQ(find(source, R"({"name": "A"})").error().code, ErrorCode::unavailable);
    source.file = write("kaputt.json", "[{\"name\": ");
    EXPECT_NE(find(source, R"({"name": "A"})").error().code, ErrorCode::unavailable);
    source.file = write("objekt.json", R"({"name": "A"})");
    EXPECT_EQ(find(source, R"({"name": "A"})").error().code, ErrorCode::invalid_input);
}

TEST_F(Records, OfNoSource) {
    EXPECT_EQ(find({}, R"({"name": "A"})").error().code, ErrorCode::unsupported);
    services::RegisterSource source;
    source.kind = Kind::http;
    EXPECT_EQ(find(source, R"({"name": "A"})").error().code, ErrorCode::unavailable)
        << "before the node listens";
}

}  // namespace
}  // namespace schwarm::server
