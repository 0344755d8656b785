// The rows of open jobs: the row itself, and where it is found (available, or until when not).
#include "stage.hpp"

namespace schwarm::runtime {
namespace {

std::string place_of(const TenantId& tenant, const JobRow& row) {
    if (row.until) return keys::job_until(tenant, *row.until, row.case_id, row.key);
    return keys::append(row.priority ? keys::available_job(tenant, row.type, *row.priority)
                                     : keys::job_type(tenant, row.type),
                        row.case_id.value(), row.key.value());
}

}  // namespace

Result<std::optional<JobRow>> Stage::job_row(CaseId id, engine::JobKey key) {
    const std::string place = keys::job(tenant_.id, id, key);
    SCHWARM_TRY(bytes, read(Space::jobs, place));
    if (!bytes) return std::optional<JobRow>();
    SCHWARM_TRY(row, decode_job(place, *bytes));
    return std::optional(std::move(row));
}

void Stage::put_job(const JobRow& row, const JobRow* old) {
    const std::string place = place_of(tenant_.id, row);
    if (old != nullptr) {
        const std::string old_place = place_of(tenant_.id, *old);
        if (old_place != place) rows_.erase(Space::jobs, old_place);
    }
    rows_.put(Space::jobs, place, std::string());
    rows_.put(Space::jobs, keys::job(tenant_.id, row.case_id, row.key), encode_job(row));
    if (row.until) {
        look_again_at(*row.until);
    } else {
        jobs_available_.push_back(row.type);
    }
}

void Stage::erase_job(const JobRow& row) {
    rows_.erase(Space::jobs, place_of(tenant_.id, row));
    rows_.erase(Space::jobs, keys::job(tenant_.id, row.case_id, row.key));
}

}  // namespace schwarm::runtime
