#include "schwarm/server/administration.hpp"

#include "open_place.hpp"
#include "restored_row.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/post/restored.hpp"
#include "schwarm/runtime/backup.hpp"
#include "schwarm/runtime/node_key.hpp"
#include "schwarm/server/assembly.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage/key.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

Result<std::unique_ptr<storage::Storage>> open_for_clients(const Place& place) {
    std::error_code ec;
    if (!fs::is_regular_file(place.database, ec)) {
        return fail(ErrorCode::not_found, "there is no database; start the node once",
                    place.database.string());
    }
    storage_sqlite::Options options;
    options.beside_node = true;
    return storage_sqlite::open_sqlite(place.database, options);
}

runtime::StorageFactory factory() {
    return [](const fs::path& file) { return storage_sqlite::open_sqlite(file); };
}

}  // namespace

Result<std::unique_ptr<storage::Storage>> open_beside(const Place& place) {
    std::error_code ec;
    if (!fs::is_regular_file(place.database, ec)) {
        return fail(ErrorCode::not_found, "there is no database", place.database.string());
    }
    storage_sqlite::Options options;
    options.read_only = true;
    return storage_sqlite::open_sqlite(place.database, options);
}

Result<crypto::Key> read_node_key(const Place& place) {
    std::error_code ec;
    if (!fs::is_regular_file(place.node_key, ec)) {
        return fail(ErrorCode::not_found, "the node key is missing", place.node_key.string());
    }
    SystemRandom random;
    return runtime::load_or_create_node_key(place.node_key, random);
}

// By hopping from prefix to prefix.
Result<std::vector<TenantId>> tenants_in(storage::Storage& storage) {
    SCHWARM_TRY(reader, storage.begin_read());
    std::vector<TenantId> tenants;
    storage::ScanRange range;
    range.limit = 1;
    while (true) {
        std::optional<TenantId> found;
        SCHWARM_TRY_VOID(
            reader->scan(storage::Space::meta, range, [&](std::string_view key, std::string_view) {
                found = storage::KeyReader(key).tenant();
                return false;
            }));
        if (!found) return tenants;
        range.from = storage::prefix_end(storage::KeyBuilder(*found).data());
        if (!found->value().empty()) tenants.push_back(std::move(*found));
        if (range.from.empty()) return tenants;
    }
}

Place place_of(const Config& config) {
    return {database_file(config), config.node_key};
}

Place place_in(const fs::path& data) {
    return {data / "schwarm.db", data / "node.key"};
}

Result<void> make_backup(const Place& place, const fs::path& folder) {
    SCHWARM_TRY(storage, open_beside(place));
    return runtime::backup(*storage, folder, factory(), SystemClock().now());
}

namespace {

// Senders keep what they sent no longer than this.
constexpr auto kOldest = std::chrono::hours(24 * 14);

std::string restored_key() {
    return storage::KeyBuilder(services::node_tenant()).raw(kRestoredRow).take();
}

Result<std::optional<RestoredRow>> read_restored(storage::Reader& reader) {
    SCHWARM_TRY(text, reader.get(storage::Space::directory, restored_key()));
    if (!text) return std::optional<RestoredRow>();
    SCHWARM_TRY(row, RestoredRow::read(*text));
    return std::optional(row);
}

Result<void> write_restored(storage::Storage& storage, const RestoredRow& row) {
    SCHWARM_TRY(write, storage.begin_write());
    SCHWARM_TRY_VOID(write->put(storage::Space::directory, restored_key(), row.write()));
    return write->commit();
}

Result<void> mark(storage::Storage& storage, Instant since, bool alone) {
    RestoredRow row;
    row.since = since;
    row.alone = alone;
    {
        SCHWARM_TRY(reader, storage.begin_read());
        SCHWARM_TRY(before, read_restored(*reader));
        if (before && !before->done) row.since = std::min(row.since, before->since);
    }
    SCHWARM_TRY(tenants, tenants_in(storage));
    for (const TenantId& tenant : tenants) {
        if (tenant == services::node_tenant()) continue;
        SCHWARM_TRY_VOID(post::mark_restored(storage, tenant, since, SystemClock().now()));
    }
    SCHWARM_TRY_VOID(write_restored(storage, row));
    return storage.scrub();
}

}  // namespace

// Put in place when it is marked: an unmarked one would sign what it must not.
Result<void> restore_backup(const Place& place, const fs::path& folder, const fs::path& keys,
                            bool alone) {
    std::error_code ec;
    if (fs::exists(place.database, ec)) {
        return fail(ErrorCode::conflict, "the target exists; move it away first",
                    place.database.string());
    }
    fs::create_directories(place.database.parent_path(), ec);
    SCHWARM_TRY(made, runtime::backup_time(folder));
    const fs::path unmarked = place.database.string() + ".unmarked";
    fs::remove(unmarked, ec);
    SCHWARM_TRY_VOID(
        runtime::restore(folder, keys.empty() ? folder / "keys.db" : keys, unmarked, factory()));
    {
        SCHWARM_TRY(storage, storage_sqlite::open_sqlite(unmarked));
        SCHWARM_TRY_VOID(mark(*storage, made ? *made : SystemClock().now() - kOldest, alone));
    }
    for (const char* suffix : {"-wal", "-shm", ".lock"}) fs::remove(unmarked.string() + suffix, ec);
    fs::rename(unmarked, place.database, ec);
    if (!ec) return {};
    return fail(ErrorCode::storage_failed, "the restored database cannot be put in place",
                place.database.string());
}

Result<void> restore_alone(const Place& place) {
    std::error_code ec;
    if (!fs::is_regular_file(place.database, ec)) {
        return fail(ErrorCode::not_found, "there is no database", place.database.string());
    }
    SCHWARM_TRY(storage, storage_sqlite::open_sqlite(place.database));
    std::optional<RestoredRow> row;
    {
        SCHWARM_TRY(reader, storage->begin_read());
        SCHWARM_TRY(found, read_restored(*reader));
        row = found;
    }
    if (!row || row->done) {
        return fail(ErrorCode::conflict, "the database waits for no other member",
                    place.database.string());
    }
    row->alone = true;
    return write_restored(*storage, *row);
}

Result<void> migrate(const Place& place) {
    std::error_code ec;
    if (!fs::is_regular_file(place.database, ec)) {
        return fail(ErrorCode::not_found, "there is no database", place.database.string());
    }
    SCHWARM_TRY(storage, storage_sqlite::open_sqlite(place.database));
    return {};
}

Result<app::NewApiClient> add_client(const Place& place, const std::string& tenant,
                                     const std::string& role, const std::string& name) {
    SCHWARM_TRY(kind, app::parse_role(role));
    SCHWARM_TRY(storage, open_for_clients(place));
    SystemRandom random;
    return app::add_api_client(*storage, TenantId(tenant), kind, name, SystemClock().now(), random);
}

Result<std::vector<app::ApiClient>> list_clients(const Place& place, const std::string& tenant) {
    SCHWARM_TRY(storage, open_beside(place));
    std::vector<TenantId> tenants = {TenantId(tenant)};
    if (tenant.empty()) {
        SCHWARM_TRY(all, tenants_in(*storage));
        tenants = std::move(all);
    }
    std::vector<app::ApiClient> out;
    for (const auto& one : tenants) {
        SCHWARM_TRY(clients, app::list_api_clients(*storage, one));
        out.insert(out.end(), clients.begin(), clients.end());
    }
    return out;
}

Result<void> remove_client(const Place& place, const std::string& id) {
    SCHWARM_TRY(storage, open_for_clients(place));
    return app::remove_api_client(*storage, id);
}

}  // namespace schwarm::server
