#include "schwarm/post/audit_log.hpp"

#include <functional>

#include "schwarm/exchange/directory_merkle.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::post {

using exchange::AuditProof;
using exchange::ProvenLine;
using storage::Space;

namespace {

using CheckpointVisitor = std::function<void(std::uint64_t line, std::string_view jws)>;

Result<void> each_checkpoint(storage::Storage& storage, const TenantId& tenant,
                             const CheckpointVisitor& visit) {
    SCHWARM_TRY(reader, storage.begin_read());
    const std::string prefix = storage::KeyBuilder(tenant).raw(exchange::kAuditRowPrefix).take();
    return reader->scan(Space::exchange, storage::prefix_range(prefix),
                        [&](std::string_view key, std::string_view value) {
                            visit(storage::KeyReader(key.substr(prefix.size())).number(), value);
                            return true;
                        });
}

// A checkpoint with the chain hashes of its lines, from the line before the first one on.
struct Block {
    exchange::AuditCheckpoint content;
    std::vector<crypto::Hash> chain;
    std::vector<crypto::Hash> leaves;
    std::size_t index = 0;  // in the proof
};

Result<Block> load_block(const runtime::AuditView& view, std::uint64_t line, AuditProof& proof) {
    std::string jws;
    const storage::KeyBuilder tenant(view.tenant());
    storage::ScanRange range;
    range.from = tenant.data() + exchange::audit_row_key(line);
    range.to = storage::prefix_end(tenant.data() + std::string(exchange::kAuditRowPrefix));
    range.limit = 1;
    SCHWARM_TRY_VOID(
        view.reader().scan(Space::exchange, range, [&](std::string_view, std::string_view row) {
            jws = row;
            return false;
        }));
    if (jws.empty()) {
        return fail(ErrorCode::unavailable,
                    "it has no signed checkpoint yet; a node in a network signs within a second",
                    "audit line " + std::to_string(line));
    }
    SCHWARM_TRY(peeked, exchange::peek_jws(jws));
    Block block;
    SCHWARM_TRY(content, exchange::read_audit_checkpoint(peeked.payload));
    block.content = std::move(content);
    block.index = proof.checkpoints.size();
    if (block.content.first > line) {
        return fail(ErrorCode::corrupt, "its checkpoint is missing",
                    "audit line " + std::to_string(line));
    }
    if (block.content.first == 1) block.chain.push_back(runtime::audit_begin(view.tenant()));
    SCHWARM_TRY_VOID(runtime::audit_rows(view.reader(), view.tenant(), block.content.first - 1,
                                         block.content.last, [&](const runtime::AuditRow& row) {
                                             block.chain.push_back(row.chain);
                                             return true;
                                         }));
    if (block.chain.size() != block.content.last - block.content.first + 2) {
        return fail(ErrorCode::corrupt, "lines beside it are missing",
                    "audit line " + std::to_string(line));
    }
    for (std::size_t i = 1; i < block.chain.size(); ++i) {
        block.leaves.push_back(exchange::audit_leaf(block.chain[i]));
    }
    proof.checkpoints.push_back(std::move(jws));
    proof.tenant = block.content.tenant;
    return block;
}

}  // namespace

Result<SignedLog> verify_signed_log(storage::Storage& storage, const TenantId& tenant,
                                    const std::optional<exchange::MemberId>& member,
                                    const exchange::DatedKeySource& keys,
                                    const exchange::Cryptography& cryptography) {
    SignedLog out;
    if (!member) {
        SCHWARM_TRY_VOID(each_checkpoint(
            storage, tenant, [&](std::uint64_t, std::string_view) { ++out.checkpoints; }));
        SCHWARM_TRY(chain, runtime::verify_chain(storage, tenant));
        out.chain = std::move(chain);
        if (out.checkpoints > 0) {
            out.chain.findings.push_back(
                "the signed checkpoints of the audit log cannot be checked: there is no directory "
                "that names this tenant");
        }
        return out;
    }
    // The checkpoints are read first: each line they name must be in the later snapshot.
    exchange::AuditCheck check({tenant, *member}, keys, cryptography);
    SCHWARM_TRY_VOID(each_checkpoint(
        storage, tenant,
        [&](std::uint64_t line, std::string_view jws) { check.checkpoint(line, jws); }));
    SCHWARM_TRY(chain, runtime::verify_chain(storage, tenant,
                                             [&](std::uint64_t number, const crypto::Hash& hash,
                                                 Instant at) { check.line(number, hash, at); }));
    check.finish();
    out.chain = std::move(chain);
    out.chain.findings.insert(out.chain.findings.end(), check.findings().begin(),
                              check.findings().end());
    out.checkpoints = check.checkpoints();
    out.signed_to = check.signed_to();
    out.signed_at = check.signed_at();
    out.unsigned_lines = check.unsigned_lines();
    return out;
}

Result<AuditProof> prove_case(const runtime::AuditView& view, CaseId case_id, ProofTexts texts) {
    AuditProof proof;
    proof.case_id = case_id;
    SCHWARM_TRY(rows, view.rows_of(case_id, exchange::kAuditProofLinesMax));
    if (rows.empty()) return fail(ErrorCode::not_found, "there is no audit line about the case");
    if (texts == ProofTexts::opened) {
        SCHWARM_TRY(key, view.log_key(case_id));
        if (key) proof.key = key->bytes();
    }
    std::optional<Block> block;
    for (const runtime::AuditRow& row : rows) {
        if (!block || row.number > block->content.last) {
            SCHWARM_TRY(loaded, load_block(view, row.number, proof));
            block = std::move(loaded);
        }
        const auto at = static_cast<std::size_t>(row.number - block->content.first);
        ProvenLine line;
        line.number = row.number;
        line.previous = row.previous;
        line.at = row.at;
        line.before = block->chain[at];
        line.body_hash = row.body_hash;
        line.deleted = row.deleted;
        line.checkpoint = block->index;
        line.path = exchange::merkle_proof(block->leaves, at);
        if (!proof.key.empty() && !row.deleted) {
            SCHWARM_TRY(opened, view.open_line(row));
            line.body = row.body;
            line.text = exchange::AuditText{opened.actor, opened.action, opened.detail};
        }
        proof.lines.push_back(std::move(line));
    }
    return proof;
}

}  // namespace schwarm::post
