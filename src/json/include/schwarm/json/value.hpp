// A small document of JSON (RFC 8259). Numbers keep their text: they become Decimal, never double.
// Objects keep the order of their members; names are unique. A plain value type: copying copies
// the tree, distinct values may be used by distinct threads.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace schwarm::json {

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

class Value {
  public:
    using Array = std::vector<Value>;
    using Member = std::pair<std::string, Value>;
    using Object = std::vector<Member>;

    Value() = default;
    Value(std::nullptr_t) {}
    Value(bool value) : kind_(Kind::boolean), boolean_(value) {}
    Value(int value) : Value(static_cast<std::int64_t>(value)) {}
    Value(std::int64_t value) : kind_(Kind::number), text_(std::to_string(value)) {}
    Value(std::string value) : kind_(Kind::string), text_(std::move(value)) {}
    Value(std::string_view value) : Value(std::string(value)) {}
    Value(const char* value) : Value(std::string(value)) {}
    // `text` must be a JSON number.
    static Value number(std::string text);
    static Value array(Array items = {});
    static Value object(Object members = {});

    Kind kind() const { return kind_; }
    bool is_null() const { return kind_ == Kind::null; }
    bool is_boolean() const { return kind_ == Kind::boolean; }
    bool is_number() const { return kind_ == Kind::number; }
    bool is_string() const { return kind_ == Kind::string; }
    bool is_array() const { return kind_ == Kind::array; }
    bool is_object() const { return kind_ == Kind::object; }

    // CHECK the kind.
    bool as_boolean() const;
    const std::string& as_string() const;
    const std::string& number_text() const;
    const Array& items() const;
    Array& items();
    const Object& members() const;
    Object& members();

    // The member of an object; nullptr if there is none or this is no object.
    const Value* find(std::string_view name) const;
    Value* find(std::string_view name);
    // Replaces or appends.
    Value& set(std::string_view name, Value value);
    Value& push_back(Value value);

    // Convenience for reading settings and schemas: the default if absent or of another kind.
    std::string string_or(std::string_view name, std::string_view fallback) const;
    bool boolean_or(std::string_view name, bool fallback) const;
    std::int64_t int_or(std::string_view name, std::int64_t fallback) const;
    // A whole number within int64.
    std::optional<std::int64_t> as_int64() const;

    // Member order does not matter; numbers compare as text.
    bool operator==(const Value& other) const;

  private:
    Kind kind_ = Kind::null;
    bool boolean_ = false;
    std::string text_;
    Array items_;
    Object members_;
};

}  // namespace schwarm::json
