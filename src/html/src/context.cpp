#include "context.hpp"

#include <cctype>

namespace schwarm::html {
namespace {

bool space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
char lower(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}
bool letter(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

bool url_attribute(std::string_view name) {
    return name == "href" || name == "src" || name == "action" || name == "formaction" ||
           name == "cite" || name == "data" || name == "poster";
}

bool raw_element(std::string_view tag) {
    return tag == "script" || tag == "style";
}

}  // namespace

Result<void> HtmlContext::feed(std::string_view literal) {
    for (char c : literal) {
        SCHWARM_TRY_VOID(step(c));
    }
    return {};
}

void HtmlContext::begin_value(char quote) {
    state_ = State::value;
    quote_ = quote;
    value_empty_ = true;
}

Result<void> HtmlContext::step(char c) {
    switch (state_) {
        case State::text:
            if (c == '<') {
                state_ = State::tag_open;
                tag_.clear();
            }
            break;
        case State::tag_open:
            if (c == '!') {
                state_ = State::comment;
                tail_.clear();
            } else if (c == '/' || letter(c)) {
                state_ = State::tag_name;
                tag_ += lower(c);
            } else {
                return fail(ErrorCode::not_well_formed, "write &lt; for a < that opens no tag");
            }
            break;
        case State::tag_name:
        case State::in_tag:
        case State::attribute_name:
        case State::attribute_done:
            if (c == '>') {
                state_ = raw_element(tag_) ? State::raw : State::text;
                attribute_.clear();
                tail_.clear();
            } else if (space(c) || c == '/') {
                state_ = State::in_tag;
            } else if (c == '=') {
                if (state_ != State::attribute_name) {
                    return fail(ErrorCode::not_well_formed, "'=' without an attribute name");
                }
                state_ = State::after_equals;
            } else if (state_ == State::attribute_done) {
                return fail(ErrorCode::not_well_formed,
                            "an attribute name may not be put together from parts");
            } else if (state_ == State::tag_name) {
                tag_ += lower(c);
            } else {
                if (state_ == State::in_tag) {
                    attribute_.clear();
                }
                state_ = State::attribute_name;
                attribute_ += lower(c);
            }
            break;
        case State::after_equals:
            if (c == '"' || c == '\'') {
                begin_value(c);
            } else if (!space(c)) {
                state_ = State::unquoted;
            }
            break;
        case State::value:
            if (c == quote_) {
                state_ = State::in_tag;
                attribute_.clear();
                quote_ = 0;
            }
            value_empty_ = state_ != State::value;
            break;
        case State::unquoted:
            if (c == '>') {
                state_ = State::text;
            } else if (space(c)) {
                state_ = State::in_tag;
            }
            attribute_.clear();
            break;
        case State::comment:
            tail_ += c;
            // A doctype has no "--" and ends at the first ">".
            if (c == '>' && (!tail_.starts_with("--") || tail_.ends_with("-->"))) {
                state_ = State::text;
                tail_.clear();
            }
            break;
        case State::raw:
            tail_ += lower(c);
            if (tail_.ends_with("</" + tag_)) {
                state_ = State::tag_name;
                tag_ = "/" + tag_;
                tail_.clear();
            } else if (tail_.size() > 64) {
                tail_.erase(0, 32);
            }
            break;
    }
    return {};
}

Result<Escaping> HtmlContext::placeholder() {
    if (state_ == State::text) {
        return Escaping::text;
    }
    if (state_ == State::value) {
        if (attribute_.starts_with("on") || attribute_ == "style" || attribute_ == "srcdoc") {
            return fail(ErrorCode::unsupported,
                        "no placeholder is safe in the attribute " + attribute_);
        }
        const bool first = value_empty_;
        value_empty_ = false;
        if (!url_attribute(attribute_)) {
            return Escaping::attribute;
        }
        return first ? Escaping::url_start : Escaping::url_part;
    }
    return fail(ErrorCode::unsupported, "no placeholder is safe in " + describe());
}

Result<void> HtmlContext::boundary() {
    switch (state_) {
        case State::text:
        case State::in_tag:
        case State::attribute_done:
            return {};
        case State::value:
            // The start of an address decides its scheme, so it must come from one place.
            if (value_empty_ && url_attribute(attribute_)) {
                return fail(ErrorCode::unsupported,
                            "no block may stand at the start of the attribute " + attribute_);
            }
            return {};
        case State::tag_name:
        case State::attribute_name:
            state_ = State::attribute_done;
            attribute_.clear();
            return {};
        default:
            return fail(ErrorCode::unsupported, "no block may begin or end in " + describe());
    }
}

void HtmlContext::after_block() {
    if (state_ == State::in_tag) {
        state_ = State::attribute_done;
    }
}

bool HtmlContext::compatible(const HtmlContext& before) const {
    const auto plain = [](State state) {
        return state == State::attribute_done ? State::in_tag : state;
    };
    if (plain(state_) != plain(before.state_) || quote_ != before.quote_) {
        return false;
    }
    return state_ != State::value || attribute_ == before.attribute_;
}

std::string HtmlContext::describe() const {
    switch (state_) {
        case State::text:
            return "text";
        case State::tag_open:
        case State::tag_name:
            return "a tag's name";
        case State::in_tag:
        case State::attribute_done:
            return "a tag, outside of attribute values";
        case State::attribute_name:
            return "the attribute name " + attribute_;
        case State::after_equals:
        case State::unquoted:
            return "an attribute value without quotes";
        case State::value:
            return "the attribute " + attribute_;
        case State::comment:
            return "a comment";
        case State::raw:
            return "the element " + tag_;
    }
    return {};
}

}  // namespace schwarm::html
