#include "schwarm/server/agreement_administration.hpp"

#include <algorithm>

#include "open_place.hpp"
#include "operator_key.hpp"
#include "own_member.hpp"
#include "private_file.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/exchange/evidence.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/post/tenant_signing.hpp"
#include "schwarm/runtime/audit_view.hpp"
#include "schwarm/server/directory_administration.hpp"
#include "schwarm/services/store.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;
using exchange::Address;
using exchange::Agreement;

Error wrong(std::string reason) {
    return fail(ErrorCode::invalid_input, std::move(reason));
}

Result<void> check_terms(const exchange::Directory& directory, const Agreement& agreement,
                         Instant now) {
    const exchange::EvidenceClaim claim{agreement.client, agreement.provider, agreement.evidence,
                                        agreement.purpose, agreement.legal_basis};
    SCHWARM_TRY_VOID(claim.check());
    if (agreement.until <= std::max(now, agreement.from)) {
        return wrong("the agreement would be over before it begins");
    }
    for (const Address& one : {agreement.client, agreement.provider}) {
        if (directory.tenant(one, now).has_error()) {
            return wrong("the directory knows no tenant " + one.text());
        }
    }
    const auto listed = directory.evidence(agreement.evidence, now);
    const auto found = std::find_if(listed.begin(), listed.end(), [&](const auto& one) {
        return one.provider == agreement.provider;
    });
    if (found == listed.end()) {
        return wrong(agreement.provider.text() + " gives no evidence '" + agreement.evidence + "'");
    }
    const auto& bases = found->evidence.legal_bases;
    if (std::find(bases.begin(), bases.end(), agreement.legal_basis) == bases.end()) {
        return wrong(agreement.provider.text() + " gives nothing out upon '" +
                     agreement.legal_basis + "'");
    }
    if (found->evidence.preview) {
        return wrong("the person sees this evidence before it is used: no agreement replaces that");
    }
    return {};
}

Result<json::Value> terms(const Agreement& agreement) {
    return json::parse(exchange::agreement_text(agreement));
}

}  // namespace

Result<exchange::MemberId> own_member(const Place& place, const exchange::Directory& directory) {
    SCHWARM_TRY(storage, open_beside(place));
    SCHWARM_TRY(key, read_node_key(place));
    SCHWARM_TRY(view, runtime::open_view(*storage, key, services::node_tenant()));
    SCHWARM_TRY(own, read_operator_key(view));
    for (const exchange::EpochMember& one : directory.tip().content.members) {
        const auto info = directory.member(one.member);
        if (own && info.has_value() && info->operator_key == own->public_key) return one.member;
    }
    return fail(ErrorCode::not_found, "this node is no member of the network");
}

std::string write_agreement_file(const AgreementFile& file) {
    json::Value out = json::Value::object();
    // Its own text is JSON.
    out.set("agreement", std::move(terms(file.agreement).value()));
    if (!file.client_signature.empty()) out.set("client", file.client_signature);
    if (!file.provider_signature.empty()) out.set("provider", file.provider_signature);
    return json::to_pretty_string(out) + "\n";
}

Result<AgreementFile> read_agreement_file(std::string_view text) {
    json::Limits limits;
    limits.max_bytes = exchange::kEntryBytesMax;
    limits.max_depth = 4;
    limits.max_nodes = 32;
    SCHWARM_TRY(value, json::parse(text, limits));
    if (!value.is_object()) return wrong("this is no agreement");
    for (const auto& [name, member] : value.members()) {
        if (name != "agreement" && name != "client" && name != "provider") {
            return wrong("the member '" + name + "' is unknown");
        }
    }
    const json::Value* shown = value.find("agreement");
    if (shown == nullptr) return wrong("the member 'agreement' is missing");
    AgreementFile out;
    SCHWARM_TRY(agreement, exchange::read_agreement(json::to_string(*shown)));
    out.agreement = std::move(agreement);
    out.client_signature = value.string_or("client", "");
    out.provider_signature = value.string_or("provider", "");
    const std::string whole = exchange::agreement_text(out.agreement);
    for (const std::string* one : {&out.client_signature, &out.provider_signature}) {
        if (one->empty()) continue;
        SCHWARM_TRY(peeked, exchange::peek_jws(*one));
        if (peeked.payload != whole) return wrong("what is shown is not what is signed");
    }
    return out;
}

Result<AgreementFile> load_agreement_file(const fs::path& file) {
    std::error_code ec;
    const auto size = fs::file_size(file, ec);
    if (ec) return fail(ErrorCode::not_found, "the file cannot be read", file.string());
    if (size > exchange::kEntryBytesMax) {
        return fail(ErrorCode::limit_exceeded, "the file is too large", file.string());
    }
    SCHWARM_TRY(text, read_file(file));
    auto out = read_agreement_file(text);
    if (out.has_error()) return fail(out.error().code, out.error().text(), file.string());
    return out;
}

Result<std::string> sign_agreement(const Place& place, const TenantId& tenant,
                                   const Agreement& agreement) {
    SCHWARM_TRY(storage, open_beside(place));
    SCHWARM_TRY(key, read_node_key(place));
    SCHWARM_TRY(view, runtime::open_view(*storage, key, tenant));
    const SystemClock clock;
    return post::sign_beside(view, exchange::JoseCryptography(clock), exchange::kAgreementType,
                             exchange::agreement_text(agreement));
}

Result<AgreementFile> offer_agreement(const Place& place, const Agreement& agreement) {
    SCHWARM_TRY(network, read_network(place, Trusted::checkpoint));
    SCHWARM_TRY(self, own_member(place, *network->directory));
    SCHWARM_TRY_VOID(check_terms(*network->directory, agreement, network->clock.now()));
    AgreementFile out;
    out.agreement = agreement;
    if (agreement.client.member == self) {
        SCHWARM_TRY(signature, sign_agreement(place, agreement.client.tenant, agreement));
        out.client_signature = std::move(signature);
    } else if (agreement.provider.member == self) {
        SCHWARM_TRY(signature, sign_agreement(place, agreement.provider.tenant, agreement));
        out.provider_signature = std::move(signature);
    } else {
        return wrong("neither of the two is a tenant of this node, " + self.value());
    }
    return out;
}

Result<AgreementFile> accept_agreement(const Place& place, AgreementFile half) {
    SCHWARM_TRY(network, read_network(place, Trusted::checkpoint));
    SCHWARM_TRY(self, own_member(place, *network->directory));
    const Instant now = network->clock.now();
    SCHWARM_TRY_VOID(check_terms(*network->directory, half.agreement, now));
    if (half.complete()) return wrong("both have signed this already");
    const bool client_signs = half.client_signature.empty();
    const Address& own = client_signs ? half.agreement.client : half.agreement.provider;
    const Address& other = client_signs ? half.agreement.provider : half.agreement.client;
    const std::string& given = client_signs ? half.provider_signature : half.client_signature;
    if (given.empty()) return wrong("nobody has signed this yet");
    if (own.member != self) return wrong(own.text() + " is no tenant of this node");
    SCHWARM_TRY(peeked, exchange::peek_jws(given));
    SCHWARM_TRY(key, network->directory->signing_key(other, peeked.kid, now));
    SCHWARM_TRY_VOID(network->cryptography.verify(key, exchange::kAgreementType, given));
    SCHWARM_TRY(signature, sign_agreement(place, own.tenant, half.agreement));
    (client_signs ? half.client_signature : half.provider_signature) = std::move(signature);
    SCHWARM_TRY_VOID(lay_down(agreement_folder(place), half));
    return half;
}

fs::path agreement_folder(const Place& place) {
    return place.database.parent_path() / "agreements";
}

Result<void> lay_down(const fs::path& folder, const AgreementFile& file) {
    std::error_code ec;
    fs::create_directories(folder, ec);
    fs::permissions(folder, fs::perms::owner_all, ec);
    const auto hash = crypto::sha256(exchange::agreement_text(file.agreement));
    const std::string name = crypto::hex_encode(crypto::bytes_of(hash)).substr(0, 16) + ".json";
    return write_private(folder / name, write_agreement_file(file));
}

}  // namespace schwarm::server
