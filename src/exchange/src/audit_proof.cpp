#include "schwarm/exchange/audit_proof.hpp"

#include "directory/fields.hpp"
#include "schwarm/base/binary.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/exchange/directory_merkle.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::exchange {
namespace {

constexpr json::Limits kLimits{kAuditProofBytesMax, 5, 1'000'000};
constexpr std::string_view kFormat = "schwarm-audit-proof";
constexpr std::size_t kBodyBytesMax = std::size_t{1} << 20;
constexpr std::size_t kPathMax = 64;
constexpr std::uint8_t kRowFormat = 1;
constexpr std::uint8_t kAuditSpace = 11;  // place of the space in docs/formats/storage.md

Error wrong(ErrorCode code, const ProvenLine& line, std::string what) {
    return fail(code, std::move(what), "audit line " + std::to_string(line.number));
}

std::string associated(const TenantId& tenant, CaseId case_id, std::uint64_t number) {
    return char{kAuditSpace} +
           storage::KeyBuilder(tenant).number(case_id.value()).number(number).take();
}

std::string encode(const AuditText& text) {
    ByteWriter out;
    out.u8(kRowFormat);
    for (const std::string* part : {&text.actor, &text.action, &text.detail}) out.bytes(*part);
    return out.take();
}

std::string bytes(detail::Fields& fields, std::string_view name, std::size_t max) {
    auto decoded = crypto::base64url_decode(fields.text(name, max));
    if (decoded.has_value()) return std::move(decoded.value());
    fields.refuse(name, "not base64url");
    return {};
}

void write_line(json::Writer& w, const ProvenLine& line) {
    w.begin_object().member("number", line.number).member("previous", line.previous);
    w.member("time", detail::millis(line.at)).member("before", detail::hash_text(line.before));
    w.member("body_hash", detail::hash_text(line.body_hash)).member("deleted", line.deleted);
    if (!line.body.empty()) w.member("body", crypto::base64url_encode(line.body));
    if (line.text) {
        w.name("text").begin_array().value(line.text->actor).value(line.text->action);
        w.value(line.text->detail).end_array();
    }
    w.member("checkpoint", static_cast<std::uint64_t>(line.checkpoint)).name("path").begin_array();
    for (const crypto::Hash& hash : line.path) w.value(detail::hash_text(hash));
    w.end_array().end_object();
}

std::optional<AuditText> read_text(detail::Fields& fields) {
    if (!fields.has("text")) return std::nullopt;
    const json::Value::Array& parts = fields.list("text", 3, 3);
    AuditText out;
    std::size_t index = 0;
    for (std::string* part : {&out.actor, &out.action, &out.detail}) {
        if (index < parts.size() && parts[index].is_string()) {
            *part = parts[index].as_string();
        } else {
            fields.refuse("text", "not actor, action and detail");
        }
        ++index;
    }
    return out;
}

ProvenLine read_line(const json::Value& value, std::string place,
                     detail::Fields::Failure& failure) {
    detail::Fields fields(value, std::move(place), failure);
    ProvenLine out;
    out.number = static_cast<std::uint64_t>(fields.number("number", 1));
    out.previous = static_cast<std::uint64_t>(fields.number("previous", 0));
    out.at = fields.time("time");
    out.before = fields.hash("before");
    out.body_hash = fields.hash("body_hash");
    out.deleted = fields.boolean("deleted");
    if (fields.has("body")) out.body = bytes(fields, "body", kBodyBytesMax);
    out.text = read_text(fields);
    out.checkpoint = static_cast<std::size_t>(
        fields.number("checkpoint", 0, static_cast<std::int64_t>(kAuditProofLinesMax)));
    for (const json::Value& item : fields.list("path", 0, kPathMax)) {
        const auto hash = detail::read_hash(item.is_string() ? item.as_string() : "");
        if (hash.has_error()) fields.refuse("path", "not hashes");
        out.path.push_back(hash.has_error() ? crypto::Hash{} : hash.value());
    }
    fields.end();
    return out;
}

Result<void> check_body(const AuditProof& proof, const std::optional<crypto::Key>& key,
                        const ProvenLine& line) {
    if (line.deleted && !line.body.empty()) {
        return wrong(ErrorCode::invalid_input, line, "it is deleted and has a body");
    }
    if (line.body.empty()) {
        if (line.text) return wrong(ErrorCode::invalid_input, line, "a text without its body");
        if (key && !line.deleted) return wrong(ErrorCode::invalid_input, line, "it has no body");
        return {};
    }
    if (crypto::sha256(line.body) != line.body_hash) {
        return wrong(ErrorCode::crypto_failed, line, "the sealed body is not that of the line");
    }
    if (!key) {
        if (line.text) return wrong(ErrorCode::invalid_input, line, "a text without the key");
        return {};
    }
    const auto plain =
        crypto::open(*key, associated(proof.tenant.tenant, proof.case_id, line.number), line.body);
    if (plain.has_error()) return wrong(ErrorCode::crypto_failed, line, "the key does not open it");
    if (!line.text || encode(*line.text) != plain.value()) {
        return wrong(ErrorCode::crypto_failed, line, "the text is not what was sealed");
    }
    return {};
}

}  // namespace

std::string write_audit_proof(const AuditProof& proof) {
    json::Writer w;
    w.begin_object().member("format", kFormat).member("version", std::int64_t{1});
    w.member("tenant", proof.tenant.text()).member("case", proof.case_id.value());
    if (!proof.key.empty()) w.member("key", crypto::base64url_encode(proof.key));
    w.name("checkpoints").begin_array();
    for (const std::string& jws : proof.checkpoints) w.value(jws);
    w.end_array().name("lines").begin_array();
    for (const ProvenLine& line : proof.lines) write_line(w, line);
    w.end_array().end_object();
    return w.take();
}

Result<AuditProof> read_audit_proof(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kLimits));
    detail::Fields::Failure failure;
    detail::Fields fields(value, "audit proof", failure);
    if (fields.text("format", 40) != kFormat) fields.refuse("format", "not an audit proof");
    fields.number("version", 1, 1);
    AuditProof out;
    out.tenant = fields.address("tenant");
    out.case_id = CaseId(static_cast<std::uint64_t>(fields.number("case", 1)));
    if (fields.has("key")) {
        out.key = bytes(fields, "key", 43);
        if (out.key.size() != crypto::kKeySize) fields.refuse("key", "not 32 bytes");
    }
    out.checkpoints = fields.texts("checkpoints", 1, kAuditProofLinesMax, 8192);
    std::size_t index = 0;
    for (const json::Value& line : fields.list("lines", 1, kAuditProofLinesMax)) {
        out.lines.push_back(
            read_line(line, "audit proof/lines/" + std::to_string(index++), failure));
        if (failure.error) break;
    }
    fields.end();
    if (failure.error) return *failure.error;
    return out;
}

Result<std::vector<AuditCheckpoint>> check_audit_proof(const AuditProof& proof,
                                                       const DatedKeySource& keys,
                                                       const Cryptography& cryptography) {
    std::vector<AuditCheckpoint> out;
    for (const std::string& jws : proof.checkpoints) {
        SCHWARM_TRY(verified, verify_audit_checkpoint(jws, keys, cryptography));
        if (verified.content.tenant != proof.tenant) {
            return fail(ErrorCode::invalid_input, "a checkpoint is that of another tenant",
                        verified.content.tenant.text());
        }
        out.push_back(std::move(verified.content));
    }
    std::optional<crypto::Key> key;
    if (!proof.key.empty()) {
        SCHWARM_TRY(read, crypto::Key::from_bytes(proof.key));
        key = std::move(read);
    }
    std::uint64_t before = 0;
    for (const ProvenLine& line : proof.lines) {
        if (line.previous != before || line.number <= before) {
            return wrong(ErrorCode::invalid_input, line,
                         "it follows line " + std::to_string(line.previous) +
                             " about the case, which is not the one shown before it");
        }
        before = line.number;
        if (line.checkpoint >= out.size()) {
            return wrong(ErrorCode::invalid_input, line, "it names no checkpoint of the proof");
        }
        const AuditCheckpoint& signed_by = out[line.checkpoint];
        const crypto::Hash chain = audit_chain(
            line.before, {proof.case_id, line.number, line.previous, line.at}, line.body_hash);
        if (line.number < signed_by.first || line.number > signed_by.last ||
            !merkle_includes(signed_by.root, audit_leaf(chain),
                             static_cast<std::size_t>(line.number - signed_by.first),
                             static_cast<std::size_t>(signed_by.last - signed_by.first + 1),
                             line.path)) {
            return wrong(ErrorCode::crypto_failed, line, "it is not among those that were signed");
        }
        SCHWARM_TRY_VOID(check_body(proof, key, line));
    }
    return out;
}

}  // namespace schwarm::exchange
