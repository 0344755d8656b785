// serve and demo: a node until SIGTERM or SIGINT.
#include <csignal>
#include <iostream>
#include <memory>
#include <string>

#include "commands.hpp"
#include "schwarm/server/config.hpp"
#include "schwarm/server/demo.hpp"
#include "schwarm/server/log.hpp"
#include "schwarm/server/node.hpp"

namespace schwarm::cli {
namespace {

int refuse(const Error& error) {
    std::cerr << "schwarm: " << error.text() << '\n';
    return 1;
}

// Blocked before any thread starts, so that only wait_for_end() takes them.
sigset_t end_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

int run(server::Config config, const std::function<void(const server::Node&)>& ready) {
    const sigset_t signals = end_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    auto log = server::Log::open(config.log_level, config.log_file.string());
    if (log.has_error()) return refuse(log.error());
    auto node = server::Node::start(std::move(config), *log.value());
    if (node.has_error()) return refuse(node.error());
    ready(*node.value());
    int number = 0;
    sigwait(&signals, &number);
    log.value()->info("stopping", {{"signal", number}});
    node.value()->shut_down();
    log.value()->info("stopped");
    return 0;
}

int serve(const std::string& file) {
    auto config = server::load_config(file);
    if (config.has_error()) return refuse(config.error());
    const auto fit = server::check_for_serve(config.value());
    if (fit.has_error()) return refuse(fit.error());
    return run(std::move(config.value()), [](const server::Node&) {});
}

int demo(const server::DemoOptions& options) {
    auto config = server::demo_config(options);
    if (config.has_error()) return refuse(config.error());
    const std::string data = config.value().data.string();
    return run(std::move(config.value()), [&](const server::Node& node) {
        const std::string base = "http://127.0.0.1:" + std::to_string(node.port());
        std::cout << "Schwarm, Demo (erfundene Personen; nur von diesem Rechner erreichbar)\n"
                  << "  Online-Dienste         " << base << "/\n"
                  << "  Anmelden               " << base << "/anmelden\n"
                  << "  Eingangskorb           " << base << "/aufgaben\n"
                  << "  Betrieb                " << base << "/betrieb\n"
                  << "  Zustand                " << base << "/health\n"
                  << "  Camunda-Clients        " << base << "/v2 (Zugänge: demo-clients.json)\n"
                  << "  Daten                  " << data << "\n"
                  << "Beenden mit Strg+C." << std::endl;
    });
}

}  // namespace

void add_serve(CLI::App& app, Action& action) {
    auto file = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("serve", "run a node");
    command->add_option("--config", *file, "configuration file (docs/betrieb.md)")->required();
    command->callback([file, &action] { action = [file] { return serve(*file); }; });
}

void add_demo(CLI::App& app, Action& action) {
    auto options = std::make_shared<server::DemoOptions>();
    CLI::App* command =
        app.add_subcommand("demo", "run a demonstration on this machine, with invented persons");
    command->add_option("--port", options->port, "0 takes any free one")->capture_default_str();
    command->add_option("--data", options->data, "folder of the database");
    command->add_option("--packages", options->packages, "folder of the service packages");
    command->add_flag_callback(
        "--verbose", [options] { options->log_level = server::LogLevel::info; },
        "log to standard error");
    command->callback([options, &action] { action = [options] { return demo(*options); }; });
}

}  // namespace schwarm::cli
