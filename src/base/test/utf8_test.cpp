#include "schwarm/base/utf8.hpp"

#include <gtest/gtest.h>

namespace schwarm {
namespace {

TEST(Utf8, FindsTheFirstMalformedByteWhereverItStands) {
    const std::string text = "Straße, Bürgerbüro, €, 𝄞 und zwanzig Zeichen mehr";
    EXPECT_TRUE(utf8::is_valid(text));
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
        EXPECT_EQ(utf8::first_invalid(text.substr(0, i) + "\xff" + text.substr(i)), i);
    }
}

TEST(Utf8, RefusesSequencesThatAreCutOrTooLong) {
    for (const char* bad :
         {"12345678\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
        EXPECT_FALSE(utf8::is_valid(bad));
    }
}

}  // namespace
}  // namespace schwarm
