// The grammar of RFC 8259, read from well-formed UTF-8 without recursion. Numbers are passed on as
// their text, whatever their size.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "schwarm/json/json.hpp"

namespace schwarm::json {

// For one text; text, visitor and limits must outlive it.
class Reader {
  public:
    Reader(std::string_view text, Visitor& visitor, const Limits& limits)
        : text_(text), visitor_(visitor), limits_(limits) {}

    // Reads the whole text; false at the first error.
    bool run();
    const std::string& error() const { return error_; }
    bool limit_reached() const { return limit_reached_; }
    // Byte offset of the error.
    std::size_t position() const { return at_; }

  private:
    // The names of one object: few are compared one by one, many by a set.
    struct Names {
        std::vector<std::string> few;
        std::unordered_set<std::string> many;
        bool add(std::string_view name);
    };
    enum class Next : std::uint8_t { value, end_of_value, failed };

    // Without its members or items, if it has any: those follow.
    Next begin_value();
    Next begin_object();
    Next begin_array();
    // Behind a value: the comma or the end of what it stands in.
    Next behind_value();
    Next close();
    Next literal(std::string_view word);
    Next number();
    Next string_value();
    Next member_name();
    bool read_string();  // into token_
    bool escape();
    bool unicode_escape();
    bool hex(char32_t& code);

    void skip_space();
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool skip_digits();
    bool count_value();
    bool deeper();
    Next fail_at(std::size_t at, std::string reason);
    Next pass(bool accepted, std::size_t start, Next next);

    std::string_view text_;
    Visitor& visitor_;
    const Limits& limits_;
    std::size_t at_ = 0;
    std::size_t nodes_ = 0;
    std::string open_;  // '{' or '[' for everything that is open
    std::vector<Names> names_;
    std::string_view token_;  // of the last string; in the text or in buffer_
    std::string buffer_;
    std::string error_;
    bool limit_reached_ = false;
};

}  // namespace schwarm::json
