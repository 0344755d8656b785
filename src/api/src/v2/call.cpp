#include "call.hpp"

#include <charconv>

#include "schwarm/base/calendar.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr json::Limits kBodyLimits{http::kBodyBytesMax, 32, 100'000};
constexpr std::string_view kProblemType = "application/problem+json";

struct Shown {
    int status;
    std::string_view title;
};

// As Camunda's gateway names what went wrong.
Shown shown(const Error& error) {
    switch (error.code) {
        case ErrorCode::invalid_input:
        case ErrorCode::not_well_formed:
        case ErrorCode::unresolved:
            return {400, "INVALID_ARGUMENT"};
        case ErrorCode::unsupported:
            return {415, "UNSUPPORTED_MEDIA_TYPE"};
        case ErrorCode::unauthenticated:
            return {401, "UNAUTHENTICATED"};
        case ErrorCode::not_found:
        case ErrorCode::gone:
            return {404, "NOT_FOUND"};
        case ErrorCode::conflict:
            return {409, "INVALID_STATE"};
        case ErrorCode::limit_exceeded:
            return {413, "CONTENT_TOO_LARGE"};
        case ErrorCode::too_many_requests:
            return {429, "RESOURCE_EXHAUSTED"};
        case ErrorCode::unavailable:
        case ErrorCode::storage_failed:
            return {503, "UNAVAILABLE"};
        case ErrorCode::maybe_done:
            return {504, "DEADLINE_EXCEEDED"};
        case ErrorCode::corrupt:
        case ErrorCode::crypto_failed:
        case ErrorCode::quarantined:
        case ErrorCode::internal:
            return {500, "INTERNAL_ERROR"};
    }
    return {500, "INTERNAL_ERROR"};
}

}  // namespace

void Answer::json(std::string body, int status) const {
    respond_(http::Response::json(std::move(body), status));
}

void Answer::empty(int status) const {
    respond_(http::Response::empty(status));
}

void Answer::problem(int status, std::string_view title, std::string_view detail) const {
    json::Writer out;
    out.begin_object()
        .member("type", "about:blank")
        .member("title", title)
        .member("status", status)
        .member("detail", detail)
        .member("instance", instance_)
        .end_object();
    auto response = http::Response::make(status, kProblemType, out.take());
    if (status == 401) {
        response.header("WWW-Authenticate", "Basic realm=\"schwarm\", Bearer realm=\"schwarm\"");
    }
    if (status == 429 || status == 503) response.header("Retry-After", "1");
    respond_(std::move(response));
}

void Answer::problem(const Error& error) const {
    const auto [status, title] = shown(error);
    std::string detail = "the request cannot be answered because of an error of the node";
    if (status < 500 || error.code == ErrorCode::unavailable ||
        error.code == ErrorCode::maybe_done) {
        detail = error.where.empty() ? error.message : error.where + ": " + error.message;
    }
    if (status == 404 && detail.empty()) detail = "there is no such thing";
    problem(status, title, detail);
}

std::optional<std::uint64_t> parse_key(std::string_view text) {
    std::uint64_t key = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), key);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (key > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    return key;
}

void draw_key(const Call& call, std::function<void(Result<std::uint64_t>)> done) {
    auto key = std::make_shared<std::uint64_t>(0);
    call.api.runtime.submit_write(
        call.tenant(),
        [key](runtime::WriteBatch& batch) -> Result<void> {
            SCHWARM_TRY(number, batch.next_number("key"));
            *key = runtime::global_key(number);
            return {};
        },
        [key, done = std::move(done)](const Result<void>& written) {
            if (!written) return done(written.error());
            done(*key);
        });
}

Result<std::uint64_t> key_param(const Call& call, std::string_view name) {
    const auto key = parse_key(call.request.param(name));
    if (!key) return fail(ErrorCode::invalid_input, "this is no key", std::string(name));
    return *key;
}

Result<std::optional<std::uint64_t>> key_member(const json::Value& body, std::string_view name) {
    const auto* member = body.find(name);
    if (member == nullptr || member->is_null()) return std::optional<std::uint64_t>();
    std::optional<std::uint64_t> key;
    if (member->is_string()) key = parse_key(member->as_string());
    if (member->is_number()) key = parse_key(member->number_text());
    if (!key) return fail(ErrorCode::invalid_input, "this is no key", std::string(name));
    return key;
}

std::string time_text(Instant at) {
    auto text = DateTime::from_instant(at, Zone::utc()).to_string();
    // Clients expect milliseconds always.
    const auto zone = text.rfind('Z');
    const auto dot = text.find('.');
    if (zone == std::string::npos) return text;
    if (dot == std::string::npos) {
        text.insert(zone, ".000");
    } else {
        text.insert(zone, std::string(4 - std::min<std::size_t>(4, zone - dot), '0'));
    }
    return text;
}

std::optional<Instant> parse_time(std::string_view text) {
    const auto parsed = DateTime::parse(text);
    if (!parsed) return std::nullopt;
    return parsed->to_instant();
}

Result<json::Value> json_body(const Call& call) {
    const auto& request = call.request;
    if (request.body.empty()) return json::Value::object();
    const auto type = request.content_type();
    if (type != "application/json" && !type.ends_with("+json")) {
        return fail(ErrorCode::unsupported, "the body must be application/json", "Content-Type");
    }
    SCHWARM_TRY(body, json::parse(request.body, kBodyLimits));
    if (body.is_null()) return json::Value::object();
    if (!body.is_object()) {
        return fail(ErrorCode::invalid_input, "the body must be a JSON object");
    }
    return body;
}

Result<feel::Value> variables_member(const json::Value& body, std::string_view name) {
    const auto* member = body.find(name);
    if (member == nullptr || member->is_null()) return feel::ContextBuilder().build();
    if (!member->is_object()) {
        return fail(ErrorCode::invalid_input, "this must be an object", std::string(name));
    }
    return feel::from_json(*member);
}

Result<std::string> text_member(const json::Value& body, std::string_view name) {
    const auto* member = body.find(name);
    if (member == nullptr || member->is_null()) return std::string();
    if (!member->is_string()) {
        return fail(ErrorCode::invalid_input, "this must be a text", std::string(name));
    }
    return member->as_string();
}

Result<void> check_tenant(const Call& call, std::string_view named) {
    if (named.empty() || named == "<default>" || named == call.tenant().value()) return {};
    return fail(ErrorCode::not_found, "there is no tenant '" + std::string(named) + "'");
}

}  // namespace schwarm::api::v2
