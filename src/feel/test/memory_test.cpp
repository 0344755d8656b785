// Memory and time of an evaluation are bounded.
#include <gtest/gtest.h>

#include <thread>

#include "schwarm/feel/feel.hpp"

namespace schwarm::feel {
namespace {

std::string reason_of(std::string_view text, const EvaluationLimits& limits) {
    Diagnostics diagnostics;
    Evaluation evaluation(&diagnostics, nullptr, limits);
    const Expression e = compile_expression(text).value();
    evaluate(e, ContextEnvironment(Value()), evaluation);
    return diagnostics.empty() ? "" : diagnostics.items()[0].reason;
}

TEST(Memory, MemoryIsBounded) {
    EvaluationLimits limits;
    limits.max_bytes = 1U << 20;
    const std::string reason = "the evaluation needs more than 1024 KiB of memory";
    EXPECT_EQ(reason_of("count(for i in 1..100 return i)", limits), "");
    EXPECT_EQ(reason_of("for i in 1..100000 return {a: i, b: [i]}", limits), reason);
    EXPECT_EQ(
        reason_of("for i in 1..100000 return \"a long text for number \" + string(i)", limits),
        reason);
    EXPECT_EQ(reason_of("for i in 1..40 return "
                        "if i = 1 then \"0123456789012345\" else partial[-1] + partial[-1]",
                        limits),
              reason);
}

TEST(Memory, MemoryThatWasGivenBackDoesNotCount) {
    EvaluationLimits limits;
    limits.max_bytes = 1U << 20;
    EXPECT_EQ(reason_of("every i in 1..100000 satisfies count([i, i + 1, {a: i}]) = 3", limits),
              "");
}

class After final : public Interrupt {
  public:
    explicit After(int looks) : left_(looks) {}
    bool wanted() const override { return --left_ < 0; }

  private:
    mutable int left_;
};

TEST(Memory, AnInterruptIsHeard) {
    EvaluationLimits limits;
    const After soon(3);
    limits.interrupt = &soon;
    EXPECT_EQ(reason_of("count(for i in 1..1000000000 return 1)", limits),
              "the evaluation was interrupted: it took too long");
    const After never(1'000'000);
    limits.interrupt = &never;
    EXPECT_EQ(reason_of("count(for i in 1..100000 return 1)", limits), "");
}

TEST(Memory, TheArenaGrowsAndShrinks) {
    Evaluation evaluation;
    Arena& arena = evaluation.arena();
    for (int round = 0; round < 3; ++round) {
        std::vector<std::pair<Value*, std::size_t>> taken;
        for (std::size_t n : {0U, 60U, 10U, 0U, 300U, 1U, 5'000U, 0U}) {
            taken.emplace_back(arena.take(n), n);
            for (std::size_t i = 0; i < n; ++i) {
                ASSERT_TRUE(taken.back().first[i].is_null());
                taken.back().first[i] = Value("a text that is not short at all");
            }
        }
        while (!taken.empty()) {
            const auto [values, n] = taken.back();
            for (std::size_t i = 0; i < n; ++i) ASSERT_TRUE(values[i].is_string());
            arena.give_back(values, n);
            taken.pop_back();
        }
    }
}

TEST(Memory, ValuesOfOneThreadEndOnAnother) {
    const std::int64_t before = value_bytes;
    Value::List made;
    std::thread([&] {
        for (int i = 0; i < 5'000; ++i) made.push_back(Value::list({i, Value("text")}));
    }).join();
    EXPECT_EQ(value_bytes, before);
    EXPECT_EQ(made[4'999].to_feel(), "[4999, \"text\"]");
    made.clear();
    EXPECT_LT(value_bytes, before);
}

}  // namespace
}  // namespace schwarm::feel
