#include "schwarm/json/schema.hpp"

#include <gtest/gtest.h>

#include "schwarm/json/json.hpp"

namespace schwarm::json {
namespace {

Value json(const char* text) {
    return parse(text).value();
}

TEST(JsonSchema, NamesKeywordAndPlace) {
    const auto schema = Schema::compile(json(R"({"type": "object", "required": ["kennzeichen"],
        "properties": {"kennzeichen": {"type": "string", "pattern": "^[A-Z]{1,3}-"},
                       "codes": {"type": "array", "items": {"$ref": "#/definitions/code"}}},
        "definitions": {"code": {"type": "string", "minLength": 3}},
        "additionalProperties": false})"));
    ASSERT_TRUE(schema.has_value());
    const auto check = [&](const char* text) { return schema.value().check(json(text)); };
    EXPECT_TRUE(check(R"({"kennzeichen": "L-AB 1", "codes": ["abc"]})").has_value());
    EXPECT_EQ(check("{}").error().text(), "breaks 'required' of the schema (invalid_input)");
    EXPECT_EQ(check(R"({"kennzeichen": 7})").error().where, "/kennzeichen");
    EXPECT_EQ(check(R"({"kennzeichen": "L-1", "codes": ["abc", "x"]})").error().where, "/codes/1");
    EXPECT_FALSE(check(R"({"kennzeichen": "L-1", "mehr": 1})").has_value());
    EXPECT_FALSE(check(R"({"kennzeichen": "klein-1"})").has_value());
}

TEST(JsonSchema, ReferencesStayInside) {
    EXPECT_FALSE(Schema::compile(json(R"({"properties": {"a": {"$ref": "other.json"}}})")));
    EXPECT_FALSE(Schema::compile(json("[]")));
}

TEST(JsonSchema, LongNumbersAreNoReasonToStop) {
    const auto schema = Schema::compile(json(R"({"type": "number"})"));
    EXPECT_TRUE(schema.value().check(json("123456789012345678901234567890.5")).has_value());
    EXPECT_FALSE(schema.value().check(json("1e999")).has_value());
}

}  // namespace
}  // namespace schwarm::json
