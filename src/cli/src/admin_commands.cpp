// backup, restore, migrate: what administrators do with a node's database.
#include <iostream>
#include <memory>
#include <string>

#include "place_option.hpp"

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

}  // namespace schwarm::cli
