// The head of an answer as it goes over the wire.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/http/message.hpp"

namespace schwarm::net {

// "Name: value\r\n" lines every answer of a site has.
std::string site_headers(bool tls);

// Whether an answer to this method with this status has content (RFC 9110 clause 6.4.1).
bool body_allowed(http::Method method, int status);

// Status line and header, with the empty line.
void append_head(std::string& out, const http::Response& response, bool close,
                 std::string_view site, std::string_view date);

}  // namespace schwarm::net
