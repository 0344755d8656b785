#include "demo_server.hpp"

#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "load_client.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::bench {

namespace fs = std::filesystem;

std::string fixed(double value, int digits) {
    std::ostringstream out;
    out.setf(std::ios::fixed);
    out.precision(digits);
    out << value;
    return out.str();
}

Result<std::unique_ptr<ScratchFolder>> ScratchFolder::make(const fs::path& parent) {
    std::string pattern =
        ((parent.empty() ? fs::path("/var/tmp") : parent) / "schwarm-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        return fail(ErrorCode::unavailable, "cannot make a folder here", pattern);
    }
    return std::unique_ptr<ScratchFolder>(new ScratchFolder(pattern));
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

Result<DemoServer> start_demo(const fs::path& packages, const fs::path& folder) {
    std::vector<std::string> arguments{own_program(), "demo",   "--port",
                                       "0",           "--data", folder.string()};
    if (!packages.empty()) {
        arguments.insert(arguments.end(), {"--packages", packages.string()});
    }
    SCHWARM_TRY(child, Child::start(arguments));
    std::uint16_t port = 0;
    static constexpr std::string_view kBase = "http://127.0.0.1:";
    while (port == 0) {
        const std::string line = child.read_line();
        if (line.empty()) return fail(ErrorCode::unavailable, "the server did not start");
        const auto at = line.find(kBase);
        if (at != std::string::npos) {
            port = static_cast<std::uint16_t>(std::stoul(line.substr(at + kBase.size())));
        }
    }
    std::ifstream in(folder / "demo-tokens.json");
    std::stringstream text;
    text << in.rdbuf();
    SCHWARM_TRY(tokens, json::parse(text.str()));
    return DemoServer{std::move(child), port, tokens.string_or("erika", "")};
}

Result<double> read_metric(const DemoServer& server, std::string_view name) {
    SCHWARM_TRY(text, http_get(server.port, "/metrics"));
    const std::string line = "\n" + std::string(name) + " ";
    const auto at = text.find(line);
    if (at == std::string::npos) {
        return fail(ErrorCode::internal, "/metrics lacks " + std::string(name));
    }
    return std::stod(text.substr(at + line.size()));
}

}  // namespace schwarm::bench
