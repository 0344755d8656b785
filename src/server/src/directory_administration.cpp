#include "schwarm/server/directory_administration.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "open_place.hpp"
#include "operator_key.hpp"
#include "own_member.hpp"
#include "restored_row.hpp"
#include "schwarm/exchange/directory_export.hpp"
#include "schwarm/runtime/audit_view.hpp"
#include "schwarm/server/stopwatch.hpp"
#include "schwarm/services/store.hpp"
#include "stored_directory.hpp"
#include "tls_keys.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

// The node's own tenant in its database, read only.
struct Beside {
    std::unique_ptr<storage::Storage> storage;
    runtime::ReadView view;
};

Result<Beside> open_node(const Place& place) {
    SCHWARM_TRY(storage, open_beside(place));
    SCHWARM_TRY(key, read_node_key(place));
    SCHWARM_TRY(view, runtime::open_view(*storage, key, services::node_tenant()));
    return Beside{std::move(storage), std::move(view)};
}

}  // namespace

Result<std::unique_ptr<StoredNetwork>> read_network(const Place& place, Trusted trusted,
                                                    exchange::DirectorySettings settings) {
    SCHWARM_TRY(beside, open_node(place));
    SCHWARM_TRY(own, read_operator_key(beside.view));
    auto out = std::make_unique<StoredNetwork>();
    const bool checkpoint = trusted == Trusted::checkpoint && own.has_value();
    const Stopwatch watch;
    SCHWARM_TRY(loaded, exchange::Directory::load(out->cryptography, StoredDirectory(beside.view),
                                                  checkpoint ? &own->public_key : nullptr,
                                                  &out->report, settings));
    out->directory = std::make_unique<exchange::Directory>(std::move(loaded));
    out->seconds = watch.seconds();
    SCHWARM_TRY(text, StoredDirectory(beside.view).get(kRestoredRow));
    if (text) {
        SCHWARM_TRY(row, RestoredRow::read(*text));
        if (!row.done) out->restored = row.since;
    }
    return out;
}

std::vector<exchange::DirectoryWarning> warnings_beside(const Place& place,
                                                        const StoredNetwork& network, Instant now) {
    auto out = network.directory->warnings(now);
    const auto self = own_member(place, *network.directory);
    if (self.has_error()) return out;
    const auto end = read_tls_end(place.database.parent_path());
    auto own = network.directory->own_warnings(
        self.value(), end.has_value() ? std::optional(end.value()) : std::nullopt, now);
    std::move(own.begin(), own.end(), std::back_inserter(out));
    return out;
}

Result<void> export_network(const Place& place, const fs::path& file) {
    SCHWARM_TRY(beside, open_node(place));
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
