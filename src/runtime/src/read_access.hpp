// What a ReadView holds: one snapshot and the tenant's keys.
#pragma once

#include <map>
#include <memory>

#include "key_ring.hpp"
#include "layout.hpp"
#include "schwarm/runtime/read_view.hpp"

namespace schwarm::runtime {

struct ReadView::Access {
    Access(TenantId t, std::shared_ptr<const TenantKeys> k, std::unique_ptr<storage::Reader> r)
        : tenant(std::move(t)), keys(std::move(k)), reader(std::move(r)) {}

    // The data keys of a case, read once per view; null members after a deletion by law.
    Result<const DataKeys*> data_keys(CaseId id);
    Result<CaseRecord> record(CaseId id);
    // gone if the case's key was destroyed.
    Result<std::string> open_sealed(Space space, const SealedRow& row, std::string_view name = {});

    // Under the tenant's log key: what belongs to no case.
    Result<std::string> open_for_tenant(Space space, const SealedRow& row, std::string_view name);

    const TenantId tenant;
    const std::shared_ptr<const TenantKeys> keys;
    const std::unique_ptr<storage::Reader> reader;

  private:
    std::map<CaseId, DataKeys> data_keys_;
};

}  // namespace schwarm::runtime
