#include "reader.hpp"

#include <algorithm>

#include "schwarm/base/utf8.hpp"

namespace schwarm::json {

bool Reader::Names::add(std::string_view name) {
    constexpr std::size_t kFew = 12;
    if (!many.empty()) return many.emplace(name).second;
    if (std::find(few.begin(), few.end(), name) != few.end()) return false;
    few.emplace_back(name);
    if (few.size() > kFew) {
        many.insert(few.begin(), few.end());
        few.clear();
    }
    return true;
}

Reader::Next Reader::fail_at(std::size_t at, std::string reason) {
    at_ = at;
    error_ = std::move(reason);
    return Next::failed;
}

Reader::Next Reader::pass(bool accepted, std::size_t start, Next next) {
    return accepted ? next : fail_at(start, visitor_.error());
}

bool Reader::count_value() {
    if (++nodes_ <= limits_.max_nodes) return true;
    limit_reached_ = true;
    error_ = "more than " + std::to_string(limits_.max_nodes) + " values";
    return false;
}

bool Reader::deeper() {
    if (open_.size() < limits_.max_depth) return true;
    limit_reached_ = true;
    error_ = "nested deeper than " + std::to_string(limits_.max_depth);
    return false;
}

void Reader::skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
        ++at_;
    }
}

bool Reader::run() {
    skip_space();
    Next next = begin_value();
    while (next != Next::failed) {
        skip_space();
        if (next == Next::value) {
            next = begin_value();
        } else if (!open_.empty()) {
            next = behind_value();
        } else if (at_ < text_.size()) {
            next = fail_at(at_, "text behind the value");
        } else {
            return true;
        }
    }
    return false;
}

Reader::Next Reader::begin_value() {
    if (at_ >= text_.size()) return fail_at(at_, "a value is missing at the end");
    if (!count_value()) return Next::failed;
    switch (text_[at_]) {
        case '{':
            return begin_object();
        case '[':
            return begin_array();
        case '"':
            return string_value();
        case 't':
            return literal("true");
        case 'f':
            return literal("false");
        case 'n':
            return literal("null");
        default:
            return number();
    }
}

Reader::Next Reader::begin_object() {
    if (!deeper()) return Next::failed;
    if (!visitor_.begin_object()) return fail_at(at_, visitor_.error());
    ++at_;
    open_ += '{';
    names_.emplace_back();
    skip_space();
    return peek() == '}' ? close() : member_name();
}

Reader::Next Reader::begin_array() {
    if (!deeper()) return Next::failed;
    if (!visitor_.begin_array()) return fail_at(at_, visitor_.error());
    ++at_;
    open_ += '[';
    skip_space();
    return peek() == ']' ? close() : Next::value;
}

Reader::Next Reader::close() {
    const bool is_object = open_.back() == '{';
    open_.pop_back();
    if (is_object) names_.pop_back();
    const std::size_t start = at_++;
    return pass(is_object ? visitor_.end_object() : visitor_.end_array(), start,
                Next::end_of_value);
}

Reader::Next Reader::behind_value() {
    const bool is_object = open_.back() == '{';
    const char c = peek();
    if (c == (is_object ? '}' : ']')) return close();
    if (c != ',') {
        return fail_at(at_, is_object ? "expected \",\" or \"}\" behind a member"
                                      : "expected \",\" or \"]\" behind an item");
    }
    ++at_;
    skip_space();
    return is_object ? member_name() : Next::value;
}

Reader::Next Reader::member_name() {
    const std::size_t start = at_;
    if (peek() != '"') return fail_at(at_, "expected the name of a member");
    if (!read_string()) return Next::failed;
    if (!names_.back().add(token_)) {
        return fail_at(start,
                       "the name \"" + std::string(token_.substr(0, 100)) + "\" stands here twice");
    }
    if (!visitor_.name(token_)) return fail_at(start, visitor_.error());
    skip_space();
    if (peek() != ':') return fail_at(at_, "expected \":\" behind the name of a member");
    ++at_;
    return Next::value;
}

Reader::Next Reader::literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return fail_at(at_, "Invalid value");
    const std::size_t start = at_;
    at_ += word.size();
    return pass(word == "null" ? visitor_.null() : visitor_.boolean(word == "true"), start,
                Next::end_of_value);
}

bool Reader::skip_digits() {
    const std::size_t first = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > first;
}

Reader::Next Reader::number() {
    const std::size_t start = at_;
    if (peek() == '-') ++at_;
    if (peek() == '0') {
        ++at_;
    } else if (!skip_digits()) {
        return fail_at(start, "Invalid value");
    }
    if (peek() == '.') {
        ++at_;
        if (!skip_digits()) return fail_at(at_, "digits are missing behind the point");
    }
    if (peek() == 'e' || peek() == 'E') {
        ++at_;
        if (peek() == '+' || peek() == '-') ++at_;
        if (!skip_digits()) return fail_at(at_, "digits are missing in the exponent");
    }
    return pass(visitor_.number(text_.substr(start, at_ - start)), start, Next::end_of_value);
}

Reader::Next Reader::string_value() {
    const std::size_t start = at_;
    if (!read_string()) return Next::failed;
    return pass(visitor_.string(token_), start, Next::end_of_value);
}

bool Reader::read_string() {
    const std::size_t start = at_++;
    buffer_.clear();
    while (true) {
        const std::size_t first = at_;
        while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
               static_cast<unsigned char>(text_[at_]) >= 0x20) {
            ++at_;
        }
        const std::string_view plain = text_.substr(first, at_ - first);
        if (at_ >= text_.size()) {
            fail_at(start, "the string does not end");
            return false;
        }
        const char c = text_[at_];
        if (c == '"') {
            ++at_;
            if (buffer_.empty()) {
                token_ = plain;
            } else {
                token_ = buffer_.append(plain);
            }
            return true;
        }
        if (c != '\\') {
            fail_at(at_, "a control character in a string");
            return false;
        }
        buffer_ += plain;
        if (!escape()) return false;
    }
}

bool Reader::escape() {
    constexpr std::string_view kEscapes = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t start = at_++;
    const char c = peek();
    if (c == 'u') {
        ++at_;
        if (unicode_escape()) return true;
        at_ = start;
        return false;
    }
    const std::size_t index = kEscapes.find(c);
    if (c == '\0' || index == std::string_view::npos) {
        fail_at(start, "unknown escape in a string");
        return false;
    }
    buffer_ += kMeanings[index];
    ++at_;
    return true;
}

bool Reader::hex(char32_t& code) {
    code = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = peek();
        code <<= 4U;
        if (c >= '0' && c <= '9') {
            code |= static_cast<char32_t>(c - '0');
        } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
            code |= static_cast<char32_t>((c | 0x20) - 'a' + 10);
        } else {
            error_ = "four hexadecimal digits must follow \"\\u\"";
            return false;
        }
        ++at_;
    }
    return true;
}

bool Reader::unicode_escape() {
    char32_t code = 0;
    if (!hex(code)) return false;
    if (code >= 0xD800 && code <= 0xDFFF) {
        char32_t low = 0;
        const bool pair = code < 0xDC00 && text_.substr(at_, 2) == "\\u";
        if (pair) at_ += 2;
        if (!pair || !hex(low) || low < 0xDC00 || low > 0xDFFF) {
            error_ = "half a surrogate pair in a string";
            return false;
        }
        code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    }
    utf8::append(buffer_, code);
    return true;
}

}  // namespace schwarm::json
