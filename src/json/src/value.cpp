#include "schwarm/json/value.hpp"

#include <charconv>

#include "schwarm/base/check.hpp"

namespace schwarm::json {

Value Value::number(std::string text) {
    Value out;
    out.kind_ = Kind::number;
    out.text_ = std::move(text);
    return out;
}

Value Value::array(Array items) {
    Value out;
    out.kind_ = Kind::array;
    out.items_ = std::move(items);
    return out;
}

Value Value::object(Object members) {
    Value out;
    out.kind_ = Kind::object;
    out.members_ = std::move(members);
    return out;
}

bool Value::as_boolean() const {
    CHECK(is_boolean(), "not a JSON boolean");
    return boolean_;
}
const std::string& Value::as_string() const {
    CHECK(is_string(), "not a JSON string");
    return text_;
}
const std::string& Value::number_text() const {
    CHECK(is_number(), "not a JSON number");
    return text_;
}
const Value::Array& Value::items() const {
    CHECK(is_array(), "not a JSON array");
    return items_;
}
Value::Array& Value::items() {
    CHECK(is_array(), "not a JSON array");
    return items_;
}
const Value::Object& Value::members() const {
    CHECK(is_object(), "not a JSON object");
    return members_;
}
Value::Object& Value::members() {
    CHECK(is_object(), "not a JSON object");
    return members_;
}

const Value* Value::find(std::string_view name) const {
    for (const Member& member : members_) {
        if (member.first == name) return &member.second;
    }
    return nullptr;
}
Value* Value::find(std::string_view name) {
    for (Member& member : members_) {
        if (member.first == name) return &member.second;
    }
    return nullptr;
}

Value& Value::set(std::string_view name, Value value) {
    CHECK(is_object(), "not a JSON object");
    if (Value* known = find(name)) {
        *known = std::move(value);
    } else {
        members_.emplace_back(std::string(name), std::move(value));
    }
    return *this;
}

Value& Value::push_back(Value value) {
    items().push_back(std::move(value));
    return *this;
}

std::string Value::string_or(std::string_view name, std::string_view fallback) const {
    const Value* member = find(name);
    return member != nullptr && member->is_string() ? member->text_ : std::string(fallback);
}

bool Value::boolean_or(std::string_view name, bool fallback) const {
    const Value* member = find(name);
    return member != nullptr && member->is_boolean() ? member->boolean_ : fallback;
}

std::int64_t Value::int_or(std::string_view name, std::int64_t fallback) const {
    const Value* member = find(name);
    return member != nullptr ? member->as_int64().value_or(fallback) : fallback;
}

std::optional<std::int64_t> Value::as_int64() const {
    if (!is_number()) return std::nullopt;
    std::int64_t out = 0;
    const char* last = text_.data() + text_.size();
    const auto [end, error] = std::from_chars(text_.data(), last, out);
    if (error != std::errc() || end != last) return std::nullopt;
    return out;
}

bool Value::operator==(const Value& other) const {
    if (kind_ != other.kind_ || boolean_ != other.boolean_ || text_ != other.text_ ||
        items_ != other.items_ || members_.size() != other.members_.size()) {
        return false;
    }
    for (const Member& member : members_) {
        const Value* theirs = other.find(member.first);
        if (theirs == nullptr || !(*theirs == member.second)) return false;
    }
    return true;
}

}  // namespace schwarm::json
