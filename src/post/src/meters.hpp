// Counters of the post; any thread.
#pragma once

#include <atomic>

#include "schwarm/post/post.hpp"

namespace schwarm::post {

struct Meters {
    std::atomic<std::uint64_t> sent = 0;
    std::atomic<std::uint64_t> processed = 0;
    std::atomic<std::uint64_t> refused = 0;
    std::atomic<std::uint64_t> expired = 0;
    std::atomic<std::uint64_t> received = 0;
    std::atomic<std::uint64_t> repeated = 0;
    std::atomic<std::uint64_t> rejected = 0;
    std::atomic<std::uint64_t> segments = 0;

    Metrics read() const {
        return {sent, processed, refused, expired, received, repeated, rejected, segments, 0};
    }
};

}  // namespace schwarm::post
