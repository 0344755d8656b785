#include "back_off.hpp"

#include <algorithm>
#include <array>

namespace schwarm::post {

std::chrono::milliseconds back_off(const Options& options, std::uint32_t failures, Random& random) {
    auto wait = options.retry_min;
    for (std::uint32_t i = 1; i < failures && wait < options.retry_max; ++i) wait *= 2;
    wait = std::min(wait, options.retry_max);
    std::array<std::byte, 4> bytes{};
    random.fill(bytes);
    std::uint32_t jitter = 0;
    for (const std::byte b : bytes) jitter = jitter << 8U | std::to_integer<std::uint32_t>(b);
    return wait / 2 + std::chrono::milliseconds(jitter % (wait.count() / 2 + 1));
}

}  // namespace schwarm::post
