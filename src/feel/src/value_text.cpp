#include "schwarm/base/utf8.hpp"
#include "schwarm/feel/function.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::feel {
namespace {

// Collects text and takes no more parts once it is longer than the limit.
struct Text {
    std::string text;
    std::size_t limit;
    bool full() const { return text.size() > limit; }
    Text& operator+=(std::string_view more) {
        text += more;
        return *this;
    }
    Text& operator+=(char c) {
        text += c;
        return *this;
    }
};

void append_quoted(Text& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                out += c;
        }
    }
    out += '"';
}

bool is_plain_name(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    for (const char c : name) {
        const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == ' ' ||
                          static_cast<unsigned char>(c) >= 0x80;
        if (!word) return false;
    }
    return name.front() != ' ' && name.back() != ' ';
}

// What stands inside lists and contexts is FEEL source; dates and the like as @"..." only there.
void append(Text& out, const Value& value, bool source, bool at_literals);

void append_range(Text& out, const Range& range, bool at_literals) {
    const auto unary = [&](const char* symbol, const Value& bound) {
        out += '(';
        out += symbol;
        append(out, bound, true, at_literals);
        out += ')';
    };
    switch (range.form) {
        case Range::Form::less:
            return unary("<", range.end);
        case Range::Form::less_equal:
            return unary("<=", range.end);
        case Range::Form::greater:
            return unary(">", range.start);
        case Range::Form::greater_equal:
            return unary(">=", range.start);
        case Range::Form::equal:
            return unary("=", range.start);
        case Range::Form::not_equal:
            return unary("!=", range.start);
        case Range::Form::interval:
            break;
    }
    out += range.start_included ? '[' : '(';
    append(out, range.start, true, at_literals);
    out += "..";
    append(out, range.end, true, at_literals);
    out += range.end_included ? ']' : ')';
}

void append_temporal(Text& out, std::string_view text, bool source) {
    if (source) out += "@\"";
    out += text;
    if (source) out += '"';
}

void append_context(Text& out, const Context& context, bool at_literals) {
    out += '{';
    const char* separator = "";
    for (const Context::Entry& entry : context) {
        if (out.full()) return;
        out += separator;
        if (is_plain_name(entry.key.text())) {
            out += entry.key.text();
        } else {
            append_quoted(out, entry.key.text());
        }
        out += ": ";
        append(out, entry.value, true, at_literals);
        separator = ", ";
    }
    out += '}';
}

void append(Text& out, const Value& value, bool source, bool at_literals) {
    const bool at = source && at_literals;
    switch (value.kind()) {
        case Kind::null:
            out += "null";
            break;
        case Kind::boolean:
            out += value.as_boolean() ? "true" : "false";
            break;
        case Kind::number:
            out += value.as_number().to_string();
            break;
        case Kind::string:
            if (source) {
                append_quoted(out, value.as_string());
            } else {
                out += value.as_string();
            }
            break;
        case Kind::date:
            append_temporal(out, value.as_date().to_string(), at);
            break;
        case Kind::time:
            append_temporal(out, value.as_time().to_string(), at);
            break;
        case Kind::date_time:
            append_temporal(out, value.as_date_time().to_string(), at);
            break;
        case Kind::days_time_duration:
            append_temporal(out, value.as_days_time().to_string(), at);
            break;
        case Kind::years_months_duration:
            append_temporal(out, value.as_years_months().to_string(), at);
            break;
        case Kind::list: {
            out += '[';
            const char* separator = "";
            for (const Value& item : value.as_list()) {
                if (out.full()) return;
                out += separator;
                append(out, item, true, at_literals);
                separator = ", ";
            }
            out += ']';
            break;
        }
        case Kind::context:
            append_context(out, value.as_context(), at_literals);
            break;
        case Kind::range:
            append_range(out, value.as_range(), at_literals);
            break;
        case Kind::function:
            out += value.as_function().name();
            break;
    }
}

}  // namespace

std::string Value::to_string(std::size_t limit) const {
    Text out{{}, limit};
    append(out, *this, false, false);
    return std::move(out.text);
}

std::string Value::to_feel(std::size_t limit) const {
    Text out{{}, limit};
    append(out, *this, true, true);
    return std::move(out.text);
}

}  // namespace schwarm::feel
