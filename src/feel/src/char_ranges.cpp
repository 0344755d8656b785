#include "char_ranges.hpp"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/uset.h>

#include <algorithm>
#include <memory>

namespace schwarm::feel {
namespace {

constexpr char32_t kLast = 0x10FFFF;
constexpr char32_t kFirstSurrogate = 0xD800;
constexpr char32_t kLastSurrogate = 0xDFFF;

void add_without_surrogates(CharRanges& out, char32_t first, char32_t last) {
    if (first > last) return;
    if (last < kFirstSurrogate || first > kLastSurrogate) {
        out.emplace_back(first, last);
        return;
    }
    if (first < kFirstSurrogate) out.emplace_back(first, kFirstSurrogate - 1);
    if (last > kLastSurrogate) out.emplace_back(kLastSurrogate + 1, last);
}

struct CloseSet {
    void operator()(USet* set) const { uset_close(set); }
};

}  // namespace

CharRanges complement(const CharRanges& ranges) {
    CharRanges out;
    char32_t from = 0;
    for (const auto& [first, last] : ranges) {
        if (first > from) add_without_surrogates(out, from, first - 1);
        from = last + 1;
    }
    add_without_surrogates(out, from, kLast);
    return out;
}

std::string class_members(const CharRanges& ranges) {
    std::string out;
    for (const auto& [first, last] : ranges) {
        out += fmt::format("\\x{{{:X}}}", static_cast<std::uint32_t>(first));
        if (last > first) out += fmt::format("-\\x{{{:X}}}", static_cast<std::uint32_t>(last));
    }
    return out;
}

std::optional<CharRanges> unicode_block(std::string_view name) {
    // ICU is lenient about spaces, hyphens and case; the name shall at least look like one.
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-';
    });
    if (!plain || name.empty() || name == "NoBlock" || name == "NB") return std::nullopt;
    const auto block = u_getPropertyValueEnum(UCHAR_BLOCK, std::string(name).c_str());
    if (block == UCHAR_INVALID_CODE) return std::nullopt;
    const std::unique_ptr<USet, CloseSet> set(uset_openEmpty());
    UErrorCode error = U_ZERO_ERROR;
    uset_applyIntPropertyValue(set.get(), UCHAR_BLOCK, block, &error);
    CharRanges out;
    const auto count = uset_getItemCount(set.get());
    for (int32_t i = 0; U_SUCCESS(error) && i < count; ++i) {
        UChar32 first = 0;
        UChar32 last = 0;
        uset_getItem(set.get(), i, &first, &last, nullptr, 0, &error);
        add_without_surrogates(out, static_cast<char32_t>(first), static_cast<char32_t>(last));
    }
    if (U_FAILURE(error) || out.empty()) return std::nullopt;
    return out;
}

const CharRanges& xml_name_start() {
    static const CharRanges kRanges = {
        {':', ':'},       {'A', 'Z'},       {'_', '_'},       {'a', 'z'},
        {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},
        {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
        {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
    };
    return kRanges;
}

const CharRanges& xml_name() {
    static const CharRanges kRanges = [] {
        CharRanges out = xml_name_start();
        const CharRanges more = {
            {'-', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};
        out.insert(out.end(), more.begin(), more.end());
        std::sort(out.begin(), out.end());
        return out;
    }();
    return kRanges;
}

const CharRanges& xml_space() {
    static const CharRanges kRanges = {{0x09, 0x0A}, {0x0D, 0x0D}, {' ', ' '}};
    return kRanges;
}

}  // namespace schwarm::feel
