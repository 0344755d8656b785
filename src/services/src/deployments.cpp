#include "schwarm/services/deployments.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>

#include "deployment_parts.hpp"
#include "schwarm/bpmn/model.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::services {
namespace {

constexpr auto kSpace = storage::Space::packages;
constexpr std::string_view kKeyCounter = "key";
constexpr std::array kLetters = {'p', 'r', 'f', 'g'};

std::string full_key(const TenantId& tenant, std::string_view key) {
    return storage::KeyBuilder(tenant).raw(key).take();
}

void put_into(DefinitionSet& set, const Deployment::Any& any) {
    std::visit([&set](const auto& one) { set.put(one); }, any);
}

// Gives keys and versions, on the writer's thread: nobody else deploys meanwhile.
class Assignment {
  public:
    Assignment(runtime::WriteBatch& batch, Deployment& deployment,
               const std::vector<ResourceFile>& files)
        : batch_(batch), deployment_(deployment), files_(files) {}

    Result<void> run() {
        SCHWARM_TRY(key, next_key());
        deployment_.key = key;
        SCHWARM_TRY(known, all_known());
        if (known) return take_known();
        for (auto& any : deployment_.definitions) SCHWARM_TRY_VOID(add(any));
        for (const auto& file : files_) SCHWARM_TRY_VOID(put_content(file));
        return {};
    }

  private:
    Result<std::uint64_t> next_key() {
        SCHWARM_TRY(number, batch_.next_number(kKeyCounter));
        return global_key(number);
    }

    Result<LatestVersion> latest(char letter, std::string_view id) {
        SCHWARM_TRY(row, batch_.get(kSpace, latest_row_key(letter, id)));
        if (!row) return LatestVersion{};
        return decode_latest(*row);
    }

    Result<bool> all_known() {
        for (const auto& any : deployment_.definitions) {
            const auto& definition = definition_in(any);
            SCHWARM_TRY(before, latest(letter_of(any), definition.id));
            if (before.key == 0 || before.checksum != definition.checksum ||
                before.resource_name != definition.resource_name) {
                return false;
            }
        }
        return true;
    }

    Result<void> take_known() {
        for (auto& any : deployment_.definitions) {
            SCHWARM_TRY(before, latest(letter_of(any), definition_in(any).id));
            SCHWARM_TRY(row, batch_.get(kSpace, definition_row_key(letter_of(any), before.key)));
            if (!row) return fail(ErrorCode::corrupt, "the row of a definition is missing");
            SCHWARM_TRY(kept, decode_definition(*row));
            any = std::move(kept);
        }
        return {};
    }

    Result<void> add(Deployment::Any& any) {
        auto& definition = definition_in(any);
        const char letter = letter_of(any);
        SCHWARM_TRY(before, latest(letter, definition.id));
        SCHWARM_TRY(key, next_key());
        definition.key = key;
        definition.version = before.version + 1;
        definition.deployment_key = deployment_.key;
        definition.deployed = batch_.now();
        if (auto* graph = std::get_if<DecisionRequirements>(&any)) {
            for (auto& decision : graph->decisions) SCHWARM_TRY_VOID(add(decision));
        }
        batch_.put(kSpace, definition_row_key(letter, key), encode_definition(any));
        batch_.put(kSpace, latest_row_key(letter, definition.id),
                   encode_latest(
                       {definition.version, key, definition.checksum, definition.resource_name}));
        return {};
    }

    Result<void> add(DecisionDefinition& decision) {
        SCHWARM_TRY(before, latest('d', decision.id));
        SCHWARM_TRY(key, next_key());
        decision.key = key;
        decision.version = before.version + 1;
        batch_.put(kSpace, latest_row_key('d', decision.id),
                   encode_latest({decision.version, key, {}, {}}));
        return {};
    }

    Result<void> put_content(const ResourceFile& file) {
        for (const auto& any : deployment_.definitions) {
            const auto& definition = definition_in(any);
            if (definition.resource_name != file.name) continue;
            batch_.put(kSpace, content_row_key(definition.checksum), file.bytes);
            break;
        }
        return {};
    }

    runtime::WriteBatch& batch_;
    Deployment& deployment_;
    const std::vector<ResourceFile>& files_;
};

// Calls `visit` for each definition that `scan(visitor)` goes through; a damaged row ends it.
template <class Scan, class Visit>
Result<void> each_definition(const Scan& scan, const Visit& visit) {
    std::optional<Error> damage;
    SCHWARM_TRY_VOID(scan([&](std::string_view, std::string_view row) {
        const auto any = decode_definition(row);
        if (any) {
            visit(*any);
        } else {
            damage = any.error();
        }
        return !damage;
    }));
    if (damage) return *damage;
    return {};
}

// The newest version of an id beside the one that goes.
Result<LatestVersion> previous_version(runtime::WriteBatch& batch, char letter,
                                       const Definition& gone) {
    LatestVersion out;
    std::int32_t version = 0;
    const auto visit = [&](const Deployment::Any& any) {
        const auto& one = definition_in(any);
        if (one.id == gone.id && !one.deleted && one.key != gone.key && one.version > version) {
            version = one.version;
            out.key = one.key;
            out.checksum = one.checksum;
            out.resource_name = one.resource_name;
        }
    };
    const std::string prefix{'D', letter};
    SCHWARM_TRY_VOID(each_definition(
        [&](const storage::Visitor& visitor) {
            return batch.scan(kSpace, storage::prefix_range(prefix), visitor);
        },
        visit));
    return out;
}

Result<Deployment::Any> delete_definition(runtime::WriteBatch& batch, std::uint64_t key) {
    for (const char letter : kLetters) {
        SCHWARM_TRY(row, batch.get(kSpace, definition_row_key(letter, key)));
        if (!row) continue;
        SCHWARM_TRY(any, decode_definition(*row));
        auto& definition = definition_in(any);
        if (definition.deleted) break;
        SCHWARM_TRY(previous, previous_version(batch, letter, definition));
        SCHWARM_TRY(latest_row, batch.get(kSpace, latest_row_key(letter, definition.id)));
        if (!latest_row) return fail(ErrorCode::corrupt, "the row of a latest version is missing");
        SCHWARM_TRY(latest, decode_latest(*latest_row));
        previous.version = latest.version;
        definition.deleted = true;
        batch.put(kSpace, definition_row_key(letter, key), encode_definition(any));
        batch.put(kSpace, latest_row_key(letter, definition.id), encode_latest(previous));
        return any;
    }
    return fail(ErrorCode::not_found, "no resource has the key " + std::to_string(key));
}

}  // namespace

struct Deployments::Impl {
    using SetPtr = std::shared_ptr<const DefinitionSet>;

    Impl(storage::Storage& s, const DeploymentLimits& l) : storage(s), limits(l) {}

    // With the mutex held, so that no commit between reading and keeping is missed.
    Result<SetPtr> load(const TenantId& tenant) const {
        SCHWARM_TRY(reader, storage.begin_read());
        auto set = std::make_shared<DefinitionSet>();
        SCHWARM_TRY_VOID(each_definition(
            [&](const storage::Visitor& visitor) {
                return reader->scan(kSpace, storage::prefix_range(full_key(tenant, "D")), visitor);
            },
            [&](const Deployment::Any& any) { put_into(*set, any); }));
        return SetPtr(std::move(set));
    }

    Result<SetPtr> of(const TenantId& tenant) const {
        const std::scoped_lock lock(mutex);
        auto found = sets.find(tenant.value());
        if (found == sets.end()) {
            SCHWARM_TRY(loaded, load(tenant));
            found = sets.emplace(tenant.value(), std::move(loaded)).first;
        }
        return found->second;
    }

    void committed(const TenantId& tenant, const std::vector<Deployment::Any>& definitions) {
        {
            const std::scoped_lock lock(mutex);
            const auto found = sets.find(tenant.value());
            if (found != sets.end()) {
                auto changed = std::make_shared<DefinitionSet>(*found->second);
                for (const auto& any : definitions) put_into(*changed, any);
                found->second = std::move(changed);
            }
        }
        ++revision;
    }

    storage::Storage& storage;
    DeploymentLimits limits;
    std::atomic<std::uint64_t> revision{0};
    mutable std::mutex mutex;
    mutable std::map<std::string, SetPtr, std::less<>> sets;  // by tenant
    // By tenant and checksum, never dropped: the engine holds pointers into them.
    mutable std::map<std::string, std::shared_ptr<const bpmn::Model>, std::less<>> models;
    mutable std::map<std::string, std::shared_ptr<const CompiledDecisions>, std::less<>> decisions;
};

Deployments::Deployments(storage::Storage& storage, const DeploymentLimits& limits)
    : impl_(std::make_unique<Impl>(storage, limits)) {}
Deployments::~Deployments() = default;

Result<std::shared_ptr<const DefinitionSet>> Deployments::of(const TenantId& tenant) const {
    return impl_->of(tenant);
}

std::uint64_t Deployments::revision() const {
    return impl_->revision;
}

void Deployments::deploy(runtime::Runtime& runtime, const TenantId& tenant,
                         std::vector<ResourceFile> files, std::string_view actor,
                         std::function<void(Result<Deployment>)> done) {
    auto checked = check_files(files, impl_->limits);
    auto deployment = std::make_shared<Deployment>();
    deployment->problems = std::move(checked.problems);
    const bool refused = std::any_of(deployment->problems.begin(), deployment->problems.end(),
                                     [](const Problem& problem) { return !problem.warning; });
    if (refused) return done(std::move(*deployment));
    deployment->definitions = std::move(checked.definitions);
    auto write = [deployment, kept = std::make_shared<std::vector<ResourceFile>>(std::move(files)),
                  who = std::string(actor)](runtime::WriteBatch& batch) -> Result<void> {
        SCHWARM_TRY_VOID(Assignment(batch, *deployment, *kept).run());
        return batch.audit(who, "deploy_resource", CaseId(), std::to_string(deployment->key));
    };
    runtime.submit_write(
        tenant, std::move(write),
        [this, &runtime, tenant, deployment, done = std::move(done)](const Result<void>& written) {
            if (written.has_error()) return done(written.error());
            impl_->committed(tenant, deployment->definitions);
            runtime.deployed(tenant, [deployment, done](const Result<void>& known) {
                if (known.has_error()) return done(known.error());
                done(std::move(*deployment));
            });
        });
}

void Deployments::remove(runtime::Runtime& runtime, const TenantId& tenant, std::uint64_t key,
                         std::string_view actor, std::function<void(Result<void>)> done) {
    auto gone = std::make_shared<std::vector<Deployment::Any>>();
    auto write = [gone, key, who = std::string(actor)](runtime::WriteBatch& batch) -> Result<void> {
        SCHWARM_TRY(any, delete_definition(batch, key));
        gone->assign(1, std::move(any));
        return batch.audit(who, "delete_resource", CaseId(), std::to_string(key));
    };
    runtime.submit_write(
        tenant, std::move(write),
        [this, &runtime, tenant, gone, done = std::move(done)](const Result<void>& written) {
            if (written.has_error()) return done(written);
            impl_->committed(tenant, *gone);
            runtime.deployed(tenant, done);
        });
}

Result<std::string> Deployments::content(const TenantId& tenant, std::string_view checksum) const {
    SCHWARM_TRY(reader, impl_->storage.begin_read());
    SCHWARM_TRY(bytes, reader->get(kSpace, full_key(tenant, content_row_key(checksum))));
    if (!bytes) return fail(ErrorCode::not_found, "the file is not stored");
    return std::move(*bytes);
}

Result<const bpmn::Process*> Deployments::compiled(const TenantId& tenant,
                                                   const ProcessDefinition& process) const {
    SCHWARM_TRY(shared, shared_process(tenant, process));
    return shared.get();
}

Result<std::shared_ptr<const bpmn::Process>> Deployments::shared_process(
    const TenantId& tenant, const ProcessDefinition& process) const {
    const auto place = tenant.value() + "/" + process.checksum;
    std::shared_ptr<const bpmn::Model> model;
    {
        const std::scoped_lock lock(impl_->mutex);
        if (const auto found = impl_->models.find(place); found != impl_->models.end()) {
            model = found->second;
        }
    }
    if (!model) {
        SCHWARM_TRY(bytes, content(tenant, process.checksum));
        auto import = bpmn::import_model(bytes, process.resource_name);
        if (!import.model || bpmn::has_errors(import.problems)) {
            return fail(ErrorCode::corrupt, "a deployed process does not load", process.id);
        }
        const std::scoped_lock lock(impl_->mutex);
        model = impl_->models.emplace(place, std::move(import.model)).first->second;
    }
    auto found = model->process(process.id);
    if (!found) return fail(ErrorCode::corrupt, "a deployed file has lost a process", process.id);
    return found;
}

Result<std::shared_ptr<const CompiledDecisions>> Deployments::compiled(
    const TenantId& tenant, const DecisionRequirements& requirements) const {
    auto place = tenant.value() + "/" + requirements.checksum;
    for (const auto& [name, checksum] : requirements.imports) place += "/" + checksum;
    {
        const std::scoped_lock lock(impl_->mutex);
        if (const auto found = impl_->decisions.find(place); found != impl_->decisions.end()) {
            return found->second;
        }
    }
    SCHWARM_TRY(text, content(tenant, requirements.checksum));
    std::vector<dmn::SourceFile> others;
    for (const auto& [name, checksum] : requirements.imports) {
        SCHWARM_TRY(other, content(tenant, checksum));
        others.push_back({name, std::move(other)});
    }
    SCHWARM_TRY(compiled,
                CompiledDecisions::compile({requirements.resource_name, std::move(text)}, others));
    auto shared = std::make_shared<const CompiledDecisions>(std::move(compiled));
    const std::scoped_lock lock(impl_->mutex);
    return impl_->decisions.emplace(place, std::move(shared)).first->second;
}

Result<std::vector<StartPlace>> Deployments::start_events(const TenantId& tenant,
                                                          bpmn::EventKind kind,
                                                          std::string_view name) const {
    SCHWARM_TRY(set, of(tenant));
    std::vector<StartPlace> out;
    for (const auto& process : set->processes()) {
        if (process->starts.empty() || !set->is_latest(*process)) continue;
        for (const auto& start : process->starts) {
            if (start.kind != kind || (!name.empty() && start.text != name)) continue;
            out.push_back({definition_key_of(process->key), process->key, process->id, start});
        }
    }
    return out;
}

Result<std::vector<StartableProcess>> Deployments::startable_processes(
    const TenantId& tenant) const {
    SCHWARM_TRY(set, of(tenant));
    std::vector<StartableProcess> out;
    for (const auto& process : set->processes()) {
        if (process->starts.empty() || !set->is_latest(*process)) continue;
        SCHWARM_TRY(compiled, shared_process(tenant, *process));
        out.push_back({definition_key_of(process->key), std::move(compiled)});
    }
    return out;
}

}  // namespace schwarm::services
