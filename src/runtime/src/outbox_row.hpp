// The sealed part of a row of the outbox: the whole effect.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/engine/engine.hpp"

namespace schwarm::runtime {

std::string encode_effect(const engine::Effect& effect);
Result<engine::Effect> decode_effect(std::string_view bytes);

}  // namespace schwarm::runtime
