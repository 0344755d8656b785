// An opened message while it waits for an earlier one, as bytes (sealed by who stores them).
#pragma once

#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/exchange/envelope.hpp"

namespace schwarm::post {

std::string encode_held(const exchange::Envelope& envelope);
Result<exchange::Envelope> decode_held(std::string_view bytes);

}  // namespace schwarm::post
