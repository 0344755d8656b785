// Records of registers: a file, a table of an SQLite database, or a service asked over TLS.
#pragma once

#include <memory>

#include "schwarm/evidence/evidence.hpp"
#include "schwarm/net/client.hpp"

namespace schwarm::server {

class RegisterRecords final : public evidence::Records {
  public:
    // The way to services; before, they are unavailable. It must outlive all questions.
    void use(net::Client& client) { client_ = &client; }
    Result<std::vector<json::Value>> find(const services::RegisterSource& source,
                                          const json::Value& attributes, std::size_t most) override;

  private:
    net::Client* client_ = nullptr;
};

}  // namespace schwarm::server
