#include "routes.hpp"

#include <algorithm>
#include <memory>

#include "history_routes.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/http/form.hpp"

namespace schwarm::api {
namespace v2 {
namespace {

std::vector<Route> collect() {
    std::vector<Route> all;
    for (const auto family : {cluster_routes(),
                              deployment_routes(),
                              process_definition_routes(),
                              decision_routes(),
                              expression_routes(),
                              document_routes(),
                              clock_routes(),
                              process_instance_creation_routes(),
                              process_instance_command_routes(),
                              process_instance_search_routes(),
                              process_statistics_routes(),
                              element_instance_search_routes(),
                              element_instance_command_routes(),
                              variable_search_routes(),
                              user_task_search_routes(),
                              user_task_command_routes(),
                              job_search_routes(),
                              job_command_routes(),
                              incident_search_routes(),
                              decision_instance_search_routes(),
                              subscription_search_routes(),
                              message_command_routes(),
                              batch_operation_routes()}) {
        all.insert(all.end(), family.begin(), family.end());
    }
    return all;
}

// Who may not is told so within the own tenant only.
void refuse(const Answer& answer, const app::Principal& principal, app::Action action) {
    if (principal.tenant.value().empty()) {
        return answer.problem(404, "NOT_FOUND", "there is no such thing");
    }
    answer.problem(403, "FORBIDDEN",
                   "the role of this client does not allow " + std::string(name_of(action)));
}

void dispatch(const V2Dependencies& api, const Route& route, const http::Request& request,
              http::Respond respond) {
    const Answer answer(std::move(respond), request.path);
    Call call{api, request, {}};
    if (route.action) {
        auto principal = principal_of(api, request);
        if (!principal) return answer.problem(principal.error());
        call.principal = std::move(*principal);
        app::Object own;
        own.tenant = call.principal.tenant;
        if (app::decide_access(call.principal, *route.action, own).has_error()) {
            return refuse(answer, call.principal, *route.action);
        }
    }
    route.handle(call, answer);
}

std::optional<std::string> base64_decode(std::string_view text) {
    std::string url(text);
    std::replace(url.begin(), url.end(), '+', '-');
    std::replace(url.begin(), url.end(), '/', '_');
    while (url.ends_with('=')) url.pop_back();
    auto bytes = crypto::base64url_decode(url);
    if (!bytes) return std::nullopt;
    return std::move(*bytes);
}

http::Response oauth_error(int status, std::string_view error, std::string_view description) {
    json::Writer out;
    out.begin_object().member("error", error).member("error_description", description).end_object();
    auto response = http::Response::json(out.take(), status);
    if (status == 401) response.header("WWW-Authenticate", "Basic realm=\"schwarm\"");
    if (status == 429) response.header("Retry-After", "60");
    return response;
}

struct TokenRequest {
    std::string grant, id, secret;
};

Result<TokenRequest> token_request(const http::Request& request) {
    TokenRequest out;
    if (request.content_type() == "application/json") {
        SCHWARM_TRY(body, json::parse(request.body, {.max_bytes = 64 * 1024}));
        out.grant = body.string_or("grant_type", "");
        out.id = body.string_or("client_id", "");
        out.secret = body.string_or("client_secret", "");
    } else {
        SCHWARM_TRY(form, http::parse_form(request));
        out.grant = form.fields.get("grant_type");
        out.id = form.fields.get("client_id");
        out.secret = form.fields.get("client_secret");
    }
    if (auto basic = basic_credentials(request)) {
        out.id = std::move(basic->first);
        out.secret = std::move(basic->second);
    }
    return out;
}

}  // namespace

const std::vector<Route>& all_routes() {
    static const std::vector<Route> routes = collect();
    return routes;
}

std::optional<std::pair<std::string, std::string>> basic_credentials(const http::Request& request) {
    constexpr std::string_view kBasic = "Basic ";
    const auto header = request.header("authorization");
    if (!http::equal_ignoring_case(header.substr(0, kBasic.size()), kBasic)) return std::nullopt;
    const auto text = base64_decode(header.substr(kBasic.size()));
    if (!text) return std::nullopt;
    const auto colon = text->find(':');
    if (colon == std::string::npos) return std::nullopt;
    return std::pair(text->substr(0, colon), text->substr(colon + 1));
}

Result<app::Principal> principal_of(const V2Dependencies& api, const http::Request& request) {
    constexpr std::string_view kBearer = "Bearer ";
    const auto header = request.header("authorization");
    if (const auto basic = basic_credentials(request)) {
        return api.clients.by_secret(basic->first, basic->second);
    }
    if (http::equal_ignoring_case(header.substr(0, kBearer.size()), kBearer)) {
        const auto token = header.substr(kBearer.size());
        if (auto known = api.identities.by_token(token)) return std::move(*known);
        return api.clients.by_token(token);
    }
    return fail(ErrorCode::unauthenticated,
                "sign in with Basic credentials or a bearer token of POST /oauth/token");
}

void issue_token(const V2Dependencies& api, const http::Request& request,
                 const http::Respond& respond) {
    const auto wanted = token_request(request);
    if (!wanted) return respond(oauth_error(400, "invalid_request", wanted.error().message));
    if (wanted->grant != "client_credentials") {
        return respond(oauth_error(400, "unsupported_grant_type",
                                   "the only grant type is client_credentials"));
    }
    const auto principal = api.clients.by_secret(wanted->id, wanted->secret);
    if (!principal) {
        const auto& error = principal.error();
        if (error.code == ErrorCode::unauthenticated) {
            return respond(oauth_error(401, "invalid_client", error.message));
        }
        const bool wait = error.code == ErrorCode::too_many_requests;
        return respond(oauth_error(wait ? 429 : 503, "temporarily_unavailable",
                                   wait ? error.message : "try again later"));
    }
    const auto token = api.clients.issue_token(*principal);
    if (!token) return respond(oauth_error(503, "temporarily_unavailable", "try again later"));
    json::Writer out;
    out.begin_object()
        .member("access_token", *token)
        .member("token_type", "Bearer")
        .member("expires_in", app::ApiClients::kTokenLifetime.count())
        .end_object();
    respond(http::Response::json(out.take()).header("Cache-Control", "no-store"));
}

}  // namespace v2

void add_v2_routes(http::Router& router, const V2Dependencies& dependencies) {
    const auto api = std::make_shared<const V2Dependencies>(dependencies);
    for (const auto& route : v2::all_routes()) {
        router.add(route.method, "/v2" + std::string(route.path),
                   [api, &route](const http::Request& request, http::Respond respond) {
                       v2::dispatch(*api, route, request, std::move(respond));
                   },
                   {route.body_bytes_max});
    }
    router.post("/oauth/token", [api](const http::Request& request, const http::Respond& respond) {
        v2::issue_token(*api, request, respond);
    });
    router.get("/v2/openapi.json",
               [text = std::make_shared<const std::string>(v2::openapi_json(dependencies.version))](
                   const http::Request&, const http::Respond& respond) {
                   auto response = http::Response::json({});
                   response.shared_body = text;
                   respond(std::move(response));
               });
}

}  // namespace schwarm::api
