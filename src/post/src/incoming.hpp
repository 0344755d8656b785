// What arrives: opened, checked, and given to a case once and in order.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collector.hpp"
#include "meters.hpp"
#include "rows.hpp"
#include "schwarm/exchange/envelope.hpp"
#include "tenant_keys.hpp"

namespace schwarm::post {

// Thread-safe.
class Incoming {
  public:
    Incoming(const Environment& environment, const Options& options, const TenantKeys& keys,
             Collector& collector, Meters& meters)
        : environment_(environment),
          options_(options),
          keys_(keys),
          collector_(collector),
          meters_(meters) {}

    void use(runtime::Runtime& runtime) { runtime_ = &runtime; }
    void receive(const exchange::MemberId& from, std::string_view request,
                 std::function<void(Result<std::string>)> answer);
    // Messages of a conversation whose turn has come, each in a write of its own.
    void go_on(const TenantId& tenant, const std::string& conversation);

    struct Arrival {
        exchange::Envelope envelope;
        crypto::Hash hash{};
        Received outcome;
        bool durable = false;
        bool next_is_held = false;  // the turn of another message of the conversation has come
    };
    Result<Arrival> open(const exchange::MemberId& from, std::string_view envelope) const;

  private:
    struct Request;

    void take(const std::shared_ptr<Request>& request, std::size_t index);
    void finish(const std::shared_ptr<Request>& request);

    // In the write. Each message has its own: what waits for a message finds only those that came
    // in earlier writes.
    Result<void> take(runtime::WriteBatch& batch, runtime::CaseDesk& desk, Arrival& arrival);
    Result<void> look_further(runtime::WriteBatch& batch, Arrival& arrival);
    static Result<bool> next_is_held(runtime::WriteBatch& batch, std::string_view conversation);
    // False: none was held for now.
    Result<bool> take_held(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                           std::string_view conversation);
    Result<Received> first_time(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                const exchange::Envelope& envelope);
    Result<Received> hold(runtime::WriteBatch& batch, const exchange::Envelope& envelope);
    Result<Received> give(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                          const exchange::Envelope& envelope, const Conversation& conversation);
    Result<Received> take_own(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                              const exchange::Envelope& envelope);
    Result<Received> start(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                           const exchange::Envelope& envelope);
    Result<void> note(runtime::WriteBatch& batch, const exchange::Envelope& envelope,
                      const Received& outcome);

    // Documents (incoming_documents.cpp). Whether they are still to be collected.
    Result<bool> awaits_documents(runtime::WriteBatch& batch, const exchange::Envelope& envelope);
    // Why a message whose turn has come is refused; empty if its documents are there.
    Result<std::string> wrong_documents(runtime::WriteBatch& batch,
                                        const exchange::Envelope& envelope);
    // How many documents the contract allows beside it.
    std::size_t documents_max(const exchange::Envelope& envelope) const;
    // Counted within a case.
    static std::vector<std::string> names_for_new_case(const exchange::Envelope& envelope);
    static Result<std::vector<std::string>> names_for_documents(runtime::WriteBatch& batch,
                                                                CaseId case_id,
                                                                const exchange::Envelope& envelope);
    // What the case gets: the content, and which documents it will have.
    Result<feel::Value> content_of(const exchange::Envelope& envelope,
                                   const std::vector<std::string>& names) const;
    static Result<void> give_documents(runtime::WriteBatch& batch, CaseId case_id,
                                       const exchange::Envelope& envelope,
                                       const std::vector<std::string>& names);

    const Environment& environment_;
    const Options& options_;
    const TenantKeys& keys_;
    Collector& collector_;
    Meters& meters_;
    runtime::Runtime* runtime_ = nullptr;
};

}  // namespace schwarm::post
