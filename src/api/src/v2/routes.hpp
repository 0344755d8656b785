// The table of all routes of /v2: what the router dispatches by, and what the OpenAPI document
// tells. A family stands in a file of its own and hands out its part of the table.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "call.hpp"
#include "schwarm/http/router.hpp"

namespace schwarm::api::v2 {

using Handle = void (*)(const Call&, const Answer&);

struct Route {
    http::Method method = http::Method::get;
    std::string_view path;       // below /v2: "/process-definitions/{processDefinitionKey}"
    std::string_view operation;  // Camunda's operationId: "getProcessDefinition"
    std::string_view tag;
    std::string_view summary;
    // What the asker must be allowed to do in the own tenant; none: open to everybody.
    std::optional<app::Action> action;
    Handle handle = nullptr;
    // Names in schemas.cpp; empty: no body.
    std::string_view request;
    std::string_view response;
    int status = 200;
    std::string_view request_type = "application/json";
    std::string_view response_type = "application/json";
    std::size_t body_bytes_max = http::kBodyBytesMax;
};

std::span<const Route> cluster_routes();
std::span<const Route> deployment_routes();
std::span<const Route> process_definition_routes();
std::span<const Route> decision_routes();
std::span<const Route> expression_routes();
std::span<const Route> document_routes();
std::span<const Route> clock_routes();
std::span<const Route> batch_operation_routes();
std::span<const Route> process_instance_creation_routes();
std::span<const Route> process_instance_command_routes();
std::span<const Route> job_command_routes();
std::span<const Route> user_task_command_routes();
std::span<const Route> element_instance_command_routes();
std::span<const Route> message_command_routes();

// All of the above. A new family is named here and nowhere else.
const std::vector<Route>& all_routes();

// The principal of the credentials in the request. Errors: unauthenticated, too_many_requests.
Result<app::Principal> principal_of(const V2Dependencies& api, const http::Request& request);
// "user:secret" of "Authorization: Basic"; nullopt if that is not there or malformed.
std::optional<std::pair<std::string, std::string>> basic_credentials(const http::Request& request);

// POST /oauth/token (RFC 6749 clause 4.4): outside of /v2, and with errors of its own form.
void issue_token(const V2Dependencies& api, const http::Request& request,
                 const http::Respond& respond);

// OpenAPI 3.0.3 of the table.
std::string openapi_json(std::string_view version);

}  // namespace schwarm::api::v2
