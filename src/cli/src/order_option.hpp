// Commands that give the working node an order and wait for what becomes of it.
#pragma once

#include <chrono>
#include <iostream>
#include <string>

#include "place_option.hpp"
#include "schwarm/server/network_orders.hpp"

namespace schwarm::cli {

struct Patience {
    int seconds = 30;

    void add_to(CLI::App& command) {
        command
            .add_option("--wait", seconds,
                        "seconds to wait for the node; 0: it carries the order out when it runs")
            ->check(CLI::Range(0, 3600))
            ->capture_default_str();
    }
};

// `make`: Result<json::Value>(const Place&), the order.
template <class Make>
int give(const Where& where, const Patience& patience, const Make& make) {
    using State = server::OrderOutcome::State;
    const auto place = where.place();
    if (place.has_error()) return refuse(place.error());
    const Result<json::Value> order = make(*place);
    if (order.has_error()) return refuse(order.error());
    const auto given =
        server::give_order(*place, order.value(), std::chrono::seconds(patience.seconds));
    if (given.has_error()) return refuse(given.error());
    switch (given->state) {
        case State::entered:
            std::cout << given->sentence << '\n';
            return 0;
        case State::refused:
            return refuse(fail(ErrorCode::conflict, given->sentence));
        case State::waits:
            break;
    }
    const std::string text = "the node carries the order out when it runs: " + given->file.string();
    if (patience.seconds == 0) {
        std::cout << text << '\n';
        return 0;
    }
    return refuse(fail(ErrorCode::unavailable, "not carried out yet; " + text));
}

}  // namespace schwarm::cli
