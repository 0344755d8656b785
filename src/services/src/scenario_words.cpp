#include "scenario_words.hpp"

#include <algorithm>

#include "schwarm/base/calendar.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::services::words {

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string_view take_word(std::string_view& text) {
    text = trim(text);
    const auto end = std::min(text.find_first_of(kSpace), text.size());
    const auto word = text.substr(0, end);
    text = trim(text.substr(end));
    return word;
}

bool take_keyword(std::string_view& text, std::string_view keyword) {
    auto rest = text;
    if (take_word(rest) != keyword) return false;
    text = rest;
    return true;
}

Result<std::vector<std::string>> take_strings(std::string_view& text) {
    std::vector<std::string> strings;
    text = trim(text);
    while (text.starts_with('"')) {
        std::size_t end = 1;
        while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2U : 1U;
        if (end >= text.size()) {
            return fail(ErrorCode::invalid_input, "a text in quotes does not end");
        }
        SCHWARM_TRY(parsed, json::parse(text.substr(0, end + 1)));
        strings.push_back(parsed.as_string());
        text = trim(text.substr(end + 1));
    }
    return strings;
}

Result<std::string> take_text(std::string_view& text) {
    text = trim(text);
    if (!text.starts_with('"')) return std::string(take_word(text));
    std::size_t end = 1;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2U : 1U;
    auto quoted = text.substr(0, std::min(end + 1, text.size()));
    text = trim(text.substr(quoted.size()));
    SCHWARM_TRY(strings, take_strings(quoted));
    return strings.front();
}

Result<Instant> parse_at(std::string_view text) {
    const auto date = Date::parse(take_word(text));
    if (!date) return fail(ErrorCode::invalid_input, "a date such as 2026-03-14 is missing");
    int hour = 9;
    int minute = 0;
    if (!text.empty()) {
        const auto time = Time::parse(std::string(text) + ":00");
        if (!time) return fail(ErrorCode::invalid_input, "the time must be HH:MM");
        hour = time->hour();
        minute = time->minute();
    }
    const auto zone = find_zone("Europe/Berlin");
    CHECK(zone.has_value(), "the system has no time zone data for Europe/Berlin");
    const auto time = Time::from_parts(hour, minute, 0, 0, *zone);
    return DateTime{*date, *time}.to_instant();
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string out;
    for (const auto& part : parts) {
        if (!out.empty()) out += between;
        out += part;
    }
    return out;
}

std::string in_quotes(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

}  // namespace schwarm::services::words
