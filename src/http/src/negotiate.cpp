#include "schwarm/http/negotiate.hpp"

#include <optional>

#include "text.hpp"

namespace schwarm::http {
namespace {

// A weight of RFC 9110 clause 12.4.2 in thousandths; nullopt if malformed.
std::optional<int> parse_weight(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    int value = (text[0] - '0') * 1000;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    int place = 100;
    for (std::size_t i = 2; i < text.size(); ++i, place /= 10) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value += (text[i] - '0') * place;
    }
    return value <= 1000 ? std::optional<int>(value) : std::nullopt;
}

struct Preference {
    std::string_view value;
    int weight = 1000;
};

// One item "de-DE;q=0.8"; weight 0 if malformed.
Preference parse_preference(std::string_view item) {
    Preference out;
    out.value = trim(take_until(item, ';'));
    while (!item.empty()) {
        std::string_view parameter = trim(take_until(item, ';'));
        if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
            out.weight = parse_weight(parameter.substr(2)).value_or(0);
        }
    }
    return out;
}

int weight_for(std::string_view header, std::string_view token) {
    int best = 0;
    while (!header.empty()) {
        const Preference p = parse_preference(take_until(header, ','));
        if (equal_ignoring_case(p.value, token)) best = std::max(best, p.weight);
    }
    return best;
}

}  // namespace

std::string_view negotiate_language(std::string_view header,
                                    std::span<const std::string_view> supported) {
    std::string_view best = supported.front();
    int best_weight = 0;
    while (!header.empty()) {
        const Preference p = parse_preference(take_until(header, ','));
        if (p.weight <= best_weight) continue;
        for (const std::string_view language : supported) {
            const bool fits =
                p.value == "*" ||
                (equal_ignoring_case(p.value.substr(0, language.size()), language) &&
                 (p.value.size() == language.size() || p.value[language.size()] == '-'));
            if (!fits) continue;
            best = language;
            best_weight = p.weight;
            break;
        }
    }
    return best;
}

bool accepts_html(std::string_view accept) {
    const int html = weight_for(accept, "text/html");
    return html > 0 && html >= weight_for(accept, "application/json");
}

bool accepts_gzip(std::string_view accept_encoding) {
    return weight_for(accept_encoding, "gzip") > 0;
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
    while (!if_none_match.empty()) {
        std::string_view tag = trim(take_until(if_none_match, ','));
        if (tag == "*") return true;
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        if (tag == etag) return true;
    }
    return false;
}

Response static_response(const Request& request, const StaticFile& file) {
    const bool gzip = !file.gzip.empty() && accepts_gzip(request.headers.get("Accept-Encoding"));
    std::string etag = "\"";
    etag += file.hash;
    if (gzip) etag += "-gz";
    etag += '"';
    Response response;
    response.headers.add("ETag", etag);
    response.headers.add("Cache-Control", file.immutable ? "public, max-age=31536000, immutable"
                                                         : "public, max-age=0, must-revalidate");
    if (!file.gzip.empty()) response.headers.add("Vary", "Accept-Encoding");
    if (etag_matches(request.headers.get("If-None-Match"), etag)) {
        response.status = 304;
        return response;
    }
    response.headers.add("Content-Type", std::string(file.media_type));
    if (gzip) response.headers.add("Content-Encoding", "gzip");
    response.static_body = gzip ? file.gzip : file.bytes;
    return response;
}

}  // namespace schwarm::http
