// What administrators do with the database of a node: backup, restore, migration (audit.hpp:
// verification). Backup and API clients may be used beside a working node; restore and migration
// may not.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "schwarm/app/api_clients.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/server/config.hpp"

namespace schwarm::server {

// Where a node keeps its things.
struct Place {
    std::filesystem::path database;
    std::filesystem::path node_key;
};
Place place_of(const Config& config);
// Of a data folder as `demo` makes it.
Place place_in(const std::filesystem::path& data);

// A new folder with data.db, keys.db and MANIFEST (docs/betrieb.md, "Sicherung").
Result<void> make_backup(const Place& place, const std::filesystem::path& folder);
// `keys`: the file with the keys; empty: keys.db in the folder. Refuses to replace a database. The
// new one is marked as restored (docs/decisions/0013-restore.md); `alone`: the node will not wait
// for other members that do not answer.
Result<void> restore_backup(const Place& place, const std::filesystem::path& folder,
                            const std::filesystem::path& keys, bool alone);
// Sets `alone` in a restored database. conflict: it is not restored, or has learned what it must.
Result<void> restore_alone(const Place& place);
// Carries out the missing migrations of the schema; the node must not run.
Result<void> migrate(const Place& place);

// API clients (docs/betrieb.md, "Schnittstelle /v2"). The database must be there; the tenant is not
// looked up, so that a client may be made before its tenant is in the configuration.
Result<app::NewApiClient> add_client(const Place& place, const std::string& tenant,
                                     const std::string& role, const std::string& name);
// Of one tenant, or (empty) of all that the database has.
Result<std::vector<app::ApiClient>> list_clients(const Place& place, const std::string& tenant);
Result<void> remove_client(const Place& place, const std::string& id);

}  // namespace schwarm::server
