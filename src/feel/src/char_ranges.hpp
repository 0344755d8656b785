// Sets of characters as ranges of code points, for the character classes of regular expressions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace schwarm::feel {

// First and last code point of each range; in order, without overlaps, without surrogates.
using CharRanges = std::vector<std::pair<char32_t, char32_t>>;

// Everything else, surrogates left out.
CharRanges complement(const CharRanges& ranges);
// As it stands inside of "[...]" in PCRE2.
std::string class_members(const CharRanges& ranges);

// A block of Unicode by its name without spaces ("BasicLatin", XML Schema Part 2, appendix F.1.1);
// nullopt if there is none of characters.
std::optional<CharRanges> unicode_block(std::string_view name);
// NameStartChar (\i) and NameChar (\c) of XML 1.0, fifth edition.
const CharRanges& xml_name_start();
const CharRanges& xml_name();
// \s: space, tab, line feed, carriage return.
const CharRanges& xml_space();

}  // namespace schwarm::feel
