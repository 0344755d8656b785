// The REST API of Camunda 8.8 (/v2) as far as this node has it, for its official clients: request
// -> response, sans-IO. The routes stand in one table (src/v2/), which is also the OpenAPI
// document at /v2/openapi.json; docs/formats/api.md says what differs.
//
// The asker is a machine (app/api_clients.hpp), by Basic credentials or by a bearer token of POST
// /oauth/token, or somebody with another bearer token of the node. Cookies do not count here, so
// that no other site can make a browser ask.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "schwarm/app/api_clients.hpp"
#include "schwarm/app/session.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/feel/evaluation.hpp"
#include "schwarm/http/router.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/services/catalogue.hpp"
#include "schwarm/services/deployments.hpp"

namespace schwarm::api {

// Borrowed; must outlive the router.
struct V2Dependencies {
    runtime::Runtime& runtime;
    const services::Registry& registry;
    services::Deployments& deployments;
    const app::ApiClients& clients;
    const app::IdentityProvider& identities;
    const Clock& clock;
    Random& random;
    std::string version;                    // of the program
    feel::EvaluationLimits decisions = {};  // of one evaluation
    // Stands still at this time, or (nothing) goes again. Empty: the clock cannot be set.
    std::function<void(std::optional<Instant>)> set_clock = {};
};

// CHECKs that none of the routes exists yet.
void add_v2_routes(http::Router& router, const V2Dependencies& dependencies);

}  // namespace schwarm::api
