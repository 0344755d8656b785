// Retrievals as pages show them: names of authorities and titles of registers out of the directory.
#pragma once

#include "network_directory.hpp"
#include "schwarm/app/evidence.hpp"
#include "schwarm/evidence/evidence.hpp"
#include "schwarm/services/register.hpp"

namespace schwarm::server {

// By kind of evidence: what packages on this node say about it.
using KnownEvidence = std::map<std::string, services::RegisterPtr, std::less<>>;

// Borrows all three.
class EvidenceDesk final : public app::Evidence {
  public:
    EvidenceDesk(NetworkDirectory& directory, evidence::Evidence& evidence, const Clock& clock)
        : directory_(directory), evidence_(evidence), clock_(clock) {}

    void use(KnownEvidence known) { known_ = std::move(known); }

    Result<std::vector<app::OpenRetrieval>> open(const TenantId& tenant, CaseId id) const override;
    void decide(const TenantId& tenant, CaseId id, std::string_view retrieval, bool use,
                std::function<void(Result<void>)> done) override;
    void cockpit(const app::IdentifiedPerson& person,
                 std::function<void(std::vector<app::CockpitRegister>)> done) override;

  private:
    std::string authority(const exchange::Address& address) const;
    std::string title(const std::string& kind) const;

    NetworkDirectory& directory_;
    evidence::Evidence& evidence_;
    const Clock& clock_;
    KnownEvidence known_;
};

}  // namespace schwarm::server
