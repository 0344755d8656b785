// Retrievals of evidence as the person concerned sees them: what other authorities' registers gave
// for the own case, and the data protection cockpit (§ 5 EGovG, § 10 OZG;
// docs/decisions/0012-evidence.md). The port to the part of the node that exchanges evidence;
// implementations are thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/app/access.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::app {

// A retrieval of a case that is not over.
struct OpenRetrieval {
    std::string id;
    std::string title;  // of the kind of evidence
    std::string from;   // name of the authority; empty: none is found yet
    std::string purpose;
    std::string legal_basis;
    Instant since{};
    // What it waits for: "authority" (none is found), "approval", "answer", "person".
    std::string state;
    feel::Value data;  // "person": what was retrieved and is not used yet; else null
};

// What a register gave out, or refused, as its own log says.
struct Retrieval {
    Instant at{};
    std::string title;  // of the kind of evidence
    std::string asker;  // name of the authority, or its address
    std::string purpose;
    std::string legal_basis;
    std::string result;               // "geliefert", "nicht_gefunden", "abgelehnt"
    std::string reason;               // of a refusal
    std::vector<std::string> fields;  // names of the data that were given out
};

struct CockpitRegister {
    std::string title;      // of the kind of evidence
    std::string authority;  // name of the tenant that keeps the register
    bool answered = false;
    std::string reason;                 // why not
    std::vector<Retrieval> retrievals;  // newest first
};

class Evidence {
  public:
    virtual ~Evidence() = default;
    virtual Result<std::vector<OpenRetrieval>> open(const TenantId& tenant, CaseId id) const = 0;
    // The person has seen it. not_found: no such retrieval waits for the person.
    virtual void decide(const TenantId& tenant, CaseId id, std::string_view retrieval, bool use,
                        std::function<void(Result<void>)> done) = 0;
    // Asks all registers of the network at once; those that do not answer in time are named.
    // Nothing of it is stored. Called once, on any thread.
    virtual void cockpit(const IdentifiedPerson& person,
                         std::function<void(std::vector<CockpitRegister>)> done) = 0;
};

}  // namespace schwarm::app
