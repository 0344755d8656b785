#include "schwarm/feel/value.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "schwarm/feel/codec.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::feel {
namespace {

Value everything() {
    return evaluate(*compile_expression(
        R"({n: null, t: true, f: false, i: -42, d: 12.50, big: 1e40, s: "Straße <\"\\>",
            day: @"2026-03-01", at: @"2026-03-01T10:30:00.5@Europe/Berlin",
            tm: @"10:30:00+02:45:55",
            local: @"10:30:00", dur: @"-P1DT2H0.25S", ym: @"P1Y2M", l: [1, [2], {}],
            r: [1..10), u: (<5), ne: (!="x")})"));
}

TEST(Value, LooksUpPaths) {
    const Value v = Value::context({{"a", Value::context({{"b", 1}})}, {"c.d", "x"}});
    EXPECT_EQ(v.get("a.b"), Value(1));
    EXPECT_EQ(v.get("c.d"), Value("x"));
    EXPECT_TRUE(v.get("a.x.y").is_null());
    EXPECT_TRUE(Value(3).get("a").is_null());
    EXPECT_THROW(Value(3).as_string(), std::logic_error);
}

TEST(Value, ContextsOfAnySizeFindTheirEntries) {
    ContextBuilder builder;
    for (int i = 0; i < 500; ++i) builder.append(Key("k" + std::to_string(i)), Value(i));
    const Value v = builder.build();
    for (int i = 0; i < 500; ++i) EXPECT_EQ(v.get("k" + std::to_string(i)), Value(i));
    EXPECT_EQ(v.as_context().find("k500"), nullptr);
    EXPECT_EQ(Value::context({{"a", 1}, {"b", 2}}), Value::context({{"b", 2}, {"a", 1}}));
    EXPECT_EQ(Value::context({{"a", 1}, {"a", 2}}).get("a"), Value(2));
}

TEST(Value, MayBeSharedByThreads) {
    const Value shared = everything();
    const Expression e =
        compile_expression("{x: [v.s, v.l], y: v.s + \"!\"}", NameScope().add("v")).value();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 2'000; ++n) {
                const Value context = Value::context({{"v", shared}});
                EXPECT_TRUE(evaluate(e, context).get("y").is_string());
            }
        });
    }
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(shared, everything());
}

TEST(Codec, BinaryKeepsEveryKind) {
    const Value v = everything();
    const std::string bytes = encode(v);
    const auto back = decode(bytes);
    ASSERT_TRUE(back.has_value()) << back.error().text();
    EXPECT_EQ(*back, v);
    EXPECT_EQ(encode(*back), bytes);
    EXPECT_EQ(back->get("d").to_string(), "12.5");
    EXPECT_TRUE(decode(encode(builtin_function("abs")))->is_null());
}

// The bytes of version 1 are stored in databases: they must never change.
TEST(Codec, BinaryFormatIsFixed) {
    const Value v = Value::context({{"a", Value::list({1, -1, true, Value(), "x"})}});
    const std::string expected{
        "\x01\x0c\x01\x01"
        "a"
        "\x0b\x05\x04\x02\x04\x01\x02\x00\x05\x01x",
        16};
    EXPECT_EQ(encode(v), expected);
}

TEST(Codec, BinaryRefusesDamage) {
    const std::string bytes = encode(everything());
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        EXPECT_TRUE(decode(std::string_view(bytes).substr(0, n)).has_error()) << n;
    }
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        for (const char flip : {'\x01', '\x80', '\xff'}) {
            std::string damaged = bytes;
            damaged[n] = static_cast<char>(damaged[n] ^ flip);
            const auto result = decode(damaged);
            if (result.has_error()) continue;
            EXPECT_TRUE(decode(encode(*result)).has_value());
        }
    }
    EXPECT_TRUE(decode("\x02\x00").has_error());
    EXPECT_TRUE(decode(std::string("\x01\x0b\xff\xff\xff\xff\x0f", 7)).has_error());
    std::string deep = "\x01";
    for (int i = 0; i < 1000; ++i) deep += "\x0b\x01";
    EXPECT_TRUE(decode(deep + std::string(1, '\0')).has_error());
}

TEST(Codec, JsonKeepsNumbersExactly) {
    const Value v =
        from_json_text(R"({"rent": 0.1, "n": 12345678901234567890.5, "l": [null, true, "a<b"]})")
            .value();
    EXPECT_EQ(v.get("n").to_string(), "12345678901234567890.5");
    EXPECT_EQ(to_json_text(v),
              R"({"rent":0.1,"n":12345678901234567890.5,"l":[null,true,"a\u003cb"]})");
    EXPECT_EQ(from_json(to_json(v)).value(), v);
    EXPECT_EQ(to_json_text(Value(*Date::parse("2026-03-01"))), "\"2026-03-01\"");
    EXPECT_TRUE(from_json_text("{\"a\":1,\"a\":2}").has_error());
}

TEST(Type, ParsesAndConforms) {
    const auto type = [](const char* text) { return Type::parse(text).value(); };
    EXPECT_EQ(type("list< context<a b: number, c: list<string>> >")->to_string(),
              "list<context<a b: number, c: list<string>>>");
    EXPECT_EQ(type("function<number, string> -> date and time")->to_string(),
              "function<number, string> -> date and time");
    EXPECT_EQ(type("dateTime")->kind(), TypeKind::date_time);
    EXPECT_TRUE(Type::parse("nothing").has_error());
    EXPECT_TRUE(Type::parse("list<number").has_error());
    EXPECT_TRUE(type("list<number>")->conforms_to(*type("list<Any>")));
    EXPECT_FALSE(type("list<Any>")->conforms_to(*type("list<number>")));
    EXPECT_EQ(coerce(Value::list({1}), *type("number")), Value(1));
    EXPECT_EQ(coerce(Value(1), *type("list<number>")), Value::list({1}));
    EXPECT_FALSE(coerce(Value("a"), *type("number")).has_value());
    EXPECT_TRUE(coerce(Value(), *type("number"))->is_null());
}

}  // namespace
}  // namespace schwarm::feel
