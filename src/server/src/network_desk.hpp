// The operator's view of directory and post, and what the operator may change in it.
#pragma once

#include <atomic>

#include "network_directory.hpp"
#include "schwarm/app/network.hpp"
#include "schwarm/post/post.hpp"

namespace schwarm::server {

// Borrows what it is given. Changes wait for the runtime: not on its threads.
class NetworkDesk final : public app::Network {
  public:
    NetworkDesk(NetworkDirectory& directory, const post::Post& post, const Clock& clock)
        : directory_(directory), post_(post), clock_(clock) {}

    // The certificate for TLS that is used ends then.
    void use_certificate(Instant end) { certificate_end_ = end; }

    app::NetworkView view() const override;
    std::vector<app::WaitingMessage> waiting(const TenantId& tenant,
                                             std::size_t limit) const override;
    Result<app::CaseMail> mail(const TenantId& tenant, CaseId id) const override;
    Result<void> admit(std::string_view member, std::string_view key) override;
    Result<void> remove(std::string_view member) override;
    Result<void> choose(std::string_view epoch_hash) override;

  private:
    NetworkDirectory& directory_;
    const post::Post& post_;
    const Clock& clock_;
    std::atomic<Instant> certificate_end_{Instant::max()};  // not known yet
};

}  // namespace schwarm::server
