#include <algorithm>

#include "impl.hpp"

namespace schwarm::forms {
namespace {

bool digit(char c) {
    return c >= '0' && c <= '9';
}

// "1.234.567": groups of three digits behind the first.
bool grouped(std::string_view text, char separator) {
    std::size_t run = 0;
    bool first = true;
    for (char c : text) {
        if (c == separator) {
            if (first ? run == 0 || run > 3 : run != 3) {
                return false;
            }
            first = false;
            run = 0;
        } else if (digit(c)) {
            ++run;
        } else {
            return false;
        }
    }
    return !first && run == 3;
}

void erase(std::string& text, std::string_view part) {
    for (std::size_t at; (at = text.find(part)) != std::string::npos;) {
        text.erase(at, part.size());
    }
}

}  // namespace

std::string trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n\f\v";
    const std::size_t first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) {
        return {};
    }
    return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

std::optional<Decimal> read_number(std::string_view typed) {
    std::string text = trimmed(typed);
    for (std::string_view part : {"€", "EUR", "Euro", "\u00A0", "\u202F", " ", "'"}) {
        erase(text, part);
    }
    std::string sign;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        sign = text[0] == '-' ? "-" : "";
        text.erase(0, 1);
    }
    const auto points = std::count(text.begin(), text.end(), '.');
    const auto commas = std::count(text.begin(), text.end(), ',');
    if (text.empty() || !std::all_of(text.begin(), text.end(),
                                     [](char c) { return digit(c) || c == '.' || c == ','; })) {
        return std::nullopt;
    }
    if (points > 0 && commas > 0) {
        const char decimal = text.rfind('.') > text.rfind(',') ? '.' : ',';
        const char group = decimal == '.' ? ',' : '.';
        const std::size_t cut = text.find(decimal);
        if (text.find(decimal, cut + 1) != std::string::npos ||
            !grouped(std::string_view(text).substr(0, cut), group) ||
            text.find(group, cut) != std::string::npos) {
            return std::nullopt;
        }
        text.erase(std::remove(text.begin(), text.end(), group), text.end());
    } else if (points > 0 && grouped(text, '.')) {
        text.erase(std::remove(text.begin(), text.end(), '.'), text.end());
    }
    std::replace(text.begin(), text.end(), ',', '.');
    if (std::count(text.begin(), text.end(), '.') > 1 || text == ".") {
        return std::nullopt;
    }
    if (text.size() > 34) {
        return std::nullopt;
    }
    return Decimal::parse(sign + text);
}

std::optional<int> read_digits(std::string_view typed, std::size_t digits) {
    const std::string text = trimmed(typed);
    if (text.empty() || text.size() > digits || !std::all_of(text.begin(), text.end(), digit)) {
        return std::nullopt;
    }
    return std::stoi(text);
}

std::optional<Date> read_date(std::string_view typed) {
    const std::string text = trimmed(typed);
    if (text.size() > 10) {
        return std::nullopt;
    }
    if (text.find('-') != std::string::npos) {
        return Date::parse(text);
    }
    const std::size_t first = text.find('.');
    const std::size_t second = text.find('.', first + 1);
    if (first == std::string::npos || second == std::string::npos) {
        return std::nullopt;
    }
    const auto day = read_digits(std::string_view(text).substr(0, first), 2);
    const auto month = read_digits(std::string_view(text).substr(first + 1, second - first - 1), 2);
    const auto year = read_digits(std::string_view(text).substr(second + 1), 4);
    if (!day || !month || !year || *year < 1000) {
        return std::nullopt;
    }
    return Date::from_civil(*year, *month, *day);
}

int decimals_of(const Decimal& number) {
    const std::string text = number.to_string();
    const std::size_t point = text.find('.');
    return point == std::string::npos ? 0 : static_cast<int>(text.size() - point - 1);
}

std::string show_number(const Decimal& number, Lang lang, std::optional<int> decimals) {
    const int shown = std::max(decimals_of(number), decimals.value_or(0));
    const std::string text = number.abs().to_fixed(std::min(shown, 34));
    const std::size_t point = std::min(text.find('.'), text.size());
    std::string out = number.is_negative() ? "-" : "";
    for (std::size_t i = 0; i < point; ++i) {
        if (i > 0 && (point - i) % 3 == 0) {
            out += lang == Lang::de ? '.' : ',';
        }
        out += text[i];
    }
    if (point < text.size()) {
        out += lang == Lang::de ? ',' : '.';
        out += text.substr(point + 1);
    }
    return out;
}

std::string show_date(const Date& date, Lang lang) {
    const CivilDate civil = date.civil();
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    if (lang == Lang::de) {
        return two(civil.day) + "." + two(civil.month) + "." + std::to_string(civil.year);
    }
    static constexpr const char* kMonths[] = {"January",   "February", "March",    "April",
                                              "May",       "June",     "July",     "August",
                                              "September", "October",  "November", "December"};
    return std::to_string(civil.day) + " " + kMonths[civil.month - 1] + " " +
           std::to_string(civil.year);
}

std::string show_amount(const Field& field, const Decimal& number, Lang lang) {
    // Amounts of money show their cents only where there are any.
    const std::optional<int> decimals =
        field.decimals == 2 && number.is_integer() ? std::optional<int>(0) : field.decimals;
    const std::optional<int> kept =
        field.decimals == 2 && !number.is_integer() ? std::optional<int>(2) : std::nullopt;
    std::string out = show_number(number, lang, decimals == 0 ? std::nullopt : kept);
    if (!field.prefix.empty()) {
        out = field.prefix + "\u00A0" + out;
    }
    if (!field.suffix.empty()) {
        out += "\u00A0" + field.suffix;
    }
    return out;
}

}  // namespace schwarm::forms
