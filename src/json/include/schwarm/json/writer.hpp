// Writes JSON text directly, without a document. The output is also safe inside an HTML script
// element: '<', '>', '&', U+2028 and U+2029 are escaped.
//
//   Writer w;
//   w.begin_object();
//   w.member("id", 7);
//   w.name("tags").begin_array().value("a").end_array();
//   w.end_object();
//   std::string text = w.take();
//
// The caller keeps the nesting right (CHECKed by take()). Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace schwarm::json {

class Writer {
  public:
    Writer() = default;
    // Indents by two spaces and puts each member on its own line.
    static Writer pretty();

    Writer& begin_object();
    Writer& end_object();
    Writer& begin_array();
    Writer& end_array();
    Writer& name(std::string_view name);

    Writer& null();
    Writer& value(std::string_view text);
    Writer& value(const char* text) { return value(std::string_view(text)); }
    Writer& value(const std::string& text) { return value(std::string_view(text)); }
    template <class T>
    requires std::is_same_v<T, bool> Writer& value(T b) { return boolean(b); }
    template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) Writer& value(T n) {
        if constexpr (std::is_signed_v<T>) {
            return integer(static_cast<std::int64_t>(n));
        } else {
            return unsigned_integer(static_cast<std::uint64_t>(n));
        }
    }
    Writer& boolean(bool value);
    Writer& integer(std::int64_t value);
    Writer& unsigned_integer(std::uint64_t value);
    // Text that is a JSON number already.
    Writer& number(std::string_view text);
    // Text that is JSON already.
    Writer& raw(std::string_view json);

    template <class T>
    Writer& member(std::string_view key, T&& v) {
        return name(key).value(std::forward<T>(v));
    }

    std::string take();
    std::size_t size() const { return out_.size(); }

  private:
    void separate();
    void newline();

    std::string out_;
    std::vector<bool> has_items_;
    bool after_name_ = false;
    bool pretty_ = false;
};

// The text in quotes, escaped as Writer does.
std::string quoted(std::string_view text);

}  // namespace schwarm::json
