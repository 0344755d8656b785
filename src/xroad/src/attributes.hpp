// What the application says about the person asked for: query parameters of GET, JSON object of
// POST. Wrong ones are answered as the provider would, not as an error of X-Road. Pure.
#pragma once

#include "schwarm/http/message.hpp"
#include "schwarm/json/value.hpp"
#include "schwarm/xroad/gateway.hpp"

namespace schwarm::xroad {

// An object with names of the offer only, the required ones among them. unsupported: the body is
// of another media type; invalid_input and limit_exceeded otherwise.
Result<json::Value> read_attributes(const http::Request& request, const Offer& offer);

}  // namespace schwarm::xroad
