// The inside of a node without sockets: database, packages, runtime, use cases, identities. Node
// puts pages, API and a server around it; benchmarks and administration use it directly.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "schwarm/app/api_clients.hpp"
#include "schwarm/app/app.hpp"
#include "schwarm/app/session.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/post/post.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/server/config.hpp"
#include "schwarm/server/log.hpp"
#include "schwarm/services/catalogue.hpp"
#include "schwarm/services/deployments.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::server {

// Thread-safe once opened. What it lends lives as long as it.
class Assembly {
  public:
    // Opens the database (creating it), deploys the packages that differ from the stored ones and
    // starts the runtime. Errors are one sentence for the administrator. `log` must outlive it.
    static Result<std::unique_ptr<Assembly>> open(const Config& config, Log& log);
    // close().
    ~Assembly();
    Assembly(const Assembly&) = delete;
    Assembly& operator=(const Assembly&) = delete;

    app::App& app();
    runtime::Runtime& runtime();
    services::Registry& registry();
    services::Deployments& deployments();
    const app::ApiClients& clients() const;
    const app::Sessions& sessions() const;
    const app::IdentityProvider& identities() const;
    // Null if the node stands alone.
    const post::Post* post() const;
    const app::Network* network() const;  // likewise
    const Clock& clock() const;
    Random& random();
    // Lets the clock stand still at this time, or go again.
    void set_clock(std::optional<Instant> at);

    // Why it cannot take applications: packages that were refused, a runtime that is not healthy.
    std::vector<std::string> reasons() const;
    // Ends the runtime: what waits is answered `unavailable`. Afterwards only the destructor.
    void close();

  private:
    struct Impl;
    explicit Assembly(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Where a node's database lies.
std::filesystem::path database_file(const Config& config);

}  // namespace schwarm::server
