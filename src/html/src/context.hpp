// Follows the HTML tokeniser (WHATWG HTML 13.2.5) over the literal parts of a template, so that the
// escaping of each placeholder is known. Simplified: character references, CDATA and doctypes do
// not change the context.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"

namespace schwarm::html {

// How a placeholder must be escaped.
enum class Escaping { text, attribute, url_start, url_part };

class HtmlContext {
  public:
    // Reads literal HTML. Error: markup in which placeholders could not be kept safe.
    Result<void> feed(std::string_view literal);
    // A placeholder stands here.
    Result<Escaping> placeholder();
    // A block begins or a branch of it ends here: attribute names may not be split by it.
    Result<void> boundary();
    // A block ended: what follows in a tag may not continue a name that stands in one branch only.
    void after_block();
    bool in_text() const { return state_ == State::text; }
    // A block that began in `before` may end here: the same place, and in a URL the same part.
    bool compatible(const HtmlContext& before) const;
    // "text", "attribute href", ...
    std::string describe() const;

  private:
    enum class State {
        text,
        tag_open,
        tag_name,
        in_tag,
        attribute_name,
        attribute_done,
        after_equals,
        value,
        unquoted,
        comment,
        raw,
    };
    Result<void> step(char c);
    void begin_value(char quote);

    State state_ = State::text;
    char quote_ = 0;
    bool value_empty_ = true;  // nothing of the attribute's value seen so far
    std::string tag_;          // lower case
    std::string attribute_;    // lower case
    std::string tail_;         // of a comment or raw text, to see its end
};

}  // namespace schwarm::html
