// Bodies of HTML forms: application/x-www-form-urlencoded (WHATWG URL) and multipart/form-data
// (RFC 7578), read strictly and under limits. Pure, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/http/fields.hpp"
#include "schwarm/http/message.hpp"

namespace schwarm::http {

struct FormLimits {
    std::size_t fields_max = 2'000;
    std::size_t name_bytes_max = 200;
    std::size_t value_bytes_max = 64 * 1024;
    std::size_t files_max = 20;
    std::size_t part_header_bytes_max = 4 * 1024;
};

// "a=1&b=%C3%BC+x". Errors: invalid_input (bad escape, invalid UTF-8, NUL), limit_exceeded; `where`
// is the place in the text.
Result<Fields> parse_urlencoded(std::string_view text, const FormLimits& limits = {});

// A file of a multipart form. The views point into the body.
struct FormFile {
    std::string name;          // of the field
    std::string file_name;     // last path component, control characters removed; may be empty
    std::string content_type;  // as the client says; not to be trusted
    std::string_view content;
};

struct Form {
    Fields fields;
    std::vector<FormFile> files;
};

// `content_type` is the whole header value with its boundary. Errors: invalid_input,
// limit_exceeded, unsupported.
Result<Form> parse_multipart(std::string_view content_type, std::string_view body,
                             const FormLimits& limits = {});

// By the request's Content-Type; unsupported for any other type. Files view request.body.
Result<Form> parse_form(const Request& request, const FormLimits& limits = {});

}  // namespace schwarm::http
