// What applications written for X-Road may see and ask at this node: directory, agreements,
// evidence and the audit log of the tenant that asks.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "evidence_desk.hpp"
#include "network_directory.hpp"
#include "schwarm/evidence/evidence.hpp"
#include "schwarm/post/post.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/server/config.hpp"
#include "schwarm/server/log.hpp"
#include "schwarm/xroad/gateway.hpp"

namespace schwarm::server {

// Borrows everything; the runtime until stop().
struct XroadAround {
    const NetworkDirectory& directory;
    evidence::Evidence& evidence;
    const post::Post& post;
    runtime::Runtime& runtime;
    const Clock& clock;
    Log& log;
};

class XroadGateway final : public xroad::Gateway {
  public:
    XroadGateway(XroadAround around, const std::vector<XroadClient>& clients, KnownEvidence known);

    // Answers what is open; what is asked afterwards is answered at once.
    void stop();

    std::vector<xroad::Client> clients() const override;
    std::optional<std::vector<std::string>> keys(const TenantId& tenant) const override;
    std::optional<std::vector<xroad::Offer>> offers(
        const exchange::Address& provider) const override;
    std::vector<exchange::Agreement> agreements(const exchange::Address& client,
                                                const exchange::Address& provider) const override;
    void ask(xroad::Question question, std::function<void(Result<xroad::Answer>)> done) override;
    void record(const xroad::Record& record) override;

  private:
    using Done = std::function<void(Result<xroad::Answer>)>;

    xroad::Offer offer(const exchange::EvidenceEntry& entry) const;
    // How far a question came that has no answer in time.
    Error late(const exchange::EvidenceClaim& claim) const;
    void answer(std::uint64_t number, Result<xroad::Answer> result);

    const XroadAround around_;
    const KnownEvidence known_;
    std::map<TenantId, std::vector<std::string>> clients_;

    std::mutex mutex_;
    bool stopped_ = false;
    std::uint64_t next_ = 0;
    std::map<std::uint64_t, Done> open_;
};

}  // namespace schwarm::server
