// Orders that commands lay down for the working node (docs/decisions/0014-operator-commands.md).
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "schwarm/base/result.hpp"
#include "schwarm/json/value.hpp"
#include "schwarm/server/log.hpp"

namespace schwarm::server {

// Used by one thread.
class OrderFolder {
  public:
    // A sentence about what was done. What is worth another try (retryable()) leaves the order
    // where it is. The same order may come twice.
    using CarryOut = std::function<Result<std::string>(const json::Value& order)>;

    OrderFolder(std::filesystem::path folder, CarryOut carry_out, Log& log)
        : folder_(std::move(folder)), carry_out_(std::move(carry_out)), log_(log) {}

    // Carries out what lies there, in the order of the names, and puts <name>.entered or
    // <name>.refused in its place: the order with the member `outcome`.
    void look();

  private:
    Result<std::string> carry_out(const std::filesystem::path& file, json::Value& order) const;

    const std::filesystem::path folder_;
    const CarryOut carry_out_;
    Log& log_;
    std::set<std::string> said_;  // that they wait
};

}  // namespace schwarm::server
