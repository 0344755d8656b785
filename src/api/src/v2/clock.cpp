// The clock of a test node.
#include <array>

#include "routes.hpp"

namespace schwarm::api::v2 {
namespace {

bool refused(const Call& call, const Answer& answer) {
    if (call.api.set_clock) return false;
    answer.problem(403, "FORBIDDEN",
                   "the clock of this node cannot be set (configuration: test_clock)");
    return true;
}

void pin(const Call& call, const Answer& answer) {
    if (refused(call, answer)) return;
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    const auto* member = body->find("timestamp");
    const auto millis = member == nullptr ? std::nullopt : member->as_int64();
    // Up to the year 9999.
    if (!millis || *millis < 0 || *millis > 253'402'300'799'999) {
        return answer.problem(400, "INVALID_ARGUMENT",
                              "timestamp: this must be milliseconds since 1970");
    }
    call.api.set_clock(Instant(std::chrono::milliseconds(*millis)));
    call.api.runtime.wake();
    answer.empty();
}

void reset(const Call& call, const Answer& answer) {
    if (refused(call, answer)) return;
    call.api.set_clock(std::nullopt);
    call.api.runtime.wake();
    answer.empty();
}

constexpr std::array kRoutes = {
    Route{http::Method::put, "/clock", "pinClock", "Clock", "Let the clock stand still",
          app::Action::set_clock, pin, "ClockPinRequest", "", 204},
    Route{http::Method::post, "/clock/reset", "resetClock", "Clock", "Let the clock go again",
          app::Action::set_clock, reset, "", "", 204},
};

}  // namespace

std::span<const Route> clock_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
