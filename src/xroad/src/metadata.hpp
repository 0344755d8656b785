// The metaservices (PR-META, PR-MREST): who is there, what is offered, how it is called. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "identifier.hpp"
#include "schwarm/xroad/gateway.hpp"

namespace schwarm::xroad {

inline constexpr std::string_view kListMethods = "listMethods";
inline constexpr std::string_view kAllowedMethods = "allowedMethods";
inline constexpr std::string_view kGetOpenApi = "getOpenAPI";

// Each member before its tenants, in the order of names.
std::string client_list_json(const Settings& settings, const std::vector<Client>& clients);
std::string client_list_xml(const Settings& settings, const std::vector<Client>& clients);

// A service with the paths behind its code; "/" is the code alone.
struct Method {
    std::string evidence;
    std::vector<std::string> paths;
};
std::string method_list(const SubsystemId& provider, const std::vector<Method>& methods);

// OpenAPI 3.0.3. A schema that is no JSON object is left out.
std::string open_api(const SubsystemId& provider, const Offer& offer);

}  // namespace schwarm::xroad
