// A node: everything wired together and listening. The header to read first.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/server/config.hpp"
#include "schwarm/server/log.hpp"

namespace schwarm::server {

// Thread-safe.
class Node {
  public:
    // Opens the database, loads the packages, starts the runtime and listens. Errors are one
    // sentence for the administrator. `log` must outlive the node.
    static Result<std::unique_ptr<Node>> start(Config config, Log& log);
    // shut_down().
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    // Where it listens; differs from the configuration if that says 0.
    std::uint16_t port() const;
    // Finishes the requests under way (at most `grace`), commits what was taken, closes.
    void shut_down(std::chrono::milliseconds grace = std::chrono::seconds(10));

    struct Impl;

  private:
    explicit Node(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::server
