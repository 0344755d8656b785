#include "schwarm/server/directory_administration.hpp"

#include <fstream>

#include "operator_key.hpp"
#include "schwarm/exchange/directory_export.hpp"
#include "schwarm/runtime/node_key.hpp"
#include "schwarm/runtime/verify.hpp"
#include "schwarm/server/stopwatch.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"
#include "stored_directory.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

// The node's own tenant in its database, read only.
struct Beside {
    std::unique_ptr<storage::Storage> storage;
    runtime::ReadView view;
};

Result<Beside> open_beside(const Place& place) {
    std::error_code ec;
    if (!fs::is_regular_file(place.database, ec)) {
        return fail(ErrorCode::not_found, "there is no database", place.database.string());
    }
    if (!fs::is_regular_file(place.node_key, ec)) {
        return fail(ErrorCode::not_found, "the node key is missing", place.node_key.string());
    }
    storage_sqlite::Options options;
    options.read_only = true;
    SCHWARM_TRY(storage, storage_sqlite::open_sqlite(place.database, options));
    SystemRandom random;
    SCHWARM_TRY(key, runtime::load_or_create_node_key(place.node_key, random));
    SCHWARM_TRY(view,
                runtime::read_beside(*storage, key, TenantId(std::string(services::kNodeTenant))));
    return Beside{std::move(storage), std::move(view)};
}

}  // namespace

Result<std::unique_ptr<StoredNetwork>> read_network(const Place& place, Trusted trusted) {
    SCHWARM_TRY(beside, open_beside(place));
    SCHWARM_TRY(own, read_operator_key(beside.view));
    auto out = std::make_unique<StoredNetwork>();
    const bool checkpoint = trusted == Trusted::checkpoint && own.has_value();
    const Stopwatch watch;
    SCHWARM_TRY(loaded,
                exchange::Directory::load(out->cryptography, StoredDirectory(beside.view),
                                          checkpoint ? &own->public_key : nullptr, &out->report));
    out->directory = std::make_unique<exchange::Directory>(std::move(loaded));
    out->seconds = watch.seconds();
    return out;
}

Result<void> export_network(const Place& place, const fs::path& file) {
    SCHWARM_TRY(beside, open_beside(place));
    std::error_code ec;
    if (fs::exists(file, ec)) {
        return fail(ErrorCode::conflict, "the file is there already", file.string());
    }
    std::ofstream out(file, std::ios::binary);
    auto written = exchange::export_directory(StoredDirectory(beside.view), out);
    out.close();
    if (written.has_value() && !out) {
        written = fail(ErrorCode::unavailable, "the file cannot be written", file.string());
    }
    if (written.has_error()) fs::remove(file, ec);
    return written;
}

}  // namespace schwarm::server
