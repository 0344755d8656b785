// Functions that Camunda's FEEL has beyond DMN 1.5 (Camunda 8.9, feel-scala 1.20), so that models
// drawn for it run here. Null and errors follow DMN: what fails is null with a diagnostic.
#include <algorithm>
#include <array>

#include "../regex.hpp"
#include "arguments.hpp"
#include "schwarm/base/utf8.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/feel/operations.hpp"

namespace schwarm::feel {
namespace {

constexpr const char* kString = "a string";
constexpr const char* kNoRandom = "there is no source of randomness here";

// White space in the sense of Unicode, as far as texts contain it.
bool is_white(char32_t c) {
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F) || c == 0x85 ||
           c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

// ---- any value

Value is_defined(Arguments a, Evaluation&) {
    return !a[0].is_null();
}

Value get_or_else(Arguments a, Evaluation&) {
    return a[0].is_null() ? a[1] : a[0];
}

Value assert_(Arguments a, Evaluation& ev) {
    if (single(a[1]).is_true()) return a[0];
    if (a.size() < 3) return ev.null("the condition is not fulfilled");
    const auto cause = string_of(a[2]);
    if (!cause) return wrong_kind(ev, "assert", "a string as cause");
    return ev.null(*cause);
}

// Marks a value for tools; the value itself is not changed.
Value from_ai(Arguments a, Evaluation&) {
    return a[0];
}

// ---- strings

Value trim(Arguments a, Evaluation& ev) {
    const auto text = string_of(a[0]);
    if (!text) return wrong_kind(ev, "trim", kString);
    if (!step_text(ev, text->size())) return {};
    std::size_t first = std::string_view::npos;
    std::size_t end = 0;
    for (std::size_t at = 0; at < text->size();) {
        const std::size_t start = at;
        if (is_white(utf8::next(*text, at))) continue;
        first = std::min(first, start);
        end = at;
    }
    return Value(first < end ? text->substr(first, end - first) : std::string_view());
}

Value is_blank(Arguments a, Evaluation& ev) {
    const auto text = string_of(a[0]);
    if (!text) return wrong_kind(ev, "is blank", kString);
    if (!step_text(ev, text->size())) return {};
    for (std::size_t at = 0; at < text->size();) {
        if (!is_white(utf8::next(*text, at))) return false;
    }
    return true;
}

Value extract(Arguments a, Evaluation& ev) {
    const auto text = string_of(a[0]);
    const auto pattern = string_of(a[1]);
    if (!text || !pattern) return wrong_kind(ev, "extract", "strings");
    const auto regex = Regex::get(*pattern, "", ev);
    if (!regex) return ev.null("the pattern cannot be used: " + regex.error().message);
    Value::List out;
    for (std::size_t from = 0; from <= text->size();) {
        if (!ev.step()) return {};
        if (out.size() >= ev.limits().max_items) return ev.null("the list is too long");
        const auto found = (*regex)->find(*text, from, ev);
        if (!found) return ev.null("the pattern cannot be used: " + found.error().message);
        if (!found->has_value()) break;
        const Regex::Match& match = **found;
        out.emplace_back(text->substr(match.start, match.end - match.start));
        from = match.end;
        if (match.end > match.start) continue;
        if (from == text->size()) break;
        utf8::next(*text, from);
    }
    return Value::list(std::move(out));
}

// Version 4 of RFC 4122.
Value uuid(Arguments, Evaluation& ev) {
    if (ev.random() == nullptr) return ev.null(kNoRandom);
    std::array<std::byte, 16> bytes{};
    ev.random()->fill(bytes);
    bytes[6] = (bytes[6] & std::byte{0x0F}) | std::byte{0x40};
    bytes[8] = (bytes[8] & std::byte{0x3F}) | std::byte{0x80};
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        const auto byte = std::to_integer<unsigned>(bytes.at(i));
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 0x0FU];
    }
    return Value(std::move(out));
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// RFC 4648 clause 4, with padding.
Value to_base64(Arguments a, Evaluation& ev) {
    const auto text = string_of(a[0]);
    if (!text) return wrong_kind(ev, "to base64", kString);
    if (text->size() / 3 * 4 + 4 > ev.limits().max_items) return ev.null("the string is too long");
    if (!step_text(ev, text->size() * 4)) return {};
    std::string out;
    out.reserve(text->size() / 3 * 4 + 4);
    for (std::size_t i = 0; i < text->size(); i += 3) {
        const std::size_t given = std::min<std::size_t>(3, text->size() - i);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            bits = (bits << 8U) | (k < given ? static_cast<unsigned char>((*text)[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += k <= given ? kBase64[(bits >> (18U - 6U * k)) & 0x3FU] : '=';
        }
    }
    return Value(std::move(out));
}

std::optional<std::string> decode_base64(std::string_view text) {
    while (text.size() % 4 == 0 && text.ends_with('=')) {
        text.remove_suffix(text.ends_with("==") ? 2 : 1);
    }
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const std::size_t digit = kBase64.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>((bits >> count) & 0xFFU);
        bits &= (1U << count) - 1U;
    }
    if (bits != 0) return std::nullopt;
    return out;
}

Value from_base64(Arguments a, Evaluation& ev) {
    const auto text = string_of(a[0]);
    if (!text) return wrong_kind(ev, "from base64", kString);
    if (!step_text(ev, text->size() * 4)) return {};
    auto bytes = decode_base64(*text);
    if (!bytes) return ev.null("this string is no Base64");
    if (!utf8::is_valid(*bytes)) return ev.null("what the Base64 stands for is no text in UTF-8");
    return Value(std::move(*bytes));
}

// ---- JSON

Value from_json(Arguments a, Evaluation& ev) {
    if (a[0].is_null()) return {};
    const auto text = string_of(a[0]);
    if (!text) return wrong_kind(ev, "from json", kString);
    if (!ev.step(text->size() / 8 + 1)) return {};
    auto value = from_json_text(*text);
    if (!value) return ev.null("this string is no JSON: " + value.error().text());
    return std::move(*value);
}

Value to_json(Arguments a, Evaluation& ev) {
    // Each part is a letter at least, 64 bytes of text are one part.
    if (!ev.step(a[0].weight()) || !fits(a[0].weight(), ev)) return {};
    std::string out = to_json_text(a[0]);
    if (out.size() > ev.limits().max_items) return ev.null("the string is too long");
    if (!ev.step(out.size() / 8 + 1)) return {};
    return Value(std::move(out));
}

// ---- lists

Value partition(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    const auto size = whole_of(a[1]);
    if (!list || !size || *size < 1) {
        return wrong_kind(ev, "partition", "a list and a size of 1 or more");
    }
    Value::List out;
    std::size_t length = 0;
    for (std::size_t from = 0; from < list->size(); from += length) {
        length = list->size() - from;
        if (static_cast<std::uint64_t>(*size) < length) length = static_cast<std::size_t>(*size);
        if (!ev.step(length)) return {};
        const auto part = list->subspan(from, length);
        out.push_back(Value::list(Value::List(part.begin(), part.end())));
    }
    return Value::list(std::move(out));
}

// Each value that stands in the list more than once, at its first place.
Value duplicate_values(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "duplicate values", "a list");
    struct Seen {
        const Value* value;
        std::size_t count;
    };
    std::vector<Seen> seen;
    for (const Value& item : *list) {
        if (!ev.step(seen.size() + 1)) return {};
        const auto known = std::find_if(seen.begin(), seen.end(), [&](const Seen& s) {
            return ev.step(std::min(s.value->weight(), item.weight())) &&
                   equal(*s.value, item) == std::optional<bool>(true);
        });
        if (known == seen.end()) {
            seen.push_back({&item, 1});
        } else {
            ++known->count;
        }
    }
    Value::List out;
    for (const Seen& s : seen) {
        if (s.count > 1) out.push_back(*s.value);
    }
    return Value::list(std::move(out));
}

Value is_empty(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "is empty", "a list");
    return list->empty();
}

// ---- numbers and dates

// At least 0, less than 1; a multiple of 2**-53.
Value random_number(Arguments, Evaluation& ev) {
    if (ev.random() == nullptr) return ev.null(kNoRandom);
    std::array<std::byte, 8> bytes{};
    ev.random()->fill(bytes);
    std::uint64_t bits = 0;
    for (const std::byte byte : bytes) bits = (bits << 8U) | std::to_integer<std::uint64_t>(byte);
    constexpr std::int64_t kSteps = std::int64_t{1} << 53U;
    return or_null(divide(Decimal(static_cast<std::int64_t>(bits >> 11U)), Decimal(kSteps)), ev,
                   "out of range");
}

Value last_day_of_month(Arguments a, Evaluation& ev) {
    const Value& v = single(a[0]);
    if (!v.is_date() && !v.is_date_time()) return wrong_kind(ev, "last day of month", "a date");
    const CivilDate day = (v.is_date() ? v.as_date() : v.as_date_time().date).civil();
    return or_null(Date::from_civil(day.year, day.month, days_in_month(day.year, day.month)), ev,
                   "out of range");
}

// ---- earlier names of functions that DMN took over

Value same_as(const char* name, Arguments a, Evaluation& ev) {
    return find_builtin(name)->call(a, ev);
}

Value and_(Arguments a, Evaluation& ev) {
    return same_as("all", a, ev);
}
Value or_(Arguments a, Evaluation& ev) {
    return same_as("any", a, ev);
}
Value put(Arguments a, Evaluation& ev) {
    return same_as("context put", a, ev);
}
Value put_all(Arguments a, Evaluation& ev) {
    if (a.size() == 1) return same_as("context merge", a, ev);
    const Value contexts = Value::list(Value::List(a.begin(), a.end()));
    return same_as("context merge", Arguments(&contexts, 1), ev);
}

constexpr std::array kTable = {
    Builtin{"is defined", "value", is_defined},
    Builtin{"get or else", "value,default", get_or_else},
    Builtin{"assert", "value,condition,cause?", assert_},
    Builtin{"fromAi", "value,description?,type?,schema?,options?", from_ai},
    Builtin{"trim", "string", trim},
    Builtin{"is blank", "string", is_blank},
    Builtin{"extract", "string,pattern|input,pattern", extract},
    Builtin{"uuid", "", uuid},
    Builtin{"to base64", "value", to_base64},
    Builtin{"from base64", "value", from_base64},
    Builtin{"from json", "value|json", from_json},
    Builtin{"to json", "value", to_json},
    Builtin{"partition", "list,size", partition},
    Builtin{"duplicate values", "list", duplicate_values},
    Builtin{"is empty", "list", is_empty},
    Builtin{"random number", "", random_number},
    Builtin{"last day of month", "date", last_day_of_month},
    Builtin{"and", "list...", and_},
    Builtin{"or", "list...", or_},
    Builtin{"put", "context,key,value", put},
    Builtin{"put all", "contexts...", put_all},
};

}  // namespace

std::span<const Builtin> camunda_builtins() {
    return kTable;
}

}  // namespace schwarm::feel
