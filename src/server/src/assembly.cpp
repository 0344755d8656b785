#include "schwarm/server/assembly.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "demo_clients.hpp"
#include "demo_tokens.hpp"
#include "federation.hpp"
#include "schwarm/app/administrators.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/runtime/node_key.hpp"
#include "schwarm/services/bindings.hpp"
#include "schwarm/services/deployed_starts.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"
#include "settable_clock.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

Result<std::vector<std::string>> package_folders(const fs::path& packages) {
    std::error_code ec;
    std::vector<std::string> folders;
    for (const auto& entry : fs::directory_iterator(packages, ec)) {
        std::error_code ignored;
        if (fs::is_regular_file(entry.path() / "service.json", ignored)) {
            folders.push_back(entry.path().string());
        }
    }
    if (ec) {
        return fail(ErrorCode::not_found, "the folder of the packages cannot be read",
                    packages.string());
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

}  // namespace

fs::path database_file(const Config& config) {
    return config.data / "schwarm.db";
}

struct Assembly::Impl {
    explicit Impl(Log& node_log) : log(node_log) {}
    // Also after a start that failed half way: what runs uses the runtime, which ends first.
    ~Impl() {
        if (federation != nullptr) federation->stop();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void> open(const Config& config);
    Result<void> open_storage(const Config& config);
    Result<void> load_packages(const Config& config);
    Result<void> open_runtime(const Config& config, const crypto::Key& key);
    Result<void> make_identities(const Config& config);

    Log& log;
    SettableClock clock;
    SystemRandom random;
    std::unique_ptr<storage::Storage> storage;
    services::Registry registry;
    std::unique_ptr<services::Deployments> deployments;
    std::unique_ptr<services::DeployedStarts> starts;
    std::unique_ptr<services::Bindings> bindings;
    std::unique_ptr<Federation> federation;  // null: the node stands alone
    std::unique_ptr<runtime::Runtime> runtime;
    std::unique_ptr<app::IdentityProvider> identities;
    std::unique_ptr<app::ApiClients> clients;
    std::unique_ptr<app::Sessions> sessions;
    std::unique_ptr<app::App> app;
    std::vector<std::string> refused_packages;
};

Result<void> Assembly::Impl::open_storage(const Config& config) {
    std::error_code ec;
    fs::create_directories(config.data, ec);
    if (ec) {
        return fail(ErrorCode::unavailable, "the data folder cannot be made: " + ec.message(),
                    config.data.string());
    }
    fs::permissions(config.data, fs::perms::owner_all, ec);
    SCHWARM_TRY(opened, storage_sqlite::open_sqlite(database_file(config)));
    storage = std::move(opened);
    return {};
}

Result<void> Assembly::Impl::load_packages(const Config& config) {
    std::set<std::string> ids;
    for (const json::Value& value : config.tenants) {
        SCHWARM_TRY(tenant, services::parse_tenant(value));
        if (tenant.id.value() == services::kNodeTenant || !ids.insert(tenant.id.value()).second) {
            return fail(ErrorCode::invalid_input, "a tenant's id is taken already",
                        "configuration, tenants, " + tenant.id.value());
        }
        SCHWARM_TRY_VOID(registry.add_tenant(std::move(tenant)));
    }
    SCHWARM_TRY_VOID(services::load_stored(*storage, registry));
    SCHWARM_TRY(folders, package_folders(config.packages));
    SCHWARM_TRY(problems, services::deploy_at_start(*storage, registry, folders, clock.now()));
    for (const services::Problem& problem : problems) {
        if (problem.warning) {
            log.warning("package_warning", {{"problem", problem.text()}});
        } else {
            log.error("package_refused", {{"problem", problem.text()}});
            refused_packages.push_back("a package was refused: " + problem.text());
        }
    }
    return {};
}

Result<void> Assembly::Impl::open_runtime(const Config& config, const crypto::Key& key) {
    deployments = std::make_unique<services::Deployments>(*storage);
    starts = std::make_unique<services::DeployedStarts>(*deployments);
    bindings = std::make_unique<services::Bindings>(registry, config.decisions, deployments.get());
    if (config.network) {
        SCHWARM_TRY(made, Federation::make(config, clock, random, registry, log));
        federation = std::move(made);
    }
    runtime::Options options;
    options.apart = services::deployed_service();
    runtime::Environment environment{
        .storage = *storage,
        .clock = clock,
        .random = random,
        .node_key = key,
        .definitions = [this](const TenantId& tenant) { return bindings->definitions(tenant); },
        .local_effects = federation == nullptr
                             ? std::map<std::string, runtime::LocalEffect, std::less<>>()
                             : federation->local_effects(),
        .log =
            [this](std::string_view line) {
                log.warning("runtime", {{"message", line}});
            },
        .starts = starts.get(),
        .retention =
            [this, kept = config.history_time_to_live](const TenantId& tenant,
                                                       const runtime::CaseRow& row) {
                return bindings->retention(tenant, row, kept);
            },
        .under_way = federation == nullptr ? runtime::UnderWaySource() : post::has_open_deliveries,
        .forget = federation == nullptr ? runtime::DeletionHook() : post::forget_case,
    };
    SCHWARM_TRY(opened, runtime::Runtime::open(std::move(environment), options));
    runtime = std::move(opened);
    SCHWARM_TRY_VOID(runtime->ensure_tenant(services::node_tenant()));
    for (const auto& tenant : registry.tenants()) {
        SCHWARM_TRY_VOID(runtime->ensure_tenant(tenant->id));
    }
    if (federation != nullptr) SCHWARM_TRY_VOID(federation->start(*runtime, *storage, key));
    return {};
}

Result<void> Assembly::Impl::make_identities(const Config& config) {
    if (!config.demo_identities) {
        identities = std::make_unique<app::AdministratorIdentities>(*clients);
        return {};
    }
    std::vector<app::DemoIdentities::DemoTenant> tenants;
    for (const auto& tenant : registry.tenants()) {
        std::set<std::string> groups;
        for (const services::OfferedService& offered : tenant->services) {
            if (const auto package = registry.package(offered.id)) {
                groups.insert(package->groups.begin(), package->groups.end());
            }
        }
        tenants.push_back({tenant->id, tenant->authority.name, {groups.begin(), groups.end()}});
    }
    SCHWARM_TRY(demo,
                DemoTokens::load_or_create(config.data / "demo-tokens.json", tenants, random));
    identities = std::move(demo);
    return {};
}

Result<void> Assembly::Impl::open(const Config& config) {
    SCHWARM_TRY_VOID(check_xroad(config));
    SCHWARM_TRY_VOID(open_storage(config));
    SCHWARM_TRY(key, runtime::load_or_create_node_key(config.node_key, random));
    SCHWARM_TRY_VOID(load_packages(config));
    if (config.demo_identities) {
        std::vector<TenantId> tenants;
        for (const auto& tenant : registry.tenants()) tenants.push_back(tenant->id);
        SCHWARM_TRY_VOID(ensure_demo_clients(config.data / "demo-clients.json", *storage, tenants,
                                             clock.now(), random));
    }
    SCHWARM_TRY_VOID(open_runtime(config, key));
    clients = std::make_unique<app::ApiClients>(*storage, key, clock, random);
    SCHWARM_TRY_VOID(make_identities(config));
    SCHWARM_TRY(session_key, crypto::Key::from_bytes(crypto::hkdf_sha256(
                                 key.bytes(), "", "schwarm sessions", crypto::kKeySize)));
    sessions = std::make_unique<app::Sessions>(session_key, clock, random);
    app =
        std::make_unique<app::App>(*runtime, registry, clock, random, app::Limits(),
                                   federation == nullptr ? nullptr : &federation->desk(),
                                   federation == nullptr ? nullptr : &federation->evidence_desk());
    return {};
}

Assembly::Assembly(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Assembly::~Assembly() {
    if (impl_) close();
}

Result<std::unique_ptr<Assembly>> Assembly::open(const Config& config, Log& log) {
    auto impl = std::make_unique<Impl>(log);
    SCHWARM_TRY_VOID(impl->open(config));
    return std::unique_ptr<Assembly>(new Assembly(std::move(impl)));
}

app::App& Assembly::app() {
    return *impl_->app;
}
runtime::Runtime& Assembly::runtime() {
    return *impl_->runtime;
}
services::Registry& Assembly::registry() {
    return impl_->registry;
}
services::Deployments& Assembly::deployments() {
    return *impl_->deployments;
}
const app::ApiClients& Assembly::clients() const {
    return *impl_->clients;
}
const app::Sessions& Assembly::sessions() const {
    return *impl_->sessions;
}
const app::IdentityProvider& Assembly::identities() const {
    return *impl_->identities;
}
const post::Post* Assembly::post() const {
    return impl_->federation == nullptr ? nullptr : &impl_->federation->post();
}
const app::Network* Assembly::network() const {
    return impl_->federation == nullptr ? nullptr : &impl_->federation->desk();
}
const Clock& Assembly::clock() const {
    return impl_->clock;
}

Random& Assembly::random() {
    return impl_->random;
}
void Assembly::set_clock(std::optional<Instant> at) {
    impl_->clock.set(at);
}

std::vector<std::string> Assembly::reasons() const {
    std::vector<std::string> out = impl_->refused_packages;
    const runtime::Health health = impl_->runtime->health();
    if (!health.healthy) out.push_back(health.reason);
    return out;
}

void Assembly::close() {
    if (impl_->federation != nullptr) impl_->federation->stop();
    // The runtime answers what waits, through callbacks that use the App.
    impl_->runtime.reset();
}

}  // namespace schwarm::server
