// Carries out the orders of network_orders.hpp in the working node. Each may come twice.
#pragma once

#include <string>

#include "key_exchange.hpp"
#include "network_directory.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::server {

// Used by one thread; waits for the runtime. Borrows what it is given.
class OrderDesk {
  public:
    OrderDesk(NetworkDirectory& directory, KeyExchange& keys, const Clock& clock)
        : directory_(directory), keys_(keys), clock_(clock) {}

    Result<std::string> carry_out(const json::Value& order);

  private:
    Result<std::string> withdraw(const json::Value& order);
    Result<std::string> suspend(const json::Value& order);
    Result<std::string> admit(const json::Value& order);
    Result<std::string> remove(const json::Value& order);

    NetworkDirectory& directory_;
    KeyExchange& keys_;
    const Clock& clock_;
};

}  // namespace schwarm::server
