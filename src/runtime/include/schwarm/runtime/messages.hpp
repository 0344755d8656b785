// Messages and signals that come from outside, and messages kept until somebody waits for them.
// Meaning: Camunda 8, "Messages" (cardinality, buffering, uniqueness) and "Signals".
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/engine/ids.hpp"
#include "schwarm/engine/variables.hpp"

namespace schwarm::runtime {

// Whose cases and start events a message or signal is for.
struct Audience {
    ServiceId service;    // those of this service; empty: everybody's
    bool others = false;  // those of all other services instead

    bool includes(const ServiceId& of) const {
        return service.value().empty() || (of == service) != others;
    }
    bool operator==(const Audience&) const = default;
};

struct Message {
    std::string name;
    std::string correlation_key;  // may be empty: it then reaches start events only
    // How long it is kept for those who do not wait yet; 0: not at all.
    std::chrono::milliseconds time_to_live{0};
    // Unique per name and correlation key while the message is kept (else conflict). May be empty.
    std::string id;
    engine::Variables variables;
    Audience audience;
    // Not 0: it is for this case alone. It starts none, is kept under the case's key only until it
    // has reached it, and is deleted with it.
    CaseId only_for;
};

struct Signal {
    std::string name;
    engine::Variables variables;
    Audience audience;
};

// One process instance reached by a message.
struct Correlation {
    CaseId case_id;
    engine::SubscriptionKey subscription;  // 0: a new case was started
    ElementKey process_instance;           // the instance of the process inside the case
};

struct Published {
    std::uint64_t key = 0;  // of the message (global_key)
    std::vector<Correlation> correlated;
};
using SignalCallback = std::function<void(Result<std::uint64_t>)>;  // the signal's key
using MessageCallback = std::function<void(Result<Published>)>;

}  // namespace schwarm::runtime
