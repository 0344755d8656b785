// The fuzzer's entry with a small corpus and a fixed seed.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "../fuzz/feel_fuzz.cpp"
#include "schwarm/base/clock.hpp"

namespace schwarm::feel {
namespace {

const char* const kCorpus[] = {
    "for i in 1..3, j in [4, 5] return {x: i * j, y: x + partial[-1]}",
    "some x in l satisfies x > 1 and every y in [x] satisfies y = a",
    "{f: function(n: number) if n <= 1 then 1 else n * f(n - 1), r: f(9)}.r",
    "l[x y > 2].x y in ([1..5], < 3, \"a\")",
    "sort([3, 1, 2], function(p, q) p < q)[item > 1]",
    "replace(\"abracadabra\", \"a(.)[^b-d-[c]]\\\\1\", \"$1\", \"ix\")",
    "@\"2026-03-01T10:30:00.5@Europe/Berlin\" + duration(\"P1Y2M\") - @\"PT3H\"",
    "date(\"2026-02-29\") between date(2026, 1, 1) and today()",
    "not(\"a\", \"b\", ? > 3), [1..10[, ]a..20], -",
    "context put({a b: {\"c d\": 1}}, [\"a b\", \"c d\"], \"\\uD83D\\uDCA9\")",
    "string join(split(\"a;b\", \";\"), \"-\") instance of list<context<a: number>>",
    "extract(from base64(to base64(\"a1-ä\")), \"[^\\I\\P{IsBasicLatin}-[a]]\")",
    "partition(duplicate values(from json(\"[1,1,{}]\")), 1) = range(\"[2..)\")",
    "if is defined(a.b) and and([x in (null..10], uuid() = null]) then to json(assert (x, 1)) else "
    "l",
    "-3 ** 2 ** .5e-3 / 0 // end\n /* note */ + number(\"1.000,5\", \".\", \",\")",
};

TEST(Fuzz, CorpusAndItsMutationsAreHarmless) {
    SeededRandom random(20'261'124);
    const auto draw = [&](std::size_t below) {
        std::array<std::byte, 4> bytes{};
        random.fill(bytes);
        std::size_t n = 0;
        for (const std::byte b : bytes) n = n * 256 + static_cast<std::size_t>(b);
        return n % below;
    };
    std::vector<std::string> inputs(std::begin(kCorpus), std::end(kCorpus));
    for (const char* text : kCorpus) {
        const auto compiled = compile_expression(text, NameScope().set_open());
        if (compiled.has_value()) inputs.push_back(encode(evaluate(*compiled)));
    }
    for (int round = 0; round < 6'000; ++round) {
        std::string input = inputs[draw(inputs.size())];
        const std::size_t changes = draw(4);
        for (std::size_t i = 0; i < changes; ++i) {
            const std::size_t at = draw(input.size());
            switch (draw(4)) {
                case 0:
                    input[at] = static_cast<char>(draw(256));
                    break;
                case 1:
                    input.erase(at, draw(8));
                    break;
                case 2:
                    input.insert(at, input.substr(draw(input.size()), draw(20)));
                    break;
                default: {
                    const std::string& other = inputs[draw(inputs.size())];
                    input.insert(at, other.substr(draw(other.size()), draw(30)));
                }
            }
            if (input.empty()) input = " ";
        }
        input.insert(input.begin(), static_cast<char>(draw(6)));
        ASSERT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()),
                                         input.size()),
                  0);
    }
}

}  // namespace
}  // namespace schwarm::feel
