#include "appliers/appliers.hpp"

namespace schwarm::engine {

void apply_record(CaseState& state, const JobCreatedV1& event) {
    Job job;
    job.key = event.key;
    job.element = event.element;
    job.type = event.type;
    job.retries = event.retries;
    state.jobs.push_back(std::move(job));
    appliers::used(state, event.key);
}

void apply_record(CaseState& state, const JobCompletedV1& event) {
    appliers::erase(state.jobs, event.key, &Job::key, "job");
}

void apply_record(CaseState& state, const JobFailedV1& event) {
    Job& job = appliers::at(state.jobs, event.key, &Job::key, "job");
    job.retries = event.retries;
    job.message = event.message;
    job.not_before = event.not_before;
    if (event.retries == 0) job.status = JobStatus::failed;
}

void apply_record(CaseState& state, const JobRetriesSetV1& event) {
    Job& job = appliers::at(state.jobs, event.key, &Job::key, "job");
    job.retries = event.retries;
    job.status = JobStatus::open;
    job.not_before.reset();
}

void apply_record(CaseState&, const ErrorThrownV1&) {}

void apply_record(CaseState& state, const IncidentCreatedV1& event) {
    state.incidents.push_back(event.incident);
    appliers::used(state, event.incident.key);
    if (event.incident.job != JobKey()) {
        appliers::at(state.jobs, event.incident.job, &Job::key, "job").status = JobStatus::failed;
    }
}

void apply_record(CaseState& state, const IncidentResolvedV1& event) {
    appliers::erase(state.incidents, event.key, &Incident::key, "incident");
}

}  // namespace schwarm::engine
