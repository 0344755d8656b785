#include "answer.hpp"

namespace schwarm::net {

std::string site_headers(bool tls) {
    std::string out =
        "X-Content-Type-Options: nosniff\r\n"
        "Referrer-Policy: same-origin\r\n"
        "Cross-Origin-Opener-Policy: same-origin\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "script-src 'self'\r\n";
    if (tls) out += "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n";
    return out;
}

bool body_allowed(http::Method method, int status) {
    return method != http::Method::head && status != 204 && status != 304;
}

void append_head(std::string& out, const http::Response& response, bool close,
                 std::string_view site, std::string_view date) {
    out += "HTTP/1.1 ";
    out += std::to_string(response.status);
    out += ' ';
    out += http::reason_phrase(response.status);
    out += "\r\n";
    out += date;
    out += site;
    bool cache_control = false;
    for (const auto& [name, value] : response.headers) {
        cache_control = cache_control || http::equal_ignoring_case(name, "Cache-Control");
        out += name;
        out += ": ";
        out += value;
        out += "\r\n";
    }
    if (!cache_control) out += "Cache-Control: no-store\r\n";
    if (response.status != 204 && response.status != 304) {
        out += "Content-Length: ";
        out += std::to_string(response.content().size());
        out += "\r\n";
    }
    out += close ? "Connection: close\r\n\r\n" : "\r\n";
}

}  // namespace schwarm::net
