#include "audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <vector>

#include "demo_server.hpp"
#include "engine_world.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/post/audit_checkpoints.hpp"
#include "schwarm/post/audit_log.hpp"
#include "schwarm/runtime/node_key.hpp"
#include "schwarm/server/stopwatch.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace schwarm::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kCases = 1'000;
constexpr std::uint64_t kEach = 100;  // one line of so many is about a case
constexpr std::uint64_t kBatch = 2'000;

struct Figures {
    double written_seconds = 0;
    double signed_seconds = 0;
    double verified_seconds = 0;
    std::uint64_t checkpoints = 0;
    std::vector<double> prove_millis;
    std::vector<double> check_millis;
    std::size_t proof_lines = 0;
    std::size_t proof_bytes = 0;
};

// Every case gets lines all over the log, so that a proof needs as many checkpoints as lines.
Result<void> write_lines(runtime::Runtime& runtime, std::uint64_t lines) {
    for (std::uint64_t i = 0; i < kCases; ++i) {
        const auto reply = runtime.submit_and_wait(creation("waiting"));
        if (reply.has_error()) return reply.error();
    }
    for (std::uint64_t done = 0; done < lines; done += kBatch) {
        const std::uint64_t end = std::min(lines, done + kBatch);
        const auto write = [&](runtime::WriteBatch& batch) -> Result<void> {
            for (std::uint64_t n = done; n < end; ++n) {
                const CaseId about(n % kEach == 0 ? n / kEach % kCases + 1 : 0);
                SCHWARM_TRY_VOID(batch.audit("clerk-" + std::to_string(n % 50), "read", about,
                                             "line " + std::to_string(n)));
            }
            return {};
        };
        SCHWARM_TRY_VOID(runtime.write_and_wait(EngineNode::tenant(), write));
    }
    return {};
}

class Measurement {
  public:
    explicit Measurement(const AuditOptions& options) : options_(options) {}

    Result<Figures> run(const fs::path& folder) {
        SCHWARM_TRY(key, cryptography_.make_key(exchange::KeyUse::sign, random_));
        key_ = std::move(key);
        SCHWARM_TRY(models, EngineModels::load());
        {
            SCHWARM_TRY(node, EngineNode::open(folder, *models));
            SCHWARM_TRY_VOID(fill(*node, folder));
        }
        SCHWARM_TRY(storage, beside(folder));
        const server::Stopwatch watch;
        SCHWARM_TRY(log, post::verify_signed_log(*storage, EngineNode::tenant(), address_.member,
                                                 keys(), cryptography_));
        out_.verified_seconds = watch.seconds();
        out_.checkpoints = log.checkpoints;
        if (!log.chain.holds()) return fail(ErrorCode::internal, log.chain.findings.front());
        if (log.unsigned_lines != 0) return fail(ErrorCode::internal, "lines are not signed");
        SCHWARM_TRY_VOID(prove(*storage, folder));
        return std::move(out_);
    }

  private:
    static Result<std::unique_ptr<storage::Storage>> beside(const fs::path& folder) {
        storage_sqlite::Options options;
        options.read_only = true;
        return storage_sqlite::open_sqlite(folder / "schwarm.db", options);
    }

    exchange::DatedKeySource keys() const {
        return [this](const exchange::Address& tenant, std::string_view kid,
                      Instant) -> Result<exchange::PublicKey> {
            if (tenant == address_ && kid == key_.public_key.kid) return key_.public_key;
            return fail(ErrorCode::unresolved, "no such key");
        };
    }

    Result<void> fill(EngineNode& node, const fs::path& folder) {
        const server::Stopwatch writing;
        SCHWARM_TRY_VOID(write_lines(node.runtime(), options_.lines));
        out_.written_seconds = writing.seconds();
        SCHWARM_TRY(storage, beside(folder));
        std::string trouble;
        post::AuditCheckpoints signer(
            {address_.member,
             clock_,
             [this](const TenantId&, std::string_view type, std::string_view payload) {
                 return cryptography_.sign(key_, type, payload);
             },
             {},
             [&trouble](std::string_view line) { trouble = line; }});
        signer.open(node.runtime(), *storage, {EngineNode::tenant()});
        const server::Stopwatch signing;
        signer.flush();
        out_.signed_seconds = signing.seconds();
        if (!trouble.empty()) return fail(ErrorCode::internal, trouble);
        return {};
    }

    Result<void> prove(storage::Storage& storage, const fs::path& folder) {
        SCHWARM_TRY(node_key, runtime::load_or_create_node_key(folder / "node.key", random_));
        for (std::uint64_t i = 1; i <= kCases; i += 10) {
            const server::Stopwatch proving;
            SCHWARM_TRY(view, runtime::AuditView::open(storage, node_key, EngineNode::tenant()));
            SCHWARM_TRY(proof, post::prove_case(view, CaseId(i), post::ProofTexts::opened));
            const std::string text = exchange::write_audit_proof(proof);
            out_.prove_millis.push_back(proving.seconds() * 1e3);
            const server::Stopwatch checking;
            SCHWARM_TRY(read, exchange::read_audit_proof(text));
            SCHWARM_TRY(checked, exchange::check_audit_proof(read, keys(), cryptography_));
            out_.check_millis.push_back(checking.seconds() * 1e3);
            out_.proof_lines = std::max(out_.proof_lines, read.lines.size());
            out_.proof_bytes = std::max(out_.proof_bytes, text.size());
        }
        std::sort(out_.prove_millis.begin(), out_.prove_millis.end());
        std::sort(out_.check_millis.begin(), out_.check_millis.end());
        return {};
    }

    const AuditOptions options_;
    const SystemClock clock_;
    SystemRandom random_;
    const exchange::JoseCryptography cryptography_{clock_};
    const exchange::Address address_{EngineNode::tenant(), exchange::MemberId("bench")};
    exchange::KeyPair key_;
    Figures out_;
};

void write_json(const AuditOptions& options, const Figures& f) {
    json::Writer out = json::Writer::pretty();
    out.begin_object().member("benchmark", "audit").member("lines", options.lines);
    out.member("checkpoints", f.checkpoints);
    out.name("written_s").number(fixed(f.written_seconds, 2));
    out.name("signed_s").number(fixed(f.signed_seconds, 2));
    out.name("verify_s").number(fixed(f.verified_seconds, 2));
    out.name("proof").begin_object();
    out.member("count", f.prove_millis.size()).member("lines", f.proof_lines);
    out.member("bytes_max", f.proof_bytes);
    out.name("p50_ms").number(fixed(f.prove_millis[f.prove_millis.size() / 2], 2));
    out.name("max_ms").number(fixed(f.prove_millis.back(), 2));
    out.name("check_p50_ms").number(fixed(f.check_millis[f.check_millis.size() / 2], 2));
    out.end_object().end_object();
    std::cout << out.take() << '\n';
}

}  // namespace

Result<void> bench_audit(const AuditOptions& options) {
    SCHWARM_TRY(scratch, ScratchFolder::make(options.folder));
    Measurement measurement(options);
    SCHWARM_TRY(f, measurement.run(scratch->path()));
    if (options.json) {
        write_json(options, f);
        return {};
    }
    std::cout << fmt::format(
        "{} audit lines, {} checkpoints: written in {:.1f} s, signed in {:.2f} s, verified in "
        "{:.2f} s\nproof of a case with {} lines in as many checkpoints: p50 {:.2f} ms, max "
        "{:.2f} ms, {} bytes; checked in {:.2f} ms\n",
        options.lines, f.checkpoints, f.written_seconds, f.signed_seconds, f.verified_seconds,
        f.proof_lines, f.prove_millis[f.prove_millis.size() / 2], f.prove_millis.back(),
        f.proof_bytes, f.check_millis[f.check_millis.size() / 2]);
    return {};
}

}  // namespace schwarm::bench
