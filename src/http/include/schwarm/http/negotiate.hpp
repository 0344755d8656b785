// Content negotiation, conditional requests and static files (RFC 9110 clauses 12 and 13).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "schwarm/http/message.hpp"

namespace schwarm::http {

// The best of `supported` ("de", "en") for an Accept-Language header; the first one if nothing fits
// or the header is missing or malformed.
std::string_view negotiate_language(std::string_view header,
                                    std::span<const std::string_view> supported);

// Whether the client prefers HTML over JSON (browsers say text/html).
bool accepts_html(std::string_view accept);
bool accepts_gzip(std::string_view accept_encoding);

// Whether one of the tags of If-None-Match is `etag` (with its quotes), compared weakly, or '*'.
bool etag_matches(std::string_view if_none_match, std::string_view etag);

// A file of the program image or another place that outlives the answer.
struct StaticFile {
    std::string_view bytes;
    std::string_view gzip;  // may be empty
    std::string_view media_type;
    std::string_view hash;  // of the content; becomes the ETag
    bool immutable = true;  // its address changes with its content
};
// 200 or 304, with ETag, Vary and Cache-Control; copies no bytes.
Response static_response(const Request& request, const StaticFile& file);

}  // namespace schwarm::http
