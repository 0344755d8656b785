// Reads what r1 says about a call: path and headers. What the body or the query says about a person
// is the service's, not the protocol's (attributes.hpp). Pure, thread-safe.
#pragma once

#include <optional>
#include <string>

#include "fault.hpp"
#include "identifier.hpp"

namespace schwarm::xroad {

struct Call {
    SubsystemId client;  // always with a subsystem
    ServiceId service;
    std::string rest;  // one segment behind the service, or empty
    std::string id;    // X-Road-Id; empty: the application sent none
    std::string user;
    std::string issue;
    // X-Road-Security-Server: instance, class, member, server.
    std::optional<std::vector<std::string>> server;
    // X-Road-Represented-Party: [class,] member.
    std::optional<std::vector<std::string>> represented;
};

// Of a header that comes more than once the last one counts (PR-REST 4.3). Fills `call` as far as
// it gets, for the log.
Checked<void> read_call(const http::Request& request, Call& call);

}  // namespace schwarm::xroad
