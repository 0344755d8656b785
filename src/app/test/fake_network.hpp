// A node's part in a network that knows what a test says about cases.
#pragma once

#include <map>

#include "schwarm/app/network.hpp"

namespace schwarm::app {

class FakeNetwork final : public Network {
  public:
    NetworkView view() const override { return {}; }
    std::vector<WaitingMessage> waiting(const TenantId&, std::size_t) const override { return {}; }
    Result<CaseMail> mail(const TenantId& tenant, CaseId id) const override {
        const auto found = mails.find({tenant, id});
        return found == mails.end() ? CaseMail() : found->second;
    }
    Result<void> admit(std::string_view, std::string_view) override { return {}; }
    Result<void> remove(std::string_view) override { return {}; }
    Result<void> choose(std::string_view) override { return {}; }

    std::map<std::pair<TenantId, CaseId>, CaseMail> mails;
};

}  // namespace schwarm::app
