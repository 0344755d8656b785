#include "request_hash.hpp"

#include <algorithm>
#include <array>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"

namespace schwarm::xroad {
namespace {

// Hop by hop, or telling who asks (PR-REST 4.3), and what a client must not say itself.
constexpr std::array<std::string_view, 15> kTakenAway = {
    "transfer-encoding",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "upgrade",
    "connection",
    "user-agent",
    "host",
    "content-length",
    "server",
    "expect",
    "x-road-request-id",
    "x-road-request-hash",
};

bool taken_away(std::string_view name) {
    return std::any_of(kTakenAway.begin(), kTakenAway.end(),
                       [&](std::string_view one) { return http::equal_ignoring_case(one, name); });
}

void add_line(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ':';
    out += value;
    out += "\r\n";
}

}  // namespace

std::string base64(std::string_view bytes) {
    std::string out = crypto::base64url_encode(bytes);
    std::replace(out.begin(), out.end(), '-', '+');
    std::replace(out.begin(), out.end(), '_', '/');
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

std::string request_text(std::string_view verb, std::string_view target,
                         const http::Headers& headers, const Added& added) {
    std::string out(verb);
    out += "\r\n";
    out += target;
    out += "\r\n";
    for (const auto& [name, value] : headers) {
        if (!taken_away(name)) add_line(out, name, value);
    }
    add_line(out, "x-road-request-id", added.request_id);
    if (!added.id.empty()) add_line(out, "x-road-id", added.id);
    return out;
}

std::string request_hash(std::string_view text, std::string_view body) {
    std::string hash = crypto::sha512(text);
    if (!body.empty()) hash = crypto::sha512(hash + crypto::sha512(body));
    return base64(hash);
}

}  // namespace schwarm::xroad
