// The OpenAPI document: the table of routes and the schemas that it names.
#include <map>

#include "routes.hpp"
#include "schemas.hpp"

namespace schwarm::api::v2 {
namespace {

void write_reference(json::Writer& out, std::string_view schema) {
    out.begin_object().member("$ref", "#/components/schemas/" + std::string(schema)).end_object();
}

void write_content(json::Writer& out, std::string_view type, std::string_view schema) {
    out.name("content").begin_object().name(type).begin_object().name("schema");
    write_reference(out, schema);
    out.end_object().end_object();
}

void write_parameters(json::Writer& out, std::string_view path) {
    out.name("parameters").begin_array();
    for (auto begin = path.find('{'); begin != std::string_view::npos;
         begin = path.find('{', begin + 1)) {
        const auto end = path.find('}', begin);
        out.begin_object()
            .member("name", path.substr(begin + 1, end - begin - 1))
            .member("in", "path")
            .member("required", true)
            .name("schema")
            .begin_object()
            .member("type", "string")
            .end_object()
            .end_object();
    }
    out.end_array();
}

void write_responses(json::Writer& out, const Route& route) {
    out.name("responses").begin_object();
    out.name(std::to_string(route.status)).begin_object().member("description", route.summary);
    if (!route.response.empty()) write_content(out, route.response_type, route.response);
    out.end_object();
    out.name("default").begin_object().member("description", "What went wrong");
    write_content(out, "application/problem+json", "ProblemDetail");
    out.end_object().end_object();
}

// The roles that the access table lets in, so that the document cannot say anything else.
void write_roles(json::Writer& out, app::Action action) {
    out.name("x-roles").begin_array();
    for (const auto kind : {app::PrincipalKind::worker, app::PrincipalKind::deployer,
                            app::PrincipalKind::process_operator}) {
        app::Principal principal;
        principal.kind = kind;
        principal.tenant = TenantId("x");
        app::Object own;
        own.tenant = principal.tenant;
        if (app::decide_access(principal, action, own)) out.value(app::role_name(kind));
    }
    out.end_array();
}

std::string method_name(http::Method method) {
    std::string name(http::name_of(method));
    for (char& c : name) c = static_cast<char>(c | 0x20);
    return name;
}

void write_operation(json::Writer& out, const Route& route) {
    out.name(method_name(route.method)).begin_object();
    out.member("operationId", route.operation).member("summary", route.summary);
    out.name("tags").begin_array().value(route.tag).end_array();
    if (route.action) {
        write_roles(out, *route.action);
    } else {
        out.name("security").begin_array().end_array();
    }
    write_parameters(out, route.path);
    if (!route.request.empty()) {
        out.name("requestBody").begin_object();
        write_content(out, route.request_type, route.request);
        out.end_object();
    }
    write_responses(out, route);
    out.end_object();
}

void write_security(json::Writer& out) {
    out.name("securitySchemes").begin_object();
    out.name("basic").begin_object().member("type", "http").member("scheme", "basic").end_object();
    out.name("oauth").begin_object().member("type", "oauth2").name("flows").begin_object();
    out.name("clientCredentials").begin_object().member("tokenUrl", "/oauth/token");
    out.name("scopes").begin_object().end_object();
    out.end_object().end_object().end_object();
    out.name("bearer").begin_object().member("type", "http").member("scheme", "bearer");
    out.end_object().end_object();
}

}  // namespace

std::string openapi_json(std::string_view version) {
    std::map<std::string_view, std::vector<const Route*>> by_path;
    for (const auto& route : all_routes()) by_path[route.path].push_back(&route);
    json::Writer out;
    out.begin_object().member("openapi", "3.0.3").name("info").begin_object();
    out.member("title", "Schwarm, REST API after Camunda 8.8").member("version", version);
    out.end_object().name("servers").begin_array().begin_object().member("url", "/v2");
    out.end_object().end_array().name("security").begin_array();
    for (const auto scheme : {"basic", "oauth", "bearer"}) {
        out.begin_object().name(scheme).begin_array().end_array().end_object();
    }
    out.end_array().name("paths").begin_object();
    for (const auto& [path, routes] : by_path) {
        out.name(path).begin_object();
        for (const auto* route : routes) write_operation(out, *route);
        out.end_object();
    }
    out.end_object().name("components").begin_object();
    write_security(out);
    out.name("schemas").begin_object();
    for (const auto& schema : schemas()) write_schema(schema, out);
    for (const auto& schema : command_schemas()) write_schema(schema, out);
    out.end_object().end_object().end_object();
    return out.take();
}

}  // namespace schwarm::api::v2
