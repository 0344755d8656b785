// serve and demo: a node until SIGTERM or SIGINT.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

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

// `others`: lines about further nodes.
int run_demo(server::Config config, const std::string& others) {
    const std::string data = config.data.string();
    return run(std::move(config), [&](const server::Node& node) {
        const std::string base = "http://127.0.0.1:" + std::to_string(node.port());
        std::cout << "Schwarm, Demo (erfundene Personen; nur von diesem Rechner erreichbar)\n"
                  << "  Online-Dienste         " << base << "/\n"
                  << "  Anmelden               " << base << "/anmelden\n"
                  << "  Eingangskorb           " << base << "/aufgaben\n"
                  << "  Betrieb                " << base << "/betrieb\n"
                  << "  Zustand                " << base << "/health\n"
                  << "  Camunda-Clients        " << base << "/v2 (Zugänge: demo-clients.json)\n"
                  << others << "  Daten                  " << data << "\n"
                  << "Beenden mit Strg+C." << std::endl;
    });
}

// Ends with this process, whatever ends it.
pid_t begin_node(const server::Config& config) {
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child != 0) return child;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) std::_Exit(1);
    std::_Exit(run(config, [](const server::Node&) {}));
}

// One node of the network; the others are processes that somebody else starts.
int demo_node(const server::DemoOptions& options, const std::string& member) {
    auto configs = server::demo_network(options);
    if (configs.has_error()) return refuse(configs.error());
    for (server::Config& config : configs.value()) {
        if (config.network->member == member) return run_demo(std::move(config), {});
    }
    return refuse(fail(ErrorCode::not_found, "the network has no member '" + member + "'"));
}

// Three nodes, each a process of its own; this one is the first.
int demo_nodes(const server::DemoOptions& options) {
    if (options.port == 0 || options.port > 65'529) {
        return refuse(fail(ErrorCode::invalid_input,
                           "three nodes take seven ports from --port on: name one up to 65529"));
    }
    auto configs = server::demo_network(options);
    if (configs.has_error()) return refuse(configs.error());
    std::vector<pid_t> children;
    for (std::size_t i = 1; i < configs.value().size(); ++i) {
        children.push_back(begin_node(configs.value()[i]));
    }
    std::string others;
    for (std::size_t i = 1; i < configs.value().size(); ++i) {
        const server::Config& config = configs.value()[i];
        others += "  " + config.network->organisation +
                  ": http://127.0.0.1:" + std::to_string(config.listen.port) + "/\n";
    }
    others += "  X-Road (parken-leipzig) http://127.0.0.1:" +
              std::to_string(configs.value().front().xroad->port) + "/r1/\n";
    const int result = run_demo(std::move(configs.value().front()), others);
    for (const pid_t child : children) kill(child, SIGTERM);
    for (const pid_t child : children) waitpid(child, nullptr, 0);
    return result;
}

int demo(const server::DemoOptions& options) {
    auto config = server::demo_config(options);
    if (config.has_error()) return refuse(config.error());
    return run_demo(std::move(config.value()), {});
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
    auto network = std::make_shared<bool>(false);
    command->add_flag("--network", *network,
                      "three nodes that exchange messages; takes seven ports from --port on");
    // For tests that end and separate single nodes.
    auto only = std::make_shared<std::string>();
    command
        ->add_option("--only", *only,
                     "one node of the network; the first that starts makes all keys")
        ->needs("--network")
        ->group("");
    command->add_option("--announced-port", options->announced_port, "the first of three")
        ->needs("--network")
        ->group("");
    command->callback([options, network, only, &action] {
        action = [options, network, only] {
            if (!*network) return demo(*options);
            return only->empty() ? demo_nodes(*options) : demo_node(*options, *only);
        };
    });
}

}  // namespace schwarm::cli
