#include "schwarm/services/store.hpp"

#include <filesystem>
#include <optional>
#include <utility>

#include "schwarm/base/binary.hpp"
#include "schwarm/services/contract.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::services {
namespace {

// Rows of the space packages, below the node's tenant:
//   c <id>            the current version: version, time of deployment
//   v <id> <version>  the files
constexpr std::uint8_t kFormat = 1;

std::string current_key(std::string_view id) {
    return "c" + std::string(id);
}
std::string version_key(std::string_view id, std::string_view version) {
    return "v" + std::string(id) + "/" + std::string(version);
}
std::string full_key(std::string_view key) {
    return storage::KeyBuilder(node_tenant()).raw(key).take();
}

struct Current {
    std::string version;
    Instant deployed{};
};

std::string encode_current(const Current& current) {
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(current.version);
    out.u64(static_cast<std::uint64_t>(current.deployed.time_since_epoch().count()));
    return out.take();
}

Result<Current> decode_current(std::string_view bytes) {
    ByteReader in(bytes);
    Current current;
    const auto format = in.u8();
    current.version = std::string(in.bytes());
    current.deployed = Instant(std::chrono::milliseconds(static_cast<std::int64_t>(in.u64())));
    if (!in.ok() || !in.at_end() || format != kFormat) {
        return fail(ErrorCode::corrupt, "the row of a deployed package is damaged");
    }
    return current;
}

Result<PackageFiles> read_version(storage::Storage& storage, std::string_view id,
                                  std::string_view version_start) {
    SCHWARM_TRY(reader, storage.begin_read());
    std::optional<std::string> bytes;
    const auto range = storage::prefix_range(full_key(version_key(id, version_start)), 1);
    SCHWARM_TRY_VOID(reader->scan(storage::Space::packages, range,
                                  [&](std::string_view, std::string_view value) {
                                      bytes = std::string(value);
                                      return false;
                                  }));
    if (!bytes) {
        return fail(ErrorCode::not_found, "the version is not stored",
                    std::string(id) + "/" + std::string(version_start));
    }
    return decode_files(*bytes);
}

Result<std::vector<std::pair<std::string, Current>>> read_currents(storage::Storage& storage) {
    SCHWARM_TRY(reader, storage.begin_read());
    std::vector<std::pair<std::string, Current>> all;
    std::optional<Error> damage;
    const auto prefix = full_key("c");
    SCHWARM_TRY_VOID(reader->scan(storage::Space::packages, storage::prefix_range(prefix),
                                  [&](std::string_view key, std::string_view value) {
                                      auto current = decode_current(value);
                                      if (!current) {
                                          damage = current.error();
                                          return false;
                                      }
                                      all.emplace_back(key.substr(prefix.size()),
                                                       std::move(*current));
                                      return true;
                                  }));
    if (damage) return *damage;
    return all;
}

Result<void> write_rows(storage::WriteTransaction& out, const Package& package,
                        const PackageFiles& files, Instant now) {
    const auto& id = package.id.value();
    SCHWARM_TRY_VOID(out.put(storage::Space::packages, full_key(version_key(id, package.version)),
                             encode_files(files)));
    return out.put(storage::Space::packages, full_key(current_key(id)),
                   encode_current({package.version, now}));
}

bool refused(const LoadResult& loaded) {
    return loaded.package == nullptr;
}

}  // namespace

const TenantId& node_tenant() {
    static const TenantId node{std::string(kNodeTenant)};
    return node;
}

Result<void> load_stored(storage::Storage& storage, Registry& registry) {
    registry.set_version_source(
        [&storage](const ServiceId& id, std::string_view version) -> Result<PackageFiles> {
            return read_version(storage, id.value(), version);
        });
    SCHWARM_TRY(currents, read_currents(storage));
    for (const auto& [id, current] : currents) {
        SCHWARM_TRY(files, read_version(storage, id, current.version));
        auto loaded = load_package(id, files, DecisionChecks::load_only);
        if (refused(loaded) || loaded.package->version != current.version) {
            return fail(ErrorCode::corrupt, "the stored package does not load", id);
        }
        SCHWARM_TRY_VOID(registry.add(std::move(loaded.package), current.deployed));
    }
    return {};
}

Result<std::vector<Problem>> deploy_at_start(storage::Storage& storage, Registry& registry,
                                             const std::vector<std::string>& folders, Instant now) {
    std::vector<Problem> problems;
    for (const auto& folder : folders) {
        const auto id = std::filesystem::path(folder).lexically_normal().filename().string();
        auto files = read_folder(folder);
        if (!files) {
            problems.push_back({folder, 0, "", files.error().text(), false});
            continue;
        }
        const auto current = registry.package(ServiceId(id));
        if (current && current->version == content_hash(*files)) continue;
        auto loaded = load_against(id, *files, folder);
        for (auto& problem : loaded.problems) {
            problem.file = (std::filesystem::path(folder) / problem.file).string();
            problems.push_back(std::move(problem));
        }
        if (refused(loaded)) continue;
        if (auto added = registry.add(loaded.package, now); added.has_error()) {
            problems.push_back({folder, 0, "", added.error().text(), false});
            continue;
        }
        SCHWARM_TRY(transaction, storage.begin_write());
        SCHWARM_TRY_VOID(write_rows(*transaction, *loaded.package, *files, now));
        SCHWARM_TRY_VOID(transaction->commit());
    }
    return problems;
}

void deploy(runtime::Runtime& runtime, Registry& registry, std::string_view id, PackageFiles files,
            Instant now, std::string_view actor, std::function<void(Result<Deployed>)> done) {
    auto loaded = load_package(id, files);
    Deployed deployed;
    deployed.problems = std::move(loaded.problems);
    if (refused(loaded)) return done(std::move(deployed));
    const auto package = loaded.package;
    deployed.version = package->version;
    if (auto fits = registry.check_settings(*package); fits.has_error()) {
        deployed.problems.push_back({"service.json", 0, "", fits.error().text(), false});
        return done(std::move(deployed));
    }
    auto version_row = encode_files(files);
    auto write = [package, now, rows = std::move(version_row),
                  who = std::string(actor)](runtime::WriteBatch& batch) -> Result<void> {
        const auto& service = package->id.value();
        batch.put(storage::Space::packages, version_key(service, package->version), rows);
        batch.put(storage::Space::packages, current_key(service),
                  encode_current({package->version, now}));
        return batch.audit(who, "deploy_package", CaseId(), service + " " + package->version);
    };
    runtime.submit_write(node_tenant(), std::move(write),
                         [&registry, package, now, deployed = std::move(deployed),
                          done = std::move(done)](Result<void> written) mutable {
                             if (written.has_error()) return done(written.error());
                             const auto added = registry.add(package, now);
                             if (added.has_error()) return done(added.error());
                             done(std::move(deployed));
                         });
}

std::string encode_files(const PackageFiles& files) {
    ByteWriter out;
    out.u8(kFormat);
    out.u64(files.size());
    for (const auto& [name, bytes] : files) {
        out.bytes(name);
        out.bytes(bytes);
    }
    return out.take();
}

Result<PackageFiles> decode_files(std::string_view bytes) {
    ByteReader in(bytes);
    PackageFiles files;
    const auto format = in.u8();
    const auto count = in.u64();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        std::string name(in.bytes());
        files.emplace(std::move(name), in.bytes());
    }
    if (!in.ok() || !in.at_end() || format != kFormat || files.size() != count) {
        return fail(ErrorCode::corrupt, "the files of a stored package are damaged");
    }
    return files;
}

}  // namespace schwarm::services
