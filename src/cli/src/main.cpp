// schwarm: one program, many commands.
#include <malloc.h>

#include <exception>
#include <iostream>

#include "commands.hpp"

int main(int argc, char** argv) {
    // Few arenas keep the resident memory small; threads here allocate little at the same time.
    mallopt(M_ARENA_MAX, 2);
    CLI::App app("Schwarm: online services of municipalities, from application to notice");
    app.set_version_flag("--version", SCHWARM_VERSION);
    app.require_subcommand(1);
    schwarm::cli::Action action;
    schwarm::cli::add_serve(app, action);
    schwarm::cli::add_demo(app, action);
    schwarm::cli::add_check(app, action);
    schwarm::cli::add_eval(app, action);
    schwarm::cli::add_feel(app, action);
    schwarm::cli::add_tck(app, action);
    schwarm::cli::add_bench(app, action);
    schwarm::cli::add_backup(app, action);
    schwarm::cli::add_restore(app, action);
    schwarm::cli::add_audit(app, action);
    schwarm::cli::add_migrate(app, action);
    schwarm::cli::add_client(app, action);
    schwarm::cli::add_administrator(app, action);
    schwarm::cli::add_directory(app, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    try {
        return action();
    } catch (const std::exception& e) {
        std::cerr << "schwarm: " << e.what() << '\n';
        return 1;
    }
}
