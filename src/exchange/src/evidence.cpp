#include "schwarm/exchange/evidence.hpp"

#include <algorithm>
#include <array>

#include "fields.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kLineMax = 200;
constexpr std::size_t kReasonMax = 1'000;
constexpr std::array<std::string_view, 3> kResults = {"geliefert", "nicht_gefunden", "abgelehnt"};
constexpr std::array<std::string_view, 4> kLevels = {"none", "low", "substantial", "high"};

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

Result<bool> flag(Fields& fields, std::string_view name) {
    SCHWARM_TRY(value, fields.any(name));
    if (!value->is_boolean()) return fields.refuse(name, "true or false is needed");
    return value->as_boolean();
}

Result<EvidenceClaim> read_claim(const json::Value& value, std::string where) {
    SCHWARM_TRY(fields, Fields::of(value, std::move(where)));
    EvidenceClaim out;
    SCHWARM_TRY(client, fields.address("client"));
    SCHWARM_TRY(provider, fields.address("provider"));
    SCHWARM_TRY(evidence, fields.text("evidence"));
    SCHWARM_TRY(purpose, fields.text("purpose"));
    SCHWARM_TRY(basis, fields.text("legal_basis"));
    SCHWARM_TRY_VOID(fields.no_others());
    out = {std::move(client), std::move(provider), std::move(evidence), std::move(purpose),
           std::move(basis)};
    SCHWARM_TRY_VOID(out.check());
    return out;
}

}  // namespace

std::string evidence_type(std::string_view message) {
    return std::string(kEvidenceContract) + "/" + std::string(kEvidenceVersion) + "/" +
           std::string(message);
}

Result<void> EvidenceClaim::check() const {
    const auto refuse = [](std::string_view member, std::string reason) {
        return fail(ErrorCode::invalid_input, std::move(reason), "claim /" + std::string(member));
    };
    if (!is_token(evidence, kNameMax)) return refuse("evidence", "the kind of evidence is missing");
    if (!is_line(purpose, kLineMax)) return refuse("purpose", "the purpose is missing");
    if (!is_line(legal_basis, kLineMax)) {
        return refuse("legal_basis", "the legal basis is missing");
    }
    if (client == provider) return refuse("provider", "nobody asks his own register this way");
    return {};
}

json::Value to_json(const EvidenceClaim& claim) {
    json::Value out = json::Value::object();
    out.set("client", claim.client.text());
    out.set("provider", claim.provider.text());
    out.set("evidence", claim.evidence);
    out.set("purpose", claim.purpose);
    out.set("legal_basis", claim.legal_basis);
    return out;
}

crypto::Hash hash_of(const EvidenceClaim& claim) {
    return crypto::sha256(json::to_string(to_json(claim)));
}

std::string approval_text(const Approval& approval) {
    json::Value out = json::Value::object();
    out.set("claim", to_json(approval.claim));
    out.set("granted", approval.granted);
    out.set("reason", approval.reason.substr(0, kReasonMax));
    out.set("from", instant_text(approval.from));
    out.set("until", instant_text(approval.until));
    return json::to_string(out);
}

Result<Approval> read_approval(std::string_view jws, const PublicKey& checker,
                               const Cryptography& cryptography) {
    SCHWARM_TRY(payload, cryptography.verify(checker, kApprovalType, jws));
    json::Limits limits;
    limits.max_depth = 4;
    SCHWARM_TRY(value, json::parse(payload, limits));
    SCHWARM_TRY(fields, Fields::of(value, "approval"));
    Approval out;
    SCHWARM_TRY(claim, fields.any("claim"));
    SCHWARM_TRY(read, read_claim(*claim, "approval /claim"));
    out.claim = std::move(read);
    SCHWARM_TRY(granted, flag(fields, "granted"));
    out.granted = granted;
    SCHWARM_TRY(reason, fields.text("reason"));
    out.reason = std::move(reason);
    SCHWARM_TRY(from, fields.instant("from"));
    out.from = from;
    SCHWARM_TRY(until, fields.instant("until"));
    out.until = until;
    SCHWARM_TRY_VOID(fields.no_others());
    return out;
}

Result<EvidenceClaim> read_check(const json::Value& body) {
    return read_claim(body, "claim");
}

json::Value to_json(const EvidenceAnswer& answer) {
    json::Value out = json::Value::object();
    out.set("request", answer.request);
    out.set("result", answer.result);
    out.set("reason", answer.reason.substr(0, kReasonMax));
    out.set("preview", answer.preview);
    out.set("data", answer.data);
    return out;
}

Result<EvidenceAnswer> read_answer(const json::Value& body) {
    SCHWARM_TRY(fields, Fields::of(body, "answer"));
    EvidenceAnswer out;
    SCHWARM_TRY(request, fields.text("request"));
    out.request = std::move(request);
    SCHWARM_TRY(result, fields.text("result"));
    out.result = std::move(result);
    if (!one_of(kResults, out.result)) return fields.refuse("result", "an unknown result");
    SCHWARM_TRY(reason, fields.text("reason"));
    out.reason = std::move(reason);
    SCHWARM_TRY(preview, flag(fields, "preview"));
    out.preview = preview;
    SCHWARM_TRY(data, fields.any("data"));
    if (data->is_object() != (out.result == kResults[0])) {
        return fields.refuse("data", "there are data if and only if evidence was given");
    }
    out.data = *data;
    SCHWARM_TRY_VOID(fields.no_others());
    return out;
}

json::Value to_json(const EvidenceRequest& request) {
    json::Value out = json::Value::object();
    out.set("id", request.id);
    out.set("claim", to_json(request.claim));
    out.set("procedure", request.procedure);
    out.set("requested", request.requested);
    out.set("assurance", request.assurance);
    out.set("attributes", request.attributes);
    out.set("approval", request.approval);
    out.set("checker", request.checker);
    return out;
}

Result<EvidenceRequest> read_request(const json::Value& body) {
    SCHWARM_TRY(fields, Fields::of(body, "request"));
    EvidenceRequest out;
    SCHWARM_TRY(id, fields.text("id"));
    out.id = std::move(id);
    if (!is_token(out.id, kNameMax)) return fields.refuse("id", "1 to 64 characters are needed");
    SCHWARM_TRY(claim, fields.any("claim"));
    SCHWARM_TRY(read, read_claim(*claim, "request /claim"));
    out.claim = std::move(read);
    SCHWARM_TRY(procedure, fields.text("procedure"));
    out.procedure = std::move(procedure);
    if (!is_line(out.procedure, kLineMax)) {
        return fields.refuse("procedure", "the case at the asker is missing");
    }
    SCHWARM_TRY(requested, flag(fields, "requested"));
    out.requested = requested;
    SCHWARM_TRY(assurance, fields.text("assurance"));
    out.assurance = std::move(assurance);
    if (!one_of(kLevels, out.assurance)) return fields.refuse("assurance", "an unknown level");
    SCHWARM_TRY(attributes, fields.any("attributes"));
    if (!attributes->is_object()) return fields.refuse("attributes", "an object is needed");
    out.attributes = *attributes;
    SCHWARM_TRY(approval, fields.text("approval"));
    out.approval = std::move(approval);
    SCHWARM_TRY(checker, fields.text("checker"));
    out.checker = std::move(checker);
    SCHWARM_TRY_VOID(fields.no_others());
    return out;
}

crypto::Hash data_hash(const json::Value& data) {
    return crypto::sha256(json::to_string(data));
}

}  // namespace schwarm::exchange
