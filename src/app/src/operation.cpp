// The operator's side of App: overview, incidents, print queue, deletion, audit, deployment.
#include <algorithm>

#include "impl.hpp"

namespace schwarm::app {
namespace {

constexpr std::size_t kCountedMax = 2000;  // cases of a tenant the overview looks at
constexpr std::size_t kRecentMax = 20;
constexpr std::size_t kIncidentsMax = 50;

// What one tenant adds to the overview.
class TenantSurvey {
  public:
    TenantSurvey(const services::Registry& registry, const runtime::ReadView& view,
                 const services::Tenant& tenant, Overview& out)
        : registry_(registry), view_(view), tenant_(tenant), out_(out) {
        counts_.tenant = tenant.id;
        counts_.name = tenant.authority.name;
    }

    Result<void> run() {
        SCHWARM_TRY_VOID(cases());
        SCHWARM_TRY_VOID(print_queue());
        out_.tenants.push_back(std::move(counts_));
        return {};
    }

  private:
    Result<void> cases() {
        runtime::CaseFilter filter;
        filter.limit = 500;
        for (std::size_t seen = 0; seen < kCountedMax;) {
            SCHWARM_TRY(page, view_.cases(filter));
            for (const auto& row : page.rows) {
                SCHWARM_TRY_VOID(one_case(row, seen++ < kRecentMax));
            }
            filter.cursor = page.next;
            if (page.next.empty()) return {};
        }
        counts_.at_least = true;
        return {};
    }

    Result<void> one_case(const runtime::CaseRow& row, bool recent) {
        ++(row.status == engine::CaseStatus::active ? counts_.open : counts_.ended);
        counts_.tasks += row.open_tasks;
        counts_.incidents += row.open_incidents;
        if (row.deleted || (!recent && row.open_incidents == 0)) return {};
        const auto package = registry_.package_of_definition(row.definition.value());
        if (!package) return {};
        const auto number = number_in(*package, row);
        if (recent) {
            out_.recent.push_back({tenant_.id, row.id, number, package->text("title"),
                                   std::string(engine::name_of(row.status)), row.created});
        }
        if (row.open_incidents == 0 || out_.incidents.size() >= kIncidentsMax) return {};
        SCHWARM_TRY(state, view_.case_state(row.id));
        const auto& nodes = package->process->nodes;
        for (const auto& incident : state.incidents) {
            const auto* element = state.element(incident.element);
            const bool own =
                element != nullptr && element->definition == 0 && element->node < nodes.size();
            out_.incidents.push_back({tenant_.id, row.id, number, incident.key.value(),
                                      own ? nodes[element->node].id : std::string(),
                                      incident.reason, incident.created});
        }
        return {};
    }

    Result<void> print_queue() {
        SCHWARM_TRY(jobs, view_.print_queue());
        for (const auto& job : jobs) {
            PrintEntry entry;
            entry.id = job.id;
            entry.tenant = tenant_.id;
            entry.case_id = job.case_id;
            entry.created = job.created;
            entry.title = job.name;
            const auto document = job.payload.get("document");
            if (document.is_number()) {
                entry.document = DocumentId(
                    static_cast<std::uint64_t>(document.as_number().to_int64().value_or(0)));
            }
            if (const auto row = view_.case_row(job.case_id)) name(entry, *row, job.name);
            out_.print_queue.push_back(std::move(entry));
        }
        return {};
    }

    void name(PrintEntry& entry, const runtime::CaseRow& row, const std::string& document) const {
        const auto package = registry_.package_of_definition(row.definition.value());
        if (!package) return;
        entry.case_number = number_in(*package, row);
        if (auto title = package->text("document." + document); !title.empty()) {
            entry.title = std::move(title);
        }
    }

    static std::string number_in(const services::Package& package, const runtime::CaseRow& row) {
        const auto year = services::local_day(row.created).civil().year;
        return case_number(package.case_prefix, static_cast<int>(year), row.id);
    }

    const services::Registry& registry_;
    const runtime::ReadView& view_;
    const services::Tenant& tenant_;
    Overview& out_;
    TenantCounts counts_;
};

}  // namespace

Result<Overview> App::overview(const Principal& principal) const {
    Object own;
    own.tenant = principal.tenant;
    SCHWARM_TRY_VOID(decide_access(principal, Action::view_operation, own));
    impl_->sample_metrics();
    Overview out;
    const auto metrics = impl_->runtime.metrics();
    {
        const std::scoped_lock lock(impl_->samples_mutex);
        const auto& oldest = impl_->samples.front();
        out.commits_last_minute = metrics.commits - oldest.commits;
        out.commands_last_minute = metrics.commands - oldest.commands;
    }
    out.cases_last_minute = impl_->cases.sum(impl_->clock.now());
    out.queue_length = metrics.queue_length;
    out.commit_p50 = metrics.commit_p50;
    out.commit_p99 = metrics.commit_p99;
    const auto health = impl_->runtime.health();
    out.healthy = health.healthy;
    out.health_text = health.reason;
    out.services = impl_->registry.deployed();
    if (impl_->network != nullptr) {
        SCHWARM_TRY(network, network(principal));
        out.network = std::move(network);
    }
    for (const auto& tenant : impl_->registry.tenants()) {
        Object object;
        object.tenant = tenant->id;
        if (decide_access(principal, Action::view_operation, object).has_error()) continue;
        SCHWARM_TRY(view, impl_->runtime.read(tenant->id));
        SCHWARM_TRY_VOID(TenantSurvey(impl_->registry, view, *tenant, out).run());
    }
    std::stable_sort(out.recent.begin(), out.recent.end(),
                     [](const auto& a, const auto& b) { return a.received > b.received; });
    if (out.recent.size() > kRecentMax) out.recent.resize(kRecentMax);
    return out;
}

void App::resolve_incident(const Principal& principal, const TenantId& tenant, CaseId id,
                           std::uint64_t incident, Callback<void> done) {
    Object object;
    object.tenant = tenant;
    if (auto allowed = decide_access(principal, Action::resolve_incident, object);
        allowed.has_error()) {
        return done(allowed.error());
    }
    runtime::Submission submission;
    submission.tenant = tenant;
    submission.case_id = id;
    submission.command.actor = principal.subject;
    submission.command.body = engine::ResolveIncident{engine::IncidentKey(incident)};
    impl_->runtime.submit(std::move(submission),
                          [done = std::move(done)](Result<runtime::Reply> reply) {
                              if (reply.has_error()) return done(reply.error());
                              done({});
                          });
}

void App::printed(const Principal& principal, const TenantId& tenant, std::string print_id,
                  Callback<void> done) {
    Object object;
    object.tenant = tenant;
    if (auto allowed = decide_access(principal, Action::view_operation, object);
        allowed.has_error()) {
        return done(allowed.error());
    }
    impl_->runtime.submit_write(
        tenant,
        [id = std::move(print_id),
         who = principal.subject](runtime::WriteBatch& batch) -> Result<void> {
            SCHWARM_TRY_VOID(batch.finish_print(id));
            return batch.audit(who, "printed", CaseId(), id);
        },
        std::move(done));
}

void App::delete_case(const Principal& principal, const TenantId& tenant, CaseId id,
                      std::string rule, Callback<void> done) {
    Object object;
    object.tenant = tenant;
    if (auto allowed = decide_access(principal, Action::delete_case, object); allowed.has_error()) {
        return done(allowed.error());
    }
    auto view = impl_->runtime.read(tenant);
    if (!view) return done(view.error());
    auto row = view->case_row(id);
    if (!row) return done(row.error());
    const auto package = impl_->registry.package_of_definition(row->definition.value());
    if (rule.empty()) {
        if (!package || !row->ended) {
            return done(fail(ErrorCode::conflict, "the case is open"));
        }
        const auto until = row->retention_until
                               ? row->retention_until
                               : services::after(package->retention.period, *row->ended);
        if (!until) return done(fail(ErrorCode::conflict, "the case must be kept"));
        if (impl_->clock.now() < *until) {
            return done(fail(ErrorCode::conflict, "the case must be kept until " +
                                                      services::local_day(*until).to_string()));
        }
        rule = package->retention.rule;
    }
    runtime::DeletionOrder order;
    order.case_id = id;
    order.rule = std::move(rule);
    order.actor = principal.subject;
    done(impl_->runtime.delete_case(tenant, order));
}

Result<std::vector<AuditEntry>> App::audit(const Principal& principal, const TenantId& tenant,
                                           std::size_t count) const {
    Object object;
    object.tenant = tenant;
    SCHWARM_TRY_VOID(decide_access(principal, Action::read_audit, object));
    SCHWARM_TRY(view, impl_->runtime.read(tenant));
    SCHWARM_TRY(lines, view.audit(std::min(count, impl_->limits.list_max)));
    std::vector<AuditEntry> entries;
    for (auto& line : lines) {
        entries.push_back({line.number, line.at, std::move(line.actor), std::move(line.action),
                           line.case_id, std::move(line.detail)});
    }
    return entries;
}

void App::deploy(const Principal& principal, std::string_view service_id,
                 services::PackageFiles files, Callback<services::Deployed> done) {
    if (auto allowed = decide_access(principal, Action::deploy_package, Object{});
        allowed.has_error()) {
        return done(allowed.error());
    }
    services::deploy(impl_->runtime, impl_->registry, service_id, std::move(files),
                     impl_->clock.now(), principal.subject, std::move(done));
}

}  // namespace schwarm::app
