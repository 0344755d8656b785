#include "schwarm/json/json.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <unordered_set>

#include "schwarm/base/utf8.hpp"

namespace schwarm::json {
namespace {

std::string place(std::string_view text, std::size_t offset) {
    offset = std::min(offset, text.size());
    const std::string_view before = text.substr(0, offset);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t line_start = before.rfind('\n') + 1;
    return std::to_string(line) + ":" + std::to_string(utf8::length(before.substr(line_start)) + 1);
}

// Stands between RapidJSON and a visitor: keeps the limits and refuses duplicate names.
class Guard {
  public:
    Guard(Visitor& visitor, const Limits& limits) : visitor_(visitor), limits_(limits) {}
    // For reading once more what `before` has read in part: the visitor is told only what is new,
    // and the numbers instead of those in the text.
    Guard(const Guard& before, std::vector<std::string_view> numbers)
        : visitor_(before.visitor_),
          limits_(before.limits_),
          skip_(before.told_),
          numbers_(std::move(numbers)) {}

    bool Null() {
        return node() && tell([&] { return visitor_.null(); });
    }
    bool Bool(bool value) {
        return node() && tell([&] { return visitor_.boolean(value); });
    }
    bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
        std::string_view number(text, size);
        if (next_number_ < numbers_.size()) number = numbers_[next_number_++];
        return node() && tell([&] { return visitor_.number(number); });
    }
    bool String(const char* text, rapidjson::SizeType size, bool) {
        const std::string_view value(text, size);
        return whole(value) && node() && tell([&] { return visitor_.string(value); });
    }
    bool StartObject() {
        if (!node() || !deeper()) return false;
        names_.emplace_back();
        return tell([&] { return visitor_.begin_object(); });
    }
    bool Key(const char* text, rapidjson::SizeType size, bool) {
        const std::string_view name(text, size);
        if (!whole(name)) return false;
        if (!add_name(name)) {
            error_ = "the name \"" + std::string(name.substr(0, 100)) + "\" stands here twice";
            return false;
        }
        return tell([&] { return visitor_.name(name); });
    }
    bool EndObject(rapidjson::SizeType) {
        names_.pop_back();
        --depth_;
        return tell([&] { return visitor_.end_object(); });
    }
    bool StartArray() {
        return node() && deeper() && tell([&] { return visitor_.begin_array(); });
    }
    bool EndArray(rapidjson::SizeType) {
        --depth_;
        return tell([&] { return visitor_.end_array(); });
    }
    // RapidJSON asks for these although all numbers come as text.
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }

    const std::string& error() const { return error_; }
    bool limit_reached() const { return limit_reached_; }

  private:
    // Few names are compared one by one, many by a set.
    struct Names {
        std::vector<std::string> few;
        std::unordered_set<std::string> many;
    };
    static constexpr std::size_t kFew = 24;

    bool add_name(std::string_view name) {
        Names& names = names_.back();
        if (!names.many.empty()) return names.many.emplace(name).second;
        if (std::find(names.few.begin(), names.few.end(), name) != names.few.end()) return false;
        names.few.emplace_back(name);
        if (names.few.size() > kFew) {
            names.many.insert(names.few.begin(), names.few.end());
            names.few.clear();
        }
        return true;
    }
    // RapidJSON lets "\\udc00" without its first half through; it is no text in UTF-8.
    bool whole(std::string_view text) {
        if (text.find('\xED') == std::string_view::npos || utf8::is_valid(text)) return true;
        error_ = "half a surrogate pair in a string";
        return false;
    }
    bool node() {
        if (++nodes_ <= limits_.max_nodes) return true;
        return refuse("more than " + std::to_string(limits_.max_nodes) + " values");
    }
    bool deeper() {
        if (++depth_ <= limits_.max_depth) return true;
        return refuse("nested deeper than " + std::to_string(limits_.max_depth));
    }
    bool refuse(std::string reason) {
        limit_reached_ = true;
        error_ = std::move(reason);
        return false;
    }
    template <class Call>
    bool tell(Call call) {
        if (told_++ < skip_) return true;
        if (call()) return true;
        error_ = visitor_.error();
        return false;
    }

    Visitor& visitor_;
    const Limits& limits_;
    std::vector<Names> names_;
    std::size_t nodes_ = 0;
    std::size_t depth_ = 0;
    bool limit_reached_ = false;
    std::string error_;
    std::size_t told_ = 0;
    std::size_t skip_ = 0;
    std::vector<std::string_view> numbers_;
    std::size_t next_number_ = 0;
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The grammar of RFC 8259 clause 6.
bool is_number(std::string_view text) {
    std::size_t at = 0;
    const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
    const auto digits = [&] {
        const std::size_t first = at;
        while (is_digit(peek())) ++at;
        return at > first;
    };
    if (peek() == '-') ++at;
    if (peek() == '0') {
        ++at;
    } else if (!digits()) {
        return false;
    }
    if (peek() == '.' && (++at, !digits())) return false;
    if (peek() == 'e' || peek() == 'E') {
        ++at;
        if (peek() == '+' || peek() == '-') ++at;
        if (!digits()) return false;
    }
    return at == text.size();
}

// RapidJSON refuses numbers beyond the range of double even where it only passes on their text.
// Here each number becomes 0, filled up with spaces so that places stay; the numbers are kept
// apart, as views of the text.
struct Masked {
    std::string text;
    std::vector<std::string_view> numbers;
};

Masked mask_numbers(std::string_view text) {
    Masked out{std::string(text), {}};
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"') {
            ++at;
            while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
            continue;
        }
        if (text[at] != '-' && !is_digit(text[at])) continue;
        const std::size_t end =
            std::min(text.find_first_not_of("0123456789+-.eE", at), text.size());
        const auto number = text.substr(at, end - at);
        if (is_number(number)) {
            out.numbers.push_back(number);
            out.text[at] = '0';
            std::fill(out.text.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                      out.text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
        }
        at = end - 1;
    }
    return out;
}

rapidjson::ParseResult read(std::string_view text, Guard& guard) {
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    // The encoding is checked before, and what escapes make of it by the guard.
    constexpr unsigned kFlags =
        rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
    return reader.Parse<kFlags>(stream, guard);
}

Error error_of(const rapidjson::ParseResult& result, const Guard& guard, std::string_view text) {
    std::string where = place(text, result.Offset());
    if (result.Code() != rapidjson::kParseErrorTermination) {
        return fail(ErrorCode::not_well_formed, rapidjson::GetParseError_En(result.Code()),
                    std::move(where));
    }
    return fail(guard.limit_reached() ? ErrorCode::limit_exceeded : ErrorCode::not_well_formed,
                guard.error(), std::move(where));
}

class Builder final : public Visitor {
  public:
    bool null() override { return add(Value()); }
    bool boolean(bool value) override { return add(Value(value)); }
    bool number(std::string_view text) override { return add(Value::number(std::string(text))); }
    bool string(std::string_view value) override { return add(Value(value)); }
    bool begin_object() override {
        open_.push_back({Value::object(), {}});
        return true;
    }
    bool name(std::string_view name) override {
        open_.back().name = std::string(name);
        return true;
    }
    bool end_object() override { return close(); }
    bool begin_array() override {
        open_.push_back({Value::array(), {}});
        return true;
    }
    bool end_array() override { return close(); }

    Value take() { return std::move(root_); }

  private:
    struct Open {
        Value value;
        std::string name;
    };
    bool close() {
        Value done = std::move(open_.back().value);
        open_.pop_back();
        return add(std::move(done));
    }
    bool add(Value value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (open_.back().value.is_array()) {
            open_.back().value.items().push_back(std::move(value));
        } else {
            open_.back().value.members().emplace_back(std::move(open_.back().name),
                                                      std::move(value));
        }
        return true;
    }

    std::vector<Open> open_;
    Value root_;
};

}  // namespace

Result<void> parse(std::string_view text, Visitor& visitor, const Limits& limits) {
    if (text.size() > limits.max_bytes) {
        return fail(ErrorCode::limit_exceeded,
                    "the JSON text has more than " + std::to_string(limits.max_bytes) + " bytes");
    }
    if (const std::size_t bad = utf8::first_invalid(text); bad != std::string_view::npos) {
        return fail(ErrorCode::not_well_formed, "not valid UTF-8", place(text, bad));
    }
    // The parser takes a zero byte for the end.
    if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
        return fail(ErrorCode::not_well_formed, "a zero byte", place(text, zero));
    }
    Guard guard(visitor, limits);
    const auto result = read(text, guard);
    if (!result.IsError()) return {};
    if (result.Code() != rapidjson::kParseErrorNumberTooBig) return error_of(result, guard, text);
    auto masked = mask_numbers(text);
    Guard rest(guard, std::move(masked.numbers));
    const auto again = read(masked.text, rest);
    if (!again.IsError()) return {};
    return error_of(again, rest, text);
}

Result<Value> parse(std::string_view text, const Limits& limits) {
    Builder builder;
    SCHWARM_TRY_VOID(parse(text, builder, limits));
    return builder.take();
}

void write(const Value& value, Writer& writer) {
    switch (value.kind()) {
        case Kind::null:
            writer.null();
            break;
        case Kind::boolean:
            writer.boolean(value.as_boolean());
            break;
        case Kind::number:
            writer.number(value.number_text());
            break;
        case Kind::string:
            writer.value(value.as_string());
            break;
        case Kind::array:
            writer.begin_array();
            for (const Value& item : value.items()) write(item, writer);
            writer.end_array();
            break;
        case Kind::object:
            writer.begin_object();
            for (const Value::Member& member : value.members()) {
                writer.name(member.first);
                write(member.second, writer);
            }
            writer.end_object();
            break;
    }
}

std::string to_string(const Value& value) {
    Writer writer;
    write(value, writer);
    return writer.take();
}

std::string to_pretty_string(const Value& value) {
    Writer writer = Writer::pretty();
    write(value, writer);
    return writer.take() + "\n";
}

}  // namespace schwarm::json
