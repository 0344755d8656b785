// X-Road-Request-Hash (PR-REST 4.3): ties an answer to the very request. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/http/message.hpp"

namespace schwarm::xroad {

// With padding (RFC 4648 section 4).
std::string base64(std::string_view bytes);

// What was added to the request on its way.
struct Added {
    std::string_view request_id;
    std::string_view id;  // X-Road-Id, if the application did not send one; else empty
};

// Verb, target and headers as they are hashed: `target` is http::Request's; headers
// in the order of arrival with repeated ones, without those that X-Road takes away.
std::string request_text(std::string_view verb, std::string_view target,
                         const http::Headers& headers, const Added& added);

// base64(SHA512(text)), with a body base64(SHA512(SHA512(text) || SHA512(body))).
std::string request_hash(std::string_view text, std::string_view body);

}  // namespace schwarm::xroad
