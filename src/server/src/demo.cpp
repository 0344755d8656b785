#include "schwarm/server/demo.hpp"

#include <cstdlib>
#include <system_error>

#include "schwarm/json/json.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

// Invented contact data; the names of authorities are real ones so that the Mietenstufe is found.
constexpr const char* kTenants = R"([
  {"id": "leipzig", "name": "Stadt Leipzig", "land": "Sachsen",
   "office": "Sozialamt, Abteilung Wohngeld", "street": "Musterstraße 1",
   "postal_code": "04109", "town": "Leipzig", "phone": "0341 0000-0",
   "email": "wohngeld@leipzig.example", "reference": "50.21",
   "objection_office": "Stadt Leipzig, Sozialamt, Musterstraße 1, 04109 Leipzig"},
  {"id": "musterstadt", "name": "Stadt Musterstadt", "land": "Sachsen",
   "office": "Bürgeramt", "street": "Rathausplatz 1", "postal_code": "01234",
   "town": "Musterstadt", "phone": "0351 0000-0", "email": "buergeramt@musterstadt.example",
   "reference": "32.1",
   "objection_office": "Stadt Musterstadt, Rathausplatz 1, 01234 Musterstadt"}
])";

bool holds_packages(const fs::path& folder) {
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(folder, ec)) {
        std::error_code ignored;
        if (fs::is_regular_file(entry.path() / "service.json", ignored)) return true;
    }
    return false;
}

// Every folder with a service.json becomes a service of every demo tenant.
json::Value all_services(const fs::path& packages) {
    json::Value services = json::Value::object();
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(packages, ec)) {
        if (!fs::is_regular_file(entry.path() / "service.json", ec)) continue;
        services.set(entry.path().filename().string(), json::Value::object());
    }
    return services;
}

}  // namespace

fs::path default_demo_folder() {
    const char* state = std::getenv("XDG_STATE_HOME");
    if (state != nullptr && *state == '/') return fs::path(state) / "schwarm-demo";
    const char* home = std::getenv("HOME");
    if (home != nullptr && *home == '/') return fs::path(home) / ".local/state/schwarm-demo";
    return fs::path("/tmp") / "schwarm-demo";
}

fs::path default_packages() {
    std::error_code ec;
    fs::path folder = fs::read_symlink("/proc/self/exe", ec).parent_path();
    for (int depth = 0; depth < 4 && folder.has_relative_path(); ++depth) {
        if (holds_packages(folder / "packages")) return folder / "packages";
        folder = folder.parent_path();
    }
    return "/usr/share/schwarm/packages";
}

Result<Config> demo_config(const DemoOptions& options) {
    Config config;
    config.data = options.data.empty() ? default_demo_folder() : fs::absolute(options.data);
    config.packages =
        options.packages.empty() ? default_packages() : fs::absolute(options.packages);
    config.node_key = config.data / "node.key";
    config.listen.address = "127.0.0.1";
    config.listen.port = options.port;
    config.listen.hosts = {"127.0.0.1", "localhost"};
    config.log_level = options.log_level;
    config.demo_identities = true;
    SCHWARM_TRY(tenants, json::parse(kTenants));
    const json::Value services = all_services(config.packages);
    for (json::Value& tenant : tenants.items()) {
        tenant.set("services", services);
        config.tenants.push_back(std::move(tenant));
    }
    return config;
}

}  // namespace schwarm::server
