#include "schwarm/http/message.hpp"

#include <algorithm>
#include <atomic>

#include "schwarm/base/check.hpp"
#include "schwarm/base/utf8.hpp"
#include "schwarm/http/form.hpp"
#include "schwarm/json/writer.hpp"
#include "text.hpp"

namespace schwarm::http {
namespace {

bool is_header_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return u >= 0x20 && u != 0x7f;
    });
}

bool is_cookie_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return u > 0x20 && u < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
    });
}

}  // namespace

std::string_view name_of(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::head:
            return "HEAD";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::del:
            return "DELETE";
        case Method::options:
            return "OPTIONS";
        case Method::other:
            break;
    }
    return "OTHER";
}

Method method_of(std::string_view name) {
    for (const Method m : {Method::get, Method::head, Method::post, Method::put, Method::patch,
                           Method::del, Method::options}) {
        if (name == name_of(m)) return m;
    }
    return Method::other;
}

std::string Request::content_type() const {
    std::string_view value = headers.get("Content-Type");
    return to_lower(trim(take_until(value, ';')));
}

std::optional<std::string> Request::cookie(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (!equal_ignoring_case(key, "Cookie")) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            std::string_view pair = trim(take_until(rest, ';'));
            const auto equals = pair.find('=');
            if (equals == std::string_view::npos || trim(pair.substr(0, equals)) != name) continue;
            std::string_view found = trim(pair.substr(equals + 1));
            if (found.size() >= 2 && found.front() == '"' && found.back() == '"') {
                found = found.substr(1, found.size() - 2);
            }
            return std::string(found);
        }
    }
    return std::nullopt;
}

Result<Fields> Request::query_fields() const {
    auto fields = parse_urlencoded(query);
    if (fields.has_error()) {
        const Error& error = fields.error();
        return fail(error.code, error.message, "query, " + error.where);
    }
    return fields;
}

Response& Response::header(std::string name, std::string value) {
    CHECK(is_header_text(name) && is_header_text(value), "header with control characters");
    headers.add(std::move(name), std::move(value));
    return *this;
}

Response& Response::set_cookie(const Cookie& cookie) {
    CHECK(
        !cookie.name.empty() && std::all_of(cookie.name.begin(), cookie.name.end(), is_token_char),
        "the cookie's name is no token");
    CHECK(is_cookie_text(cookie.value), "the cookie's value has characters that need quoting");
    std::string text = cookie.name + "=" + cookie.value + "; Path=/; HttpOnly; SameSite=";
    text += cookie.same_site == SameSite::strict ? "Strict" : "Lax";
    if (cookie.secure) text += "; Secure";
    if (cookie.max_age_seconds) text += "; Max-Age=" + std::to_string(*cookie.max_age_seconds);
    headers.add("Set-Cookie", std::move(text));
    return *this;
}

Response Response::make(int status, std::string_view content_type, std::string body) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", std::string(content_type));
    response.body = std::move(body);
    return response;
}

Response Response::html(std::string body, int status) {
    return make(status, "text/html; charset=utf-8", std::move(body));
}

Response Response::json(std::string body, int status) {
    return make(status, "application/json", std::move(body));
}

Response Response::text(std::string body, int status) {
    return make(status, "text/plain; charset=utf-8", std::move(body));
}

Response Response::empty(int status) {
    Response response;
    response.status = status;
    return response;
}

Response Response::see_other(std::string location) {
    CHECK(location.starts_with('/') && !location.starts_with("//") && is_header_text(location) &&
              location.find('\\') == std::string::npos,
          "a redirect leads to a path of this site");
    Response response;
    response.status = 303;
    response.headers.add("Location", std::move(location));
    return response;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "";
    }
}

namespace {

std::string_view title_of(ErrorCode code) {
    switch (code) {
#define SCHWARM_ERROR(name, http_status, retryable, text) \
    case ErrorCode::name:                                 \
        return text;
#include "schwarm/base/errors.def"
#undef SCHWARM_ERROR
    }
    return "an error";
}

// Messages of these name what went wrong inside; they are for the log.
bool is_inner(ErrorCode code) {
    return code == ErrorCode::internal || code == ErrorCode::corrupt ||
           code == ErrorCode::crypto_failed || code == ErrorCode::storage_failed;
}

}  // namespace

Response problem(const Error& error, std::string_view request_id, int status) {
    if (status == 0) status = http_status_of(error.code);
    json::Writer writer;
    writer.begin_object();
    writer.member("type", "about:blank");
    writer.member("title", title_of(error.code));
    writer.member("status", status);
    if (!is_inner(error.code)) {
        if (!error.message.empty()) writer.member("detail", error.message);
        if (!error.where.empty()) writer.member("where", error.where);
    }
    writer.member("code", name_of(error.code));
    if (!request_id.empty()) writer.member("request", request_id);
    writer.end_object();
    Response response = Response::make(status, "application/problem+json", writer.take());
    if (retryable(error.code)) response.headers.add("Retry-After", "1");
    return response;
}

struct Respond::State {
    std::shared_ptr<Sink> sink;
    std::function<void(Response)> function;
    std::atomic<bool> sent{false};

    void send(Response response) {
        if (sent.exchange(true)) return;
        if (sink) {
            std::shared_ptr<Sink> taker = std::move(sink);
            taker->send(std::move(response));
        } else {
            function(std::move(response));
        }
    }
    ~State() {
        if (!sent) send(problem(fail(ErrorCode::internal, "the request was not answered")));
    }
};

Respond::Respond(std::shared_ptr<Sink> sink) : state_(std::make_shared<State>()) {
    state_->sink = std::move(sink);
}

Respond::Respond(std::function<void(Response)> send) : state_(std::make_shared<State>()) {
    state_->function = std::move(send);
}

void Respond::operator()(Response response) const {
    state_->send(std::move(response));
}

}  // namespace schwarm::http
