// Escaping for HTML (WHATWG HTML, serialisation), and for parts of a URL (RFC 3986).
#pragma once

#include <string>
#include <string_view>

namespace schwarm::html {

// & < > " ' become character references; right for text and for quoted attributes. Control
// characters other than tab, line feed and carriage return are dropped.
void escape_to(std::string& out, std::string_view text);
std::string escape(std::string_view text);

// Text into a URL attribute: refused schemes (anything but http, https, mailto, tel and relative
// references) become "#", the rest is escaped for the attribute.
void escape_url_to(std::string& out, std::string_view text);

// Percent-encodes everything but unreserved characters.
std::string url_encode(std::string_view text);

}  // namespace schwarm::html
