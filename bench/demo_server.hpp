// The demo as a child process, with an empty database, as `./run` starts it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "child.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::bench {

// A new folder below `parent` (empty: /var/tmp), gone when the measurement is over.
class ScratchFolder {
  public:
    static Result<std::unique_ptr<ScratchFolder>> make(const std::filesystem::path& parent);
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

struct DemoServer {
    Child child;
    std::uint16_t port = 0;
    std::string token;  // of the citizen
};

// `packages` empty: those the demo finds itself.
Result<DemoServer> start_demo(const std::filesystem::path& packages,
                              const std::filesystem::path& folder);

// One counter of /metrics.
Result<double> read_metric(const DemoServer& server, std::string_view name);

// A number with that many digits behind the point.
std::string fixed(double value, int digits);

}  // namespace schwarm::bench
