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

    bool Null() { return node() && pass(visitor_.null()); }
    bool Bool(bool value) { return node() && pass(visitor_.boolean(value)); }
    bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
        return node() && pass(visitor_.number(std::string_view(text, size)));
    }
    bool String(const char* text, rapidjson::SizeType size, bool) {
        return node() && text_is_good({text, size}) && pass(visitor_.string({text, size}));
    }
    bool StartObject() {
        if (!node() || !deeper()) return false;
        names_.emplace_back();
        return pass(visitor_.begin_object());
    }
    bool Key(const char* text, rapidjson::SizeType size, bool) {
        const std::string_view name(text, size);
        if (!text_is_good(name)) return false;
        if (!add_name(name)) {
            error_ = "the name \"" + std::string(name.substr(0, 100)) + "\" stands here twice";
            return false;
        }
        return pass(visitor_.name(name));
    }
    bool EndObject(rapidjson::SizeType) {
        names_.pop_back();
        --depth_;
        return pass(visitor_.end_object());
    }
    bool StartArray() { return node() && deeper() && pass(visitor_.begin_array()); }
    bool EndArray(rapidjson::SizeType) {
        --depth_;
        return pass(visitor_.end_array());
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
    static constexpr std::size_t kFew = 12;

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
    // RapidJSON turns half a surrogate pair ("\\udca9") into bytes that are no UTF-8.
    bool text_is_good(std::string_view text) {
        if (utf8::is_valid(text)) return true;
        error_ = "half a surrogate pair is no character";
        return false;
    }
    bool pass(bool accepted) {
        if (!accepted) error_ = visitor_.error();
        return accepted;
    }

    Visitor& visitor_;
    const Limits& limits_;
    std::vector<Names> names_;
    std::size_t nodes_ = 0;
    std::size_t depth_ = 0;
    bool limit_reached_ = false;
    std::string error_;
};

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
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    Guard guard(visitor, limits);
    constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                                rapidjson::kParseNumbersAsStringsFlag |
                                rapidjson::kParseValidateEncodingFlag;
    const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, guard);
    if (!result.IsError()) return {};
    std::string where = place(text, result.Offset());
    if (result.Code() == rapidjson::kParseErrorTermination) {
        const ErrorCode code =
            guard.limit_reached() ? ErrorCode::limit_exceeded : ErrorCode::not_well_formed;
        return fail(code, guard.error(), std::move(where));
    }
    // RapidJSON knows no larger ones, although they come as text.
    if (result.Code() == rapidjson::kParseErrorNumberTooBig) {
        return fail(ErrorCode::limit_exceeded, "a number of 1.8e308 or more", std::move(where));
    }
    return fail(ErrorCode::not_well_formed, rapidjson::GetParseError_En(result.Code()),
                std::move(where));
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
