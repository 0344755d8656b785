#include "schwarm/exchange/audit_checkpoint.hpp"

#include <vector>

#include "directory/fields.hpp"
#include "schwarm/base/binary.hpp"
#include "schwarm/exchange/directory_merkle.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::exchange {
namespace {

constexpr json::Limits kLimits{2048, 2, 20};
constexpr std::uint8_t kRowFormat = 1;
constexpr std::uint8_t kAuditLine = 0;  // kind of the row

std::uint64_t positive(detail::Fields& fields, std::string_view name) {
    return static_cast<std::uint64_t>(fields.number(name, 1));
}

}  // namespace

crypto::Hash audit_chain(const crypto::Hash& before, const AuditHeader& header,
                         const crypto::Hash& body_hash) {
    ByteWriter out;
    out.u8(kRowFormat);
    out.u8(kAuditLine);
    out.u64(header.case_id.value());
    out.u64(header.number);
    out.u64(header.previous);
    out.u64(static_cast<std::uint64_t>(detail::millis(header.at)));
    return crypto::chain_step(before, out.data(), body_hash);
}

crypto::Hash audit_leaf(const crypto::Hash& chain) {
    return crypto::sha256(std::string(1, '\0').append(crypto::bytes_of(chain)));
}

crypto::Hash audit_root(std::span<const crypto::Hash> chain_hashes) {
    std::vector<crypto::Hash> leaves;
    leaves.reserve(chain_hashes.size());
    for (const crypto::Hash& hash : chain_hashes) leaves.push_back(audit_leaf(hash));
    return merkle_root(leaves);
}

std::string write_audit_checkpoint(const AuditCheckpoint& checkpoint) {
    json::Writer w;
    w.begin_object().member("version", std::int64_t{1});
    w.member("tenant", checkpoint.tenant.text());
    if (checkpoint.incarnation != 1) w.member("incarnation", checkpoint.incarnation);
    w.member("number", checkpoint.number);
    w.member("first", checkpoint.first).member("last", checkpoint.last);
    w.member("chain", detail::hash_text(checkpoint.chain));
    w.member("root", detail::hash_text(checkpoint.root));
    w.member("previous", detail::hash_text(checkpoint.previous));
    w.member("time", detail::millis(checkpoint.time)).end_object();
    return w.take();
}

Result<AuditCheckpoint> read_audit_checkpoint(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kLimits));
    detail::Fields::Failure failure;
    detail::Fields fields(value, "audit checkpoint", failure);
    AuditCheckpoint out;
    fields.number("version", 1, 1);
    out.tenant = fields.address("tenant");
    if (fields.has("incarnation")) {
        out.incarnation = positive(fields, "incarnation");
        if (out.incarnation == 1) fields.refuse("incarnation", "1 is not written");
    }
    out.number = positive(fields, "number");
    out.first = positive(fields, "first");
    out.last = positive(fields, "last");
    out.chain = fields.hash("chain");
    out.root = fields.hash("root");
    out.previous = fields.hash("previous");
    out.time = fields.time("time");
    fields.end();
    if (fields.ok() && (out.last < out.first || out.last - out.first >= kAuditLinesMax)) {
        fields.refuse("last",
                      "a checkpoint covers 1 to " + std::to_string(kAuditLinesMax) + " lines");
    }
    if (failure.error) return *failure.error;
    return out;
}

Result<VerifiedCheckpoint> verify_audit_checkpoint(std::string_view jws, const DatedKeySource& keys,
                                                   const Cryptography& cryptography) {
    SCHWARM_TRY(peeked, peek_jws(jws));
    SCHWARM_TRY(claimed, read_audit_checkpoint(peeked.payload));
    SCHWARM_TRY(key, keys(claimed.tenant, peeked.kid, claimed.time));
    SCHWARM_TRY(payload, cryptography.verify(key, kAuditCheckpointType, jws));
    VerifiedCheckpoint out;
    SCHWARM_TRY(content, read_audit_checkpoint(payload));
    out.content = std::move(content);
    out.hash = crypto::sha256(payload);
    return out;
}

std::string audit_row_key(std::uint64_t last_line) {
    return storage::KeyBuilder().raw(kAuditRowPrefix).number(last_line).take();
}

}  // namespace schwarm::exchange
