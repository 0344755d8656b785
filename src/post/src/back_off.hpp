// How long to wait after failures, one after another.
#pragma once

#include <chrono>

#include "schwarm/post/post.hpp"

namespace schwarm::post {

// Doubles from retry_min to retry_max; between half of that and all of it, so that nodes that lost
// the same peer do not come back at the same moment.
std::chrono::milliseconds back_off(const Options& options, std::uint32_t failures, Random& random);

}  // namespace schwarm::post
