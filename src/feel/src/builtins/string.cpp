// String functions: DMN 1.5 clause 10.3.4.3.
#include <algorithm>
#include <array>
#include <cstring>

#include "../regex.hpp"
#include "arguments.hpp"
#include "schwarm/base/utf8.hpp"
#include "unicode_case.hpp"

namespace schwarm::feel {
namespace {

constexpr const char* kString = "a string";
constexpr const char* kStrings = "strings";

// std::string_view::find takes text times needle in the worst case; this is linear.
std::size_t find_text(std::string_view text, std::string_view needle) {
    if (needle.empty()) return 0;
    const void* found = memmem(text.data(), text.size(), needle.data(), needle.size());
    if (found == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

Value substring(Arguments a, Evaluation& ev) {
    const auto text = string_of(a[0]);
    const auto position = whole_of(a[1]);
    if (!text || !position || *position == 0) {
        return wrong_kind(ev, "substring", "a string and a position other than 0");
    }
    if (!step_text(ev, text->size() * 2)) return {};
    const auto size = static_cast<std::int64_t>(utf8::length(*text));
    if (*position > size || *position < -size) return ev.null("the position is outside the string");
    const std::int64_t first = *position > 0 ? *position - 1 : size + *position;
    std::int64_t length = size - first;
    if (a.size() > 2 && !a[2].is_null()) {
        const auto wanted = whole_of(a[2]);
        if (!wanted || *wanted < 1) return wrong_kind(ev, "substring", "a length of 1 or more");
        length = std::min(length, *wanted);
    } else if (a.size() > 2) {
        return wrong_kind(ev, "substring", "a length of 1 or more");
    }
    const std::size_t from = utf8::offset_of(*text, static_cast<std::size_t>(first));
    const std::string_view rest = text->substr(from);
    return Value(rest.substr(0, utf8::offset_of(rest, static_cast<std::size_t>(length))));
}

Value string_length(Arguments a, Evaluation& ev) {
    const auto text = string_of(a[0]);
    if (!text) return wrong_kind(ev, "string length", kString);
    if (!step_text(ev, text->size())) return {};
    return static_cast<std::int64_t>(utf8::length(*text));
}

// A letter may become up to three times as long.
Value with_case(std::string (*change)(std::string_view), std::string_view text, Evaluation& ev) {
    if (!step_text(ev, text.size() * 3)) return {};
    std::string out = change(text);
    return fits(out.size(), ev) ? Value(std::move(out)) : Value();
}

Value upper_case(Arguments a, Evaluation& ev) {
    const auto text = string_of(a[0]);
    if (!text) return wrong_kind(ev, "upper case", kString);
    return with_case(to_upper, *text, ev);
}

Value lower_case(Arguments a, Evaluation& ev) {
    const auto text = string_of(a[0]);
    if (!text) return wrong_kind(ev, "lower case", kString);
    return with_case(to_lower, *text, ev);
}

using Pair = std::optional<std::pair<std::string_view, std::string_view>>;

// Counted as one walk through both.
Pair two_strings(Arguments a, Evaluation& ev) {
    const auto text = string_of(a[0]);
    const auto match = string_of(a[1]);
    if (!text || !match || !step_text(ev, text->size() + match->size())) return std::nullopt;
    return std::pair(*text, *match);
}

Value substring_before(Arguments a, Evaluation& ev) {
    const Pair pair = two_strings(a, ev);
    if (!pair) return wrong_kind(ev, "substring before", kStrings);
    const std::size_t at = find_text(pair->first, pair->second);
    return Value(at == std::string_view::npos ? std::string_view() : pair->first.substr(0, at));
}

Value substring_after(Arguments a, Evaluation& ev) {
    const Pair pair = two_strings(a, ev);
    if (!pair) return wrong_kind(ev, "substring after", kStrings);
    const std::size_t at = find_text(pair->first, pair->second);
    return Value(at == std::string_view::npos ? std::string_view()
                                              : pair->first.substr(at + pair->second.size()));
}

Value contains(Arguments a, Evaluation& ev) {
    const Pair pair = two_strings(a, ev);
    if (!pair) return wrong_kind(ev, "contains", kStrings);
    return find_text(pair->first, pair->second) != std::string_view::npos;
}

Value starts_with(Arguments a, Evaluation& ev) {
    const Pair pair = two_strings(a, ev);
    if (!pair) return wrong_kind(ev, "starts with", kStrings);
    return pair->first.starts_with(pair->second);
}

Value ends_with(Arguments a, Evaluation& ev) {
    const Pair pair = two_strings(a, ev);
    if (!pair) return wrong_kind(ev, "ends with", kStrings);
    return pair->first.ends_with(pair->second);
}

// The optional text at `index`; null counts as the empty one.
std::optional<std::string_view> text_or_empty(Arguments a, std::size_t index) {
    if (a.size() <= index || a[index].is_null()) return std::string_view();
    return string_of(a[index]);
}

Value regex_error(Evaluation& ev, const Error& error) {
    return ev.null("the pattern cannot be used: " + error.message);
}

Value matches(Arguments a, Evaluation& ev) {
    const Pair pair = two_strings(a, ev);
    const auto flags = text_or_empty(a, 2);
    if (!pair || !flags) return wrong_kind(ev, "matches", kStrings);
    const auto regex = Regex::get(pair->second, *flags, ev);
    if (regex.has_error()) return regex_error(ev, regex.error());
    const auto match = (*regex)->find(pair->first, 0, ev);
    if (match.has_error()) return regex_error(ev, match.error());
    return match->has_value();
}

// "$1" as many digits as there are groups for; "\$" and "\\" are literal. What is longer than
// `limit` is cut off somewhere behind it.
std::optional<std::string> replacement_for(std::string_view replacement, std::string_view text,
                                           const Regex::Match& match, std::size_t limit) {
    std::string out;
    for (std::size_t i = 0; i < replacement.size() && out.size() <= limit; ++i) {
        const char c = replacement[i];
        const char next = i + 1 < replacement.size() ? replacement[i + 1] : '\0';
        if (c == '\\') {
            if (next != '\\' && next != '$') return std::nullopt;
            out += next;
            ++i;
        } else if (c == '$') {
            if (next < '0' || next > '9') return std::nullopt;
            std::size_t group = static_cast<std::size_t>(next - '0');
            ++i;
            while (i + 1 < replacement.size() && replacement[i + 1] >= '0' &&
                   replacement[i + 1] <= '9') {
                const std::size_t longer =
                    group * 10 + static_cast<std::size_t>(replacement[i + 1] - '0');
                if (longer > match.groups.size()) break;
                group = longer;
                ++i;
            }
            if (group == 0) {
                out += text.substr(match.start, match.end - match.start);
            } else if (group <= match.groups.size()) {
                const auto [start, end] = match.groups[group - 1];
                if (start != std::string::npos) out += text.substr(start, end - start);
            }
        } else {
            out += c;
        }
    }
    return out;
}

Value replace(Arguments a, Evaluation& ev) {
    const Pair pair = two_strings(a, ev);
    const auto replacement = string_of(a[2]);
    const auto flags = text_or_empty(a, 3);
    if (!pair || !replacement || !flags) return wrong_kind(ev, "replace", kStrings);
    const auto regex = Regex::get(pair->second, *flags, ev);
    if (regex.has_error()) return regex_error(ev, regex.error());
    const std::string_view text = pair->first;
    const bool literal = flags->find('q') != std::string_view::npos;
    std::string out;
    std::size_t from = 0;
    while (true) {
        const auto found = (*regex)->find(text, from, ev);
        if (found.has_error()) return regex_error(ev, found.error());
        if (!found->has_value()) break;
        const Regex::Match& match = **found;
        if (match.end == match.start) return ev.null("the pattern matches the empty string");
        out += text.substr(from, match.start - from);
        const auto insert = literal
                                ? std::optional(std::string(*replacement))
                                : replacement_for(*replacement, text, match, ev.limits().max_items);
        if (!step_text(ev, replacement->size())) return {};
        if (!insert) return ev.null("the replacement is malformed");
        out += *insert;
        if (!step_text(ev, insert->size()) || !fits(out.size(), ev)) return {};
        from = match.end;
    }
    out += text.substr(from);
    return fits(out.size(), ev) ? Value(std::move(out)) : Value();
}

Value split(Arguments a, Evaluation& ev) {
    const Pair pair = two_strings(a, ev);
    if (!pair) return wrong_kind(ev, "split", kStrings);
    const auto regex = Regex::get(pair->second, "", ev);
    if (regex.has_error()) return regex_error(ev, regex.error());
    const std::string_view text = pair->first;
    Value::List out;
    std::size_t from = 0;
    while (true) {
        const auto found = (*regex)->find(text, from, ev);
        if (found.has_error()) return regex_error(ev, found.error());
        if (!found->has_value()) break;
        const Regex::Match& match = **found;
        if (match.end == match.start) return ev.null("the delimiter matches the empty string");
        out.emplace_back(text.substr(from, match.start - from));
        if (!fits(out.size() + 1, ev)) return {};
        from = match.end;
    }
    out.emplace_back(text.substr(from));
    return Value::list(std::move(out));
}

Value string_join(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "string join", "a list of strings");
    const auto delimiter = text_or_empty(a, 1);
    const auto prefix = text_or_empty(a, 2);
    const auto suffix = text_or_empty(a, 3);
    if (!delimiter) return wrong_kind(ev, "string join", "a string as delimiter");
    if (!prefix || !suffix) return wrong_kind(ev, "string join", "strings as prefix and suffix");
    std::string out(*prefix);
    bool first = true;
    for (const Value& item : *list) {
        if (item.is_null()) continue;
        if (!item.is_string()) return wrong_kind(ev, "string join", "a list of strings");
        if (!first) out += *delimiter;
        first = false;
        out += item.as_string();
        if (!step_text(ev, delimiter->size() + suffix->size() + item.as_string().size())) return {};
        if (!fits(out.size(), ev)) return {};
    }
    out += *suffix;
    return Value(std::move(out));
}

constexpr std::array kTable = {
    Builtin{"substring", "string,start position,length?", substring},
    Builtin{"string length", "string", string_length},
    Builtin{"upper case", "string", upper_case},
    Builtin{"lower case", "string", lower_case},
    Builtin{"substring before", "string,match", substring_before},
    Builtin{"substring after", "string,match", substring_after},
    Builtin{"contains", "string,match", contains},
    Builtin{"starts with", "string,match", starts_with},
    Builtin{"ends with", "string,match", ends_with},
    Builtin{"matches", "input,pattern,flags?", matches},
    Builtin{"replace", "input,pattern,replacement,flags?", replace},
    Builtin{"split", "string,delimiter", split},
    // The form with four parameters is Camunda's.
    Builtin{"string join", "list,delimiter?|list,delimiter,prefix,suffix", string_join},
};

}  // namespace

std::span<const Builtin> string_builtins() {
    return kTable;
}

}  // namespace schwarm::feel
