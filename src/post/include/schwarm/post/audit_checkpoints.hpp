// Signs the audit logs of a node's tenants: a checkpoint for the lines that have become durable
// since the last one, at most kAuditLinesMax lines or one second each, outside of the writer's
// thread (exchange/audit_checkpoint.hpp).
//
// What does not follow from the lines signed before is not signed but reported: somebody has
// changed the database.
//
// Threads: open(), tick() and flush() on one thread at a time; it must be none of the runtime's.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/exchange/audit_checkpoint.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::post {

class AuditCheckpoints {
  public:
    // A JWS of this typ by a tenant.
    using Sign = std::function<Result<std::string>(const TenantId&, std::string_view type,
                                                   std::string_view payload)>;
    struct Environment {
        exchange::MemberId member;  // this node
        const Clock& clock;         // must outlive the object
        Sign sign;
        // tick() has something to do at once. Quick, from any thread. May be empty.
        std::function<void()> wake;
        // A line for the operator's log. May be empty.
        std::function<void(std::string_view)> log;
    };
    explicit AuditCheckpoints(Environment environment);
    ~AuditCheckpoints();
    AuditCheckpoints(const AuditCheckpoints&) = delete;
    AuditCheckpoints& operator=(const AuditCheckpoints&) = delete;

    // Both must outlive all calls after this one; `storage` is the runtime's.
    void open(runtime::Runtime& runtime, storage::Storage& storage,
              const std::vector<TenantId>& tenants);
    // Of the node, from the next checkpoint on (docs/decisions/0013-restore.md).
    void set_incarnation(std::uint64_t incarnation) { incarnation_ = incarnation; }
    // Signs what has come; answers when to be called again at the latest.
    Instant tick();
    // Signs all that has come; returns when that is durable or has failed (which is in the log).
    void flush();

  private:
    struct Tenant;
    Result<void> load(storage::Reader& reader, Tenant& tenant) const;
    // Whether there was something to sign.
    Result<bool> advance(const std::shared_ptr<Tenant>& tenant, bool wait);
    void report(const Tenant& tenant, const Error& error) const;

    const Environment environment_;
    runtime::Runtime* runtime_ = nullptr;
    storage::Storage* storage_ = nullptr;
    std::vector<std::shared_ptr<Tenant>> tenants_;
    Instant next_{};
    std::uint64_t incarnation_ = 1;
    // Set by the callback of a write when more is to be signed at once.
    const std::shared_ptr<std::atomic<bool>> hurry_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace schwarm::post
