// X-Road's REST message protocol r1 at the side of information systems: an application written for
// a security server asks this node for evidence. Request -> response, sans-IO.
//
//   GET|POST /r1/{instance}/GOV/{member}/{tenant}/{evidence}[/{service}]   X-Road-Client
//   GET      /r1/{instance}/GOV/{member}/{tenant}/listMethods | allowedMethods
//   GET      /r1/{instance}/GOV/{member}/{tenant}/getOpenAPI?serviceCode={evidence}
//   GET      /listClients
//
// docs/formats/xroad.md says how names map, what is checked and what differs. Source: X-Road
// PR-REST 1.0, PR-MREST, PR-META. Nobody has certified this.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/http/router.hpp"
#include "schwarm/xroad/gateway.hpp"

namespace schwarm::xroad {

inline constexpr std::string_view kMemberClass = "GOV";
inline constexpr std::size_t kBodyBytesMax = 64 * 1024;

struct Settings {
    // The name of the network: an identifier of X-Road, CHECKed.
    std::string instance;
    // This node. Only its own tenants can be clients.
    exchange::MemberId member;
    // Without TLS the header X-Road-Client alone says who asks. The host sets this for a listener
    // on loopback and for no other.
    bool plain_http = false;
    std::chrono::milliseconds timeout = std::chrono::seconds(30);  // of one question
};

// Borrowed; must outlive the router. A question still open at the end may be dropped afterwards.
struct Dependencies {
    Gateway& gateway;
    const Clock& clock;
    Random& random;
    Settings settings;
};

// CHECKs that none of the routes exists yet. Handlers are thread-safe.
void add_routes(http::Router& router, const Dependencies& dependencies);

// For router.on_error() of a listener of its own: what does not reach a route (a path with dot
// segments, an unknown path, a body that is too long) is answered as X-Road answers it.
http::Response error_page(const http::Request& request, const Error& error, int status);

}  // namespace schwarm::xroad
