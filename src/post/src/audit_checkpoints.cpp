#include "schwarm/post/audit_checkpoints.hpp"

#include <algorithm>
#include <mutex>

#include "schwarm/runtime/audit_view.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::post {

using exchange::AuditCheckpoint;
using storage::Space;

namespace {

constexpr auto kEvery = std::chrono::seconds(1);
constexpr std::uint64_t kAtOnce = 64;  // checkpoints in one write

struct Row {
    std::string key;
    std::string jws;
};

// How far a tenant's log is signed.
struct Signed {
    std::uint64_t number = 0;  // of the newest checkpoint
    std::uint64_t last = 0;    // line
    crypto::Hash chain{};      // at that line
    crypto::Hash hash{};       // of the checkpoint
};

runtime::WriteFunction store(std::vector<Row> rows) {
    return [rows = std::move(rows)](runtime::WriteBatch& batch) -> Result<void> {
        for (const Row& row : rows) batch.put(Space::exchange, row.key, row.jws);
        return {};
    };
}

}  // namespace

struct AuditCheckpoints::Tenant {
    explicit Tenant(TenantId name) : id(std::move(name)) {}

    const TenantId id;
    std::string reported;  // the last trouble, so that it is told once
    std::mutex mutex;
    bool writing = false;
    // While `writing` these belong to the write's callback.
    bool loaded = false;
    Signed reached;

    void written(const Signed& now, bool done) {
        const std::lock_guard lock(mutex);
        writing = false;
        loaded = done;
        if (done) reached = now;
    }
};

AuditCheckpoints::AuditCheckpoints(Environment environment)
    : environment_(std::move(environment)) {}
AuditCheckpoints::~AuditCheckpoints() = default;

void AuditCheckpoints::open(runtime::Runtime& runtime, storage::Storage& storage,
                            const std::vector<TenantId>& tenants) {
    runtime_ = &runtime;
    storage_ = &storage;
    for (const TenantId& id : tenants) tenants_.push_back(std::make_shared<Tenant>(id));
}

Result<void> AuditCheckpoints::load(storage::Reader& reader, Tenant& tenant) const {
    std::string newest;
    const std::string prefix = storage::KeyBuilder(tenant.id).raw(exchange::kAuditRowPrefix).take();
    SCHWARM_TRY_VOID(reader.scan(Space::exchange, storage::prefix_range(prefix, 1, true),
                                 [&](std::string_view, std::string_view value) {
                                     newest = value;
                                     return false;
                                 }));
    tenant.reached = {};
    tenant.reached.chain = runtime::audit_begin(tenant.id);
    if (!newest.empty()) {
        SCHWARM_TRY(jws, exchange::peek_jws(newest));
        SCHWARM_TRY(content, exchange::read_audit_checkpoint(jws.payload));
        tenant.reached = {content.number, content.last, content.chain, crypto::sha256(jws.payload)};
    }
    tenant.loaded = true;
    return {};
}

Result<bool> AuditCheckpoints::advance(const std::shared_ptr<Tenant>& tenant, bool wait) {
    {
        const std::lock_guard lock(tenant->mutex);
        if (tenant->writing) return false;
    }
    // Only now: it must show what the last write has stored.
    SCHWARM_TRY(reader, storage_->begin_read());
    if (!tenant->loaded) SCHWARM_TRY_VOID(load(*reader, *tenant));
    Signed now = tenant->reached;
    SCHWARM_TRY(end, runtime::last_audit(*reader, tenant->id));
    if (end == now.last) return false;
    if (end < now.last) {
        return fail(ErrorCode::corrupt, "the audit log is shorter than what was signed",
                    "audit line " + std::to_string(now.last));
    }
    const std::uint64_t to = std::min(end, now.last + kAtOnce * exchange::kAuditLinesMax);
    std::vector<Row> rows;
    std::vector<crypto::Hash> lines;
    Result<void> result;
    std::uint64_t number = now.last;
    crypto::Hash chain = now.chain;
    const auto sign = [&]() -> Result<void> {
        AuditCheckpoint one;
        one.tenant = {tenant->id, environment_.member};
        one.incarnation = incarnation_;
        one.number = now.number + 1;
        one.first = now.last + 1;
        one.last = number;
        one.chain = chain;
        one.root = exchange::audit_root(lines);
        one.previous = now.hash;
        one.time = environment_.clock.now();
        const std::string text = exchange::write_audit_checkpoint(one);
        SCHWARM_TRY(jws, environment_.sign(tenant->id, exchange::kAuditCheckpointType, text));
        rows.push_back({exchange::audit_row_key(number), std::move(jws)});
        now = {one.number, number, chain, crypto::sha256(text)};
        lines.clear();
        return {};
    };
    SCHWARM_TRY_VOID(runtime::audit_rows(
        *reader, tenant->id, now.last + 1, to, [&](const runtime::AuditRow& row) {
            const crypto::Hash expected = exchange::audit_chain(
                chain, {row.case_id, row.number, row.previous, row.at}, row.body_hash);
            if (row.number != number + 1 || row.chain != expected) {
                result = fail(ErrorCode::corrupt,
                              "the audit log was changed: it does not follow from what was signed",
                              "audit line " + std::to_string(row.number));
                return false;
            }
            number = row.number;
            chain = row.chain;
            lines.push_back(chain);
            if (lines.size() == exchange::kAuditLinesMax) result = sign();
            return result.has_value();
        }));
    SCHWARM_TRY_VOID(result);
    if (!lines.empty()) SCHWARM_TRY_VOID(sign());
    if (rows.empty()) return fail(ErrorCode::corrupt, "lines of the audit log are missing");
    tenant->reported.clear();
    {
        const std::lock_guard lock(tenant->mutex);
        tenant->writing = true;
    }
    if (wait) {
        const auto stored = runtime_->write_and_wait(tenant->id, store(std::move(rows)));
        tenant->written(now, stored.has_value());
        SCHWARM_TRY_VOID(stored);
        return true;
    }
    runtime_->submit_write(tenant->id, store(std::move(rows)),
                           [tenant, now, more = now.last < end, hurry = hurry_,
                            wake = environment_.wake](const Result<void>& stored) {
                               tenant->written(now, stored.has_value());
                               if (!more || stored.has_error()) return;
                               *hurry = true;
                               if (wake) wake();
                           });
    return true;
}

void AuditCheckpoints::report(const Tenant& tenant, const Error& error) const {
    if (environment_.log) {
        environment_.log("audit log of " + tenant.id.value() + ": " + error.text());
    }
}

Instant AuditCheckpoints::tick() {
    const Instant now = environment_.clock.now();
    // A clock that was set back does not keep the lines waiting.
    if (now < next_ && next_ - now <= kEvery && !*hurry_) return next_;
    *hurry_ = false;
    next_ = now + kEvery;
    for (const auto& tenant : tenants_) {
        const auto advanced = advance(tenant, false);
        if (advanced.has_value() || tenant->reported == advanced.error().text()) continue;
        tenant->reported = advanced.error().text();
        report(*tenant, advanced.error());
    }
    return next_;
}

void AuditCheckpoints::flush() {
    for (const auto& tenant : tenants_) {
        bool more = true;
        while (more) {
            const auto advanced = advance(tenant, true);
            more = advanced.has_value() && advanced.value();
            if (advanced.has_error()) report(*tenant, advanced.error());
        }
    }
}

}  // namespace schwarm::post
