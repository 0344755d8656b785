#include "schwarm/http/form.hpp"

#include "schwarm/base/utf8.hpp"
#include "schwarm/http/url.hpp"
#include "text.hpp"

namespace schwarm::http {
namespace {

std::string at_byte(std::size_t offset) {
    return "byte " + std::to_string(offset);
}

Error too_many(std::string what, std::size_t offset) {
    return fail(ErrorCode::limit_exceeded, std::move(what), at_byte(offset));
}

Error malformed(std::string what, std::size_t offset) {
    return fail(ErrorCode::invalid_input, std::move(what), at_byte(offset));
}

bool is_clean_text(std::string_view text) {
    return text.find('\0') == std::string_view::npos && utf8::is_valid(text);
}

Result<void> check_field(std::string_view name, std::string_view value, const FormLimits& limits,
                         std::size_t offset) {
    if (name.size() > limits.name_bytes_max) return too_many("a field name is too long", offset);
    if (value.size() > limits.value_bytes_max) return too_many("a value is too long", offset);
    if (!is_clean_text(name) || !is_clean_text(value)) {
        return malformed("a field is not UTF-8 text", offset);
    }
    return {};
}

// The parameter of a header value such as `form-data; name="x"`; quoted or a token.
struct Parameters {
    std::string_view rest;

    // nullopt at the end; an error text if malformed.
    struct Item {
        std::string name;
        std::string value;
    };
    Result<std::optional<Item>> next() {
        rest = trim(rest);
        if (rest.empty()) return std::optional<Item>{};
        const auto equals = rest.find('=');
        if (equals == std::string_view::npos) return malformed("a parameter has no value", 0);
        Item item;
        item.name = to_lower(trim(rest.substr(0, equals)));
        rest = trim(rest.substr(equals + 1));
        if (rest.starts_with('"')) {
            std::size_t i = 1;
            for (; i < rest.size() && rest[i] != '"'; ++i) {
                // Browsers escape only the quote; a backslash elsewhere belongs to the file name.
                if (rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == '"') ++i;
                item.value.push_back(rest[i]);
            }
            if (i >= rest.size()) return malformed("a quoted parameter does not end", 0);
            rest = trim(rest.substr(i + 1));
            if (!rest.empty() && rest.front() != ';') return malformed("';' is missing", 0);
            if (!rest.empty()) rest.remove_prefix(1);
        } else {
            item.value = std::string(trim(take_until(rest, ';')));
        }
        return std::optional<Item>(std::move(item));
    }
};

struct PartHead {
    std::string name;
    std::string file_name;
    std::string content_type;
    bool is_file = false;
};

std::string last_component(std::string_view name) {
    const auto slash = name.find_last_of("/\\");
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    std::string out;
    for (const char c : name) {
        const auto u = static_cast<unsigned char>(c);
        if (u >= 0x20 && u != 0x7f) out.push_back(c);
    }
    return out;
}

Result<void> read_disposition(std::string_view value, PartHead& head, std::size_t offset) {
    if (to_lower(trim(take_until(value, ';'))) != "form-data") {
        return malformed("a part is no form-data", offset);
    }
    Parameters parameters{value};
    bool named = false;
    while (true) {
        auto item = parameters.next();
        if (item.has_error()) return malformed(item.error().message, offset);
        if (!item.value()) break;
        if (item.value()->name == "name") {
            if (named) return malformed("a part has two names", offset);
            named = true;
            head.name = std::move(item.value()->value);
        } else if (item.value()->name == "filename") {
            head.is_file = true;
            head.file_name = last_component(item.value()->value);
        }
    }
    if (!named) return malformed("a part has no name", offset);
    return {};
}

Result<PartHead> read_part_head(std::string_view text, std::size_t offset) {
    PartHead head;
    bool disposed = false;
    while (!text.empty()) {
        const auto end = text.find("\r\n");
        const std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 2);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) {
            return malformed("a part's header is malformed", offset);
        }
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = trim(line.substr(colon + 1));
        if (equal_ignoring_case(name, "Content-Disposition")) {
            if (disposed) return malformed("a part has two dispositions", offset);
            disposed = true;
            SCHWARM_TRY_VOID(read_disposition(value, head, offset));
        } else if (equal_ignoring_case(name, "Content-Type")) {
            head.content_type = std::string(value);
        } else if (equal_ignoring_case(name, "Content-Transfer-Encoding") &&
                   !equal_ignoring_case(value, "binary") && !equal_ignoring_case(value, "8bit") &&
                   !equal_ignoring_case(value, "7bit")) {
            return fail(ErrorCode::unsupported, "a part has a transfer encoding", at_byte(offset));
        }
    }
    if (!disposed) return malformed("a part has no Content-Disposition", offset);
    return head;
}

Result<std::string> boundary_of(std::string_view content_type) {
    std::string_view rest = content_type;
    if (to_lower(trim(take_until(rest, ';'))) != "multipart/form-data") {
        return fail(ErrorCode::unsupported, "the body is no form", "Content-Type");
    }
    Parameters parameters{rest};
    while (true) {
        auto item = parameters.next();
        if (item.has_error()) return fail(item.error().code, item.error().message, "Content-Type");
        if (!item.value()) break;
        const std::string& value = item.value()->value;
        if (item.value()->name != "boundary") continue;
        if (value.empty() || value.size() > 70 ||
            value.find_first_of("\r\n") != std::string::npos) {
            break;
        }
        return value;
    }
    return fail(ErrorCode::invalid_input, "the boundary is missing or malformed", "Content-Type");
}

// Takes one part: `text` stands behind the boundary line's CRLF and is moved to the next boundary.
class MultipartReader {
  public:
    MultipartReader(std::string_view body, std::string delimiter, const FormLimits& limits)
        : body_(body), delimiter_(std::move(delimiter)), limits_(limits) {}

    Result<Form> read() {
        const std::string_view first = std::string_view(delimiter_).substr(2);
        if (!body_.starts_with(first)) return malformed("the body does not start with a part", 0);
        position_ = first.size();
        while (true) {
            if (body_.substr(position_, 2) == "--") {
                const std::string_view tail = body_.substr(position_ + 2);
                if (!tail.empty() && tail != "\r\n") {
                    return malformed("there is something behind the last part", position_);
                }
                return std::move(form_);
            }
            if (body_.substr(position_, 2) != "\r\n") {
                return malformed("a boundary is malformed", position_);
            }
            position_ += 2;
            SCHWARM_TRY_VOID(read_part());
        }
    }

  private:
    Result<void> read_part() {
        const std::string_view window = body_.substr(position_, limits_.part_header_bytes_max);
        const auto head_end = window.find("\r\n\r\n");
        if (head_end == std::string_view::npos) {
            return window.size() == limits_.part_header_bytes_max
                       ? too_many("a part's header is too long", position_)
                       : malformed("a part's header does not end", position_);
        }
        SCHWARM_TRY(head, read_part_head(window.substr(0, head_end), position_));
        const std::size_t start = position_ + head_end + 4;
        // The CRLF before the next boundary may be the header's own end (an empty part).
        const auto end = body_.find(delimiter_, start - 2);
        if (end == std::string_view::npos) return malformed("a part does not end", position_);
        const std::string_view content =
            end < start ? std::string_view{} : body_.substr(start, end - start);
        if (head.is_file) {
            if (form_.files.size() >= limits_.files_max)
                return too_many("too many files", position_);
            SCHWARM_TRY_VOID(check_field(head.name, head.file_name, limits_, position_));
            form_.files.push_back(FormFile{std::move(head.name), std::move(head.file_name),
                                           std::move(head.content_type), content});
        } else {
            if (form_.fields.size() >= limits_.fields_max) {
                return too_many("too many fields", position_);
            }
            SCHWARM_TRY_VOID(check_field(head.name, content, limits_, position_));
            form_.fields.add(std::move(head.name), std::string(content));
        }
        position_ = end + delimiter_.size();
        return {};
    }

    std::string_view body_;
    std::string delimiter_;  // "\r\n--" boundary
    const FormLimits& limits_;
    std::size_t position_ = 0;
    Form form_;
};

}  // namespace

Result<Fields> parse_urlencoded(std::string_view text, const FormLimits& limits) {
    Fields fields;
    std::size_t position = 0;
    while (position < text.size()) {
        auto end = text.find('&', position);
        if (end == std::string_view::npos) end = text.size();
        const std::string_view pair = text.substr(position, end - position);
        const std::size_t offset = position;
        position = end + 1;
        if (pair.empty()) continue;
        if (fields.size() >= limits.fields_max) return too_many("too many fields", offset);
        const auto equals = pair.find('=');
        const std::string_view raw_value =
            equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        if (raw_value.size() > 3 * limits.value_bytes_max) {
            return too_many("a value is too long", offset);
        }
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(raw_value, true);
        if (!name || !value) {
            return malformed("an escape is not two hexadecimal digits", offset);
        }
        SCHWARM_TRY_VOID(check_field(*name, *value, limits, offset));
        fields.add(std::move(*name), std::move(*value));
    }
    return fields;
}

Result<Form> parse_multipart(std::string_view content_type, std::string_view body,
                             const FormLimits& limits) {
    SCHWARM_TRY(boundary, boundary_of(content_type));
    return MultipartReader(body, "\r\n--" + boundary, limits).read();
}

Result<Form> parse_form(const Request& request, const FormLimits& limits) {
    const std::string type = request.content_type();
    if (type == "application/x-www-form-urlencoded") {
        SCHWARM_TRY(fields, parse_urlencoded(request.body, limits));
        Form form;
        form.fields = std::move(fields);
        return form;
    }
    return parse_multipart(request.headers.get("Content-Type"), request.body, limits);
}

}  // namespace schwarm::http
