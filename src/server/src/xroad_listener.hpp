// The listener for applications written for X-Road: gateway, routes, socket.
#pragma once

#include <memory>

#include "schwarm/http/router.hpp"
#include "schwarm/net/server.hpp"
#include "xroad_gateway.hpp"

namespace schwarm::server {

class XroadListener {
  public:
    // `config` has `xroad` and `network`. invalid_input: names what is wrong in it, as that a
    // client is none of `tenants`.
    static Result<std::unique_ptr<XroadListener>> start(const Xroad& config,
                                                        const exchange::MemberId& member,
                                                        const std::vector<TenantId>& tenants,
                                                        const XroadAround& around, Random& random,
                                                        KnownEvidence known);
    ~XroadListener();
    XroadListener(const XroadListener&) = delete;
    XroadListener& operator=(const XroadListener&) = delete;

    // Answers what is open and closes. Before the runtime ends.
    void stop();

  private:
    XroadListener(const Xroad& config, const exchange::MemberId& member, const XroadAround& around,
                  Random& random, KnownEvidence known);
    Result<void> listen(const Xroad& config);

    Log& log_;
    XroadGateway gateway_;
    http::Router router_;
    std::unique_ptr<net::Server> server_;
};

}  // namespace schwarm::server
