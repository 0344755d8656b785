// Searches over rows in memory: filters, order, pages, cursors.
#include "../src/v2/search.hpp"

#include <gtest/gtest.h>

#include <array>

namespace schwarm::api::v2 {
namespace {

struct Row {
    std::uint64_t key;
    std::string name;
    std::int64_t version;
};
const std::vector<Row> kRows = {{1, "Antrag", 1}, {2, "Antrag", 2}, {3, "", 1}, {4, "Bescheid", 1}};
constexpr std::array kColumns = {
    Column<Row>{"key", FieldType::key, [](const Row& r) { return key_field(r.key); }},
    Column<Row>{"name", FieldType::text, [](const Row& r) { return text_field(r.name); }},
    Column<Row>{"version", FieldType::integer, [](const Row& r) { return FieldValue(r.version); }},
    Column<Row>{"old", FieldType::boolean, [](const Row& r) { return FieldValue(r.version == 1); },
                false}};

Result<Query> query_of(std::string_view text) {
    static const std::vector<Field> fields(kColumns.begin(), kColumns.end());
    const auto body = json::parse(text);
    EXPECT_TRUE(body) << text;
    return parse_query(*body, fields);
}

Result<Selection> selection_of(std::string_view text) {
    SCHWARM_TRY(query, query_of(text));
    return select_rows(query, kRows.size(), [](std::size_t row, std::size_t field) {
        return kColumns[field].get(kRows[row]);
    });
}

std::string keys(std::string_view text) {
    const auto selection = selection_of(text);
    if (!selection) return selection.error().text();
    std::string out;
    for (const auto row : selection->rows) out += std::to_string(kRows[row].key);
    return out;
}

TEST(Search, Filters) {
    struct Case {
        const char* filter;
        const char* keys;
    };
    const Case cases[] = {
        {R"({})", "1234"},
        {R"({"key": "3"})", "3"},
        {R"({"key": {"$in": ["1", "4", "9"]}})", "14"},
        {R"({"key": {"$notIn": ["1", "4"]}})", "23"},
        {R"({"name": "Antrag", "version": 2})", "2"},
        {R"({"name": {"$neq": "Antrag"}})", "34"},
        {R"({"name": {"$exists": false}})", "3"},
        {R"({"name": {"$exists": true}})", "124"},
        {R"({"name": {"$like": "*e?che*"}})", "4"},
        {R"({"name": {"$like": "B*sch?id"}})", "4"},
        {R"({"name": {"$like": "Antrag"}})", "12"},
        {R"({"name": {"$like": "A\\*"}})", ""},
        {R"({"version": {"$gt": 1}})", "2"},
        {R"({"version": {"$gte": 1, "$lt": 2}})", "134"},
        {R"({"version": {"$lte": 1}})", "134"},
        {R"({"old": true})", "134"},
        {R"({"$or": [{"version": 2}, {"name": "Bescheid"}]})", "24"},
        {R"({"version": 1, "$or": [{"name": "Antrag"}, {"key": "3"}]})", "13"},
        {R"({"name": null})", "1234"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(keys(R"({"filter": )" + std::string(one.filter) + "}"), one.keys) << one.filter;
    }
}

TEST(Search, Sorts) {
    EXPECT_EQ(keys(R"({"sort": [{"field": "key", "order": "DESC"}]})"), "4321");
    EXPECT_EQ(keys(R"({"sort": [{"field": "name"}]})"), "3124");
    EXPECT_EQ(keys(R"({"sort": [{"field": "version", "order": "DESC"}, {"field": "name"}]})"),
              "2314");
}

TEST(Search, PagesByNumber) {
    EXPECT_EQ(keys(R"({"page": {"from": 1, "limit": 2}})"), "23");
    EXPECT_EQ(keys(R"({"page": {"from": 9}})"), "");
    EXPECT_EQ(keys(R"({"page": {"limit": 0}})"), "");
    EXPECT_EQ(selection_of(R"({"page": {"limit": 1}})")->total, 4U);
}

TEST(Search, PagesByCursorGoThereAndBack) {
    const std::string sort = R"("sort": [{"field": "name", "order": "DESC"}])";
    const auto first = selection_of("{" + sort + R"(, "page": {"limit": 2}})");
    ASSERT_TRUE(first);
    EXPECT_EQ(first->rows, (std::vector<std::size_t>{3, 0}));
    const auto next =
        "{" + sort + R"(, "page": {"limit": 2, "after": ")" + first->end_cursor + "\"}}";
    EXPECT_EQ(keys(next), "23");
    const auto second = selection_of(next);
    EXPECT_EQ(
        keys("{" + sort + R"(, "page": {"limit": 1, "before": ")" + second->start_cursor + "\"}}"),
        "1");
    for (const char c : first->end_cursor) {
        EXPECT_NE(
            std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
                .find(c),
            std::string_view::npos);
    }
    EXPECT_EQ(first->end_cursor.size() % 4, 0U);
}

TEST(Search, RefusesWhatItDoesNotUnderstand) {
    for (const auto* text :
         {R"({"filter": {"nam": "x"}})", R"({"filter": {"version": "x"}})",
          R"({"filter": {"key": "x"}})", R"({"filter": {"name": {"$near": "x"}}})",
          R"({"filter": {"name": {"$in": "x"}}})", R"({"filter": []})", R"({"filters": {}})",
          R"({"sort": [{"field": "old"}]})", R"({"sort": [{"field": "key", "order": "UP"}]})",
          R"({"sort": {}})", R"({"page": {"limit": -1}})", R"({"page": {"limit": 10001}})",
          R"({"page": {"from": 1, "after": "MQ=="}})", R"({"page": {"after": "!"}})",
          R"({"filter": {"version": {"$like": "1"}}})", R"({"filter": {"$or": []}})",
          R"({"filter": {"$or": [{"$or": [{}]}]}})"}) {
        const auto selection = selection_of(text);
        ASSERT_TRUE(selection.has_error()) << text;
        EXPECT_EQ(selection.error().code, ErrorCode::invalid_input) << text;
    }
}

}  // namespace
}  // namespace schwarm::api::v2
