// What arrives: opened, checked, and given to a case once and in order.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "meters.hpp"
#include "rows.hpp"
#include "schwarm/exchange/envelope.hpp"
#include "tenant_keys.hpp"

namespace schwarm::post {

// Thread-safe.
class Incoming {
  public:
    Incoming(const Environment& environment, const Options& options, const TenantKeys& keys,
             Meters& meters)
        : environment_(environment), options_(options), keys_(keys), meters_(meters) {}

    void use(runtime::Runtime& runtime) { runtime_ = &runtime; }
    void receive(const exchange::MemberId& from, std::string_view request,
                 std::function<void(Result<std::string>)> answer);

  private:
    struct Arrival {
        exchange::Envelope envelope;
        crypto::Hash hash{};
        Received outcome;
    };
    // What one tenant here got from one tenant there in one request.
    struct Post {
        exchange::Address to;
        exchange::Address from;
        std::vector<Arrival> arrivals;
    };
    struct Request;

    Result<Arrival> open(const exchange::MemberId& from, std::string_view envelope) const;
    void take(const std::shared_ptr<Request>& request, std::size_t index);
    void finish(const std::shared_ptr<Request>& request);

    // In the write.
    Result<void> take(runtime::WriteBatch& batch, runtime::CaseDesk& desk, Arrival& arrival);
    Result<Received> first_time(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                const exchange::Envelope& envelope);
    Result<Received> hold(runtime::WriteBatch& batch, const exchange::Envelope& envelope);
    Result<void> take_held(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                           const exchange::Envelope& after);
    Result<Received> give(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                          const exchange::Envelope& envelope, const Conversation& conversation);
    Result<Received> start(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                           const exchange::Envelope& envelope);
    Result<void> note(runtime::WriteBatch& batch, const exchange::Envelope& envelope,
                      const Received& outcome);

    const Environment& environment_;
    const Options& options_;
    const TenantKeys& keys_;
    Meters& meters_;
    runtime::Runtime* runtime_ = nullptr;
};

}  // namespace schwarm::post
