// A federation on one thread: the real runtime, post, directory and membership of each node over a
// disk in memory, on the links of wire.hpp.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "schwarm/bpmn/model.hpp"
#include "schwarm/post/post.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/storage/faulty.hpp"
#include "schwarm/storage/memory.hpp"
#include "wire.hpp"

namespace schwarm::sim {

struct Setup {
    std::uint64_t seed = 1;
    std::size_t nodes = 5;      // one of them lies if `liar`
    std::size_t requests = 30;  // cases that are started
    bool liar = false;
    bool real_cryptography = false;
    bool restores = false;  // nodes come back from backups
    bool newcomer = false;  // one of the honest ones joins later
    bool removal = false;   // a member is removed: the liar if there is one
};

struct Outcome {
    std::vector<std::string> violations;  // empty: everything held
    Faults faults;
    std::uint64_t completed = 0;
    std::uint64_t undelivered = 0;  // cases that ended with an incident that says so
};

Outcome simulate(const Setup& setup);

}  // namespace schwarm::sim
