// A node's part that exchanges evidence, for tests of App and of the pages over it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "schwarm/app/evidence.hpp"

namespace schwarm::app {

class FakeEvidence final : public Evidence {
  public:
    Result<std::vector<OpenRetrieval>> open(const TenantId&, CaseId id) const override {
        return id == of ? retrievals : std::vector<OpenRetrieval>();
    }
    void decide(const TenantId&, CaseId id, std::string_view retrieval, bool use,
                std::function<void(Result<void>)> done) override {
        for (auto at = retrievals.begin(); at != retrievals.end(); ++at) {
            if (id != of || at->id != retrieval || at->state != "person") continue;
            retrievals.erase(at);
            decided.emplace_back(retrieval, use);
            return done({});
        }
        done(fail(ErrorCode::not_found, ""));
    }
    void cockpit(const IdentifiedPerson& person,
                 std::function<void(std::vector<CockpitRegister>)> done) override {
        asked.push_back(person);
        done(registers);
    }

    CaseId of{1};  // whose retrievals these are
    std::vector<OpenRetrieval> retrievals;
    std::vector<CockpitRegister> registers;
    std::vector<std::pair<std::string, bool>> decided;
    std::vector<IdentifiedPerson> asked;
};

inline OpenRetrieval open_retrieval(std::string id, std::string state, feel::Value data = {}) {
    OpenRetrieval out;
    out.id = std::move(id);
    out.title = "Meldebestätigung";
    out.from = "Stadt Aachen";
    out.purpose = "Prüfung der Hauptwohnung";
    out.legal_basis = "§ 34 BMG";
    out.state = std::move(state);
    out.data = std::move(data);
    return out;
}

}  // namespace schwarm::app
