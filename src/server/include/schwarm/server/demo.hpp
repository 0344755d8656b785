// The demonstration node: bound to loopback, with demo tenants that offer every package, and demo
// identities whose tokens are generated at the first start. Nothing of it exists under `serve`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/server/config.hpp"

namespace schwarm::server {

struct DemoOptions {
    std::uint16_t port = 8080;       // 0: any free one
    std::filesystem::path data;      // empty: default_demo_folder()
    std::filesystem::path packages;  // empty: beside the program
    LogLevel log_level = LogLevel::warning;
    // Of a network: the first of the ports at which its nodes say that others reach them; 0: where
    // they listen. Something that stands between them listens there. X-Road then follows it.
    std::uint16_t announced_port = 0;
};

// $XDG_STATE_HOME/schwarm-demo or ~/.local/state/schwarm-demo.
std::filesystem::path default_demo_folder();
// The folder of the packages: beside the program's build folder, or /usr/share/schwarm/packages.
std::filesystem::path default_packages();

Result<Config> demo_config(const DemoOptions& options);

// A network of three nodes on this machine, each with a database and keys of its own: the
// authorities of Leipzig, those of Aachen, and simulators of their counterparts. The first listens
// at options.port for people, the others at the next two; then three for other nodes, and one at
// which the first listens for applications over X-Road, without TLS. Makes keys, an agreement and
// the founding file in options.data if they are not there; if they are, no node's database is
// opened. `options.port` must be given.
Result<std::vector<Config>> demo_network(const DemoOptions& options);

}  // namespace schwarm::server
