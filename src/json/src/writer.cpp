#include "schwarm/json/writer.hpp"

#include <array>
#include <charconv>

#include "schwarm/base/check.hpp"

namespace schwarm::json {
namespace {

constexpr char kHex[] = "0123456789abcdef";

// 0: as it is; 'u': \u00XX; else the letter after the backslash.
constexpr std::array<char, 256> kEscapes = [] {
    std::array<char, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = 'u';
    table['"'] = '"';
    table['\\'] = '\\';
    table['\n'] = 'n';
    table['\r'] = 'r';
    table['\t'] = 't';
    table['\b'] = 'b';
    table['\f'] = 'f';
    table['<'] = 'u';
    table['>'] = 'u';
    table['&'] = 'u';
    table[0x7f] = 'u';
    return table;
}();

// U+2028 and U+2029 end lines in JavaScript.
bool is_line_separator(std::string_view text, std::size_t i) {
    return text.size() - i >= 3 && text[i] == '\xe2' && text[i + 1] == '\x80' &&
           (text[i + 2] == '\xa8' || text[i + 2] == '\xa9');
}

void append_quoted(std::string& out, std::string_view text) {
    out.push_back('"');
    std::size_t plain_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        const char escape = kEscapes[byte];
        if (escape == 0 && (byte != 0xe2 || !is_line_separator(text, i))) continue;
        out.append(text, plain_from, i - plain_from);
        if (escape == 0) {
            out.append(text[i + 2] == '\xa8' ? "\\u2028" : "\\u2029");
            i += 2;
        } else if (escape == 'u') {
            out.append("\\u00");
            out.push_back(kHex[byte >> 4]);
            out.push_back(kHex[byte & 15]);
        } else {
            out.push_back('\\');
            out.push_back(escape);
        }
        plain_from = i + 1;
    }
    out.append(text, plain_from, text.size() - plain_from);
    out.push_back('"');
}

}  // namespace

std::string quoted(std::string_view text) {
    std::string out;
    append_quoted(out, text);
    return out;
}

Writer Writer::pretty() {
    Writer out;
    out.pretty_ = true;
    return out;
}

void Writer::newline() {
    if (!pretty_) return;
    out_.push_back('\n');
    out_.append(has_items_.size() * 2, ' ');
}

void Writer::separate() {
    if (after_name_) {
        after_name_ = false;
        return;
    }
    if (has_items_.empty()) return;
    if (has_items_.back()) out_.push_back(',');
    has_items_.back() = true;
    newline();
}

Writer& Writer::begin_object() {
    separate();
    out_.push_back('{');
    has_items_.push_back(false);
    return *this;
}

Writer& Writer::end_object() {
    CHECK(!has_items_.empty() && !after_name_, "unbalanced JSON");
    const bool any = has_items_.back();
    has_items_.pop_back();
    if (any) newline();
    out_.push_back('}');
    return *this;
}

Writer& Writer::begin_array() {
    separate();
    out_.push_back('[');
    has_items_.push_back(false);
    return *this;
}

Writer& Writer::end_array() {
    CHECK(!has_items_.empty() && !after_name_, "unbalanced JSON");
    const bool any = has_items_.back();
    has_items_.pop_back();
    if (any) newline();
    out_.push_back(']');
    return *this;
}

Writer& Writer::name(std::string_view name) {
    CHECK(!after_name_, "a JSON member has no value");
    separate();
    append_quoted(out_, name);
    out_.append(pretty_ ? ": " : ":");
    after_name_ = true;
    return *this;
}

Writer& Writer::null() {
    return raw("null");
}

Writer& Writer::value(std::string_view text) {
    separate();
    append_quoted(out_, text);
    return *this;
}

Writer& Writer::boolean(bool value) {
    return raw(value ? "true" : "false");
}

Writer& Writer::integer(std::int64_t value) {
    std::array<char, 24> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return raw(std::string_view(buffer.data(), result.ptr));
}

Writer& Writer::unsigned_integer(std::uint64_t value) {
    std::array<char, 24> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return raw(std::string_view(buffer.data(), result.ptr));
}

Writer& Writer::number(std::string_view text) {
    return raw(text);
}

Writer& Writer::raw(std::string_view json) {
    separate();
    out_.append(json);
    return *this;
}

std::string Writer::take() {
    CHECK(has_items_.empty() && !after_name_, "unbalanced JSON");
    return std::move(out_);
}

}  // namespace schwarm::json
