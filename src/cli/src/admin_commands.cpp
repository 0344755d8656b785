// backup, restore, migrate, client: what administrators do with a node's database.
#include <iostream>
#include <memory>
#include <string>

#include "place_option.hpp"
#include "schwarm/base/calendar.hpp"

namespace schwarm::cli {
void add_backup(CLI::App& app, Action& action) {
    struct Options {
        Where where;
        std::string folder;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("backup", "copy the database; the node may go on");
    options->where.add_to(*command);
    command->add_option("--to", options->folder, "new folder: data.db, keys.db, MANIFEST")
        ->required();
    command->callback([options, &action] {
        action = [options] {
            const auto place = options->where.place();
            if (place.has_error()) return refuse(place.error());
            return report(server::make_backup(*place, options->folder),
                          "backup complete: " + options->folder);
        };
    });
}

void add_restore(CLI::App& app, Action& action) {
    struct Options {
        Where where;
        std::string folder;
        std::string keys;
        bool alone = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("restore", "build a database from a backup");
    options->where.add_to(*command);
    CLI::Option* from = command->add_option("--from", options->folder, "folder of the backup");
    command->add_option("--keys", options->keys, "file with the keys (default: keys.db there)")
        ->needs(from);
    command->add_flag("--alone", options->alone,
                      "do not wait for members of the network that do not answer: nobody has seen "
                      "entries of this node that the backup lacks; without --from: of a restored "
                      "database that waits");
    command->callback([options, &action] {
        action = [options] {
            const auto place = options->where.place();
            if (place.has_error()) return refuse(place.error());
            if (options->folder.empty() && !options->alone) {
                return refuse(fail(ErrorCode::invalid_input, "name the backup: --from FOLDER"));
            }
            if (options->folder.empty()) {
                return report(server::restore_alone(*place), "the node will wait for nobody");
            }
            return report(
                server::restore_backup(*place, options->folder, options->keys, options->alone),
                "restored: " + place->database.string());
        };
    });
}

void add_migrate(CLI::App& app, Action& action) {
    auto where = std::make_shared<Where>();
    CLI::App* command =
        app.add_subcommand("migrate", "bring the database to this program's schema; stop the node");
    where->add_to(*command);
    command->callback([where, &action] {
        action = [where] {
            const auto place = where->place();
            if (place.has_error()) return refuse(place.error());
            return report(server::migrate(*place), "the database has this program's schema");
        };
    });
}

namespace {

std::string date_of(Instant at) {
    return DateTime::from_instant(at, Zone::utc()).date.to_string();
}

void add_client_add(CLI::App& client, Action& action) {
    struct Options {
        Where where;
        std::string tenant, role, name;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        client.add_subcommand("add", "make a client; prints its id and secret once");
    options->where.add_to(*command);
    command->add_option("--tenant", options->tenant, "id of the tenant")->required();
    command->add_option("--role", options->role, "worker, deployer or operator")->required();
    command->add_option("--name", options->name, "for people");
    command->callback([options, &action] {
        action = [options] {
            const auto place = options->where.place();
            if (place.has_error()) return refuse(place.error());
            const auto added =
                server::add_client(*place, options->tenant, options->role, options->name);
            if (added.has_error()) return refuse(added.error());
            std::cout << "client_id:     " << added->client.id << '\n'
                      << "client_secret: " << added->secret << '\n';
            return 0;
        };
    });
}

void add_client_list(CLI::App& client, Action& action) {
    struct Options {
        Where where;
        std::string tenant;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = client.add_subcommand("list", "the clients, without secrets");
    options->where.add_to(*command);
    command->add_option("--tenant", options->tenant, "of this tenant only");
    command->callback([options, &action] {
        action = [options] {
            const auto place = options->where.place();
            if (place.has_error()) return refuse(place.error());
            const auto clients = server::list_clients(*place, options->tenant);
            if (clients.has_error()) return refuse(clients.error());
            for (const auto& one : *clients) {
                std::cout << one.id << "  " << app::role_name(one.role) << "  "
                          << date_of(one.created) << (one.name.empty() ? "" : "  ") << one.name
                          << '\n';
            }
            return 0;
        };
    });
}

void add_client_remove(CLI::App& client, Action& action) {
    struct Options {
        Where where;
        std::string id;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        client.add_subcommand("remove", "end a client; a working node knows within seconds");
    options->where.add_to(*command);
    command->add_option("id", options->id, "client_id")->required();
    command->callback([options, &action] {
        action = [options] {
            const auto place = options->where.place();
            if (place.has_error()) return refuse(place.error());
            return report(server::remove_client(*place, options->id), "removed " + options->id);
        };
    });
}

}  // namespace

void add_client(CLI::App& app, Action& action) {
    CLI::App* client = app.add_subcommand("client", "machines that may use /v2");
    client->require_subcommand(1);
    add_client_add(*client, action);
    add_client_list(*client, action);
    add_client_remove(*client, action);
}

}  // namespace schwarm::cli
