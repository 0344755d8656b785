// The commands of the program. A file <name>_command.cpp adds one: it declares its subcommand and
// options, and stores what is to be done when it was chosen.
//
//   void add_eval(CLI::App& app, Action& action) {
//       auto options = std::make_shared<EvalOptions>();
//       CLI::App* command = app.add_subcommand("eval", "...");
//       command->add_option("model", options->model)->required();
//       command->callback([options, &action] { action = [options] { return eval(*options); }; });
//   }
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace schwarm::cli {

// What the chosen command does; answers the exit code: 0 done, 1 not done (the reason is on
// standard error), 2 wrong use.
using Action = std::function<int()>;

void add_serve(CLI::App& app, Action& action);
void add_demo(CLI::App& app, Action& action);
void add_check(CLI::App& app, Action& action);
void add_eval(CLI::App& app, Action& action);
void add_feel(CLI::App& app, Action& action);
void add_tck(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_backup(CLI::App& app, Action& action);
void add_restore(CLI::App& app, Action& action);
void add_audit(CLI::App& app, Action& action);
void add_migrate(CLI::App& app, Action& action);
void add_client(CLI::App& app, Action& action);
void add_administrator(CLI::App& app, Action& action);
void add_directory(CLI::App& app, Action& action);

}  // namespace schwarm::cli
