// Which node a command is about: --config FILE or --data DIR.
#pragma once

#include <iostream>
#include <string>
#include <string_view>

#include "commands.hpp"
#include "schwarm/server/administration.hpp"

namespace schwarm::cli {

inline int refuse(const Error& error) {
    std::cerr << "schwarm: " << error.text() << '\n';
    return 1;
}

inline int report(const Result<void>& result, std::string_view done) {
    if (result.has_error()) return refuse(result.error());
    std::cout << done << '\n';
    return 0;
}

struct Where {
    std::string config;
    std::string data;

    void add_to(CLI::App& command) {
        CLI::Option* by_config =
            command.add_option("--config", config, "configuration file of the node");
        CLI::Option* by_data = command.add_option("--data", data, "data folder of the demo");
        by_config->excludes(by_data);
    }
    Result<server::Place> place() const {
        if (config.empty() && data.empty()) {
            return fail(ErrorCode::invalid_input, "name the node: --config FILE or --data FOLDER");
        }
        if (config.empty()) return server::place_in(data);
        SCHWARM_TRY(loaded, server::load_config(config));
        return server::place_of(loaded);
    }
    Result<exchange::DirectorySettings> directory_settings() const {
        if (config.empty()) return exchange::DirectorySettings();
        SCHWARM_TRY(loaded, server::load_config(config));
        return loaded.network ? loaded.network->directory : exchange::DirectorySettings();
    }
};

}  // namespace schwarm::cli
