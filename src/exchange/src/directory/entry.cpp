#include "schwarm/exchange/directory_entry.hpp"

#include <algorithm>

#include "directory/fields.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

using detail::Fields;
using detail::hash_text;
using detail::millis;

constexpr json::Limits kLimits{kEntryBytesMax, 6, 4000};
constexpr std::size_t kShort = 120;
constexpr std::size_t kLong = 400;
constexpr std::size_t kSignatureBytes = 8 * 1024;

bool is_jurisdiction(std::string_view text) {
    if (text == "*") return true;
    static constexpr std::size_t kLengths[] = {2, 3, 5, 8, 9, 12};
    return std::find(std::begin(kLengths), std::end(kLengths), text.size()) != std::end(kLengths) &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host_and_port(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || text.size() - colon - 1 > 5) return false;
    const std::string_view digits = text.substr(colon + 1);
    if (digits.empty() || digits.front() == '0') return false;
    unsigned port = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return false;
        port = port * 10 + static_cast<unsigned>(c - '0');
    }
    return port <= 65535 &&
           std::all_of(text.begin(), text.begin() + static_cast<int>(colon), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                      c == '[' || c == ']' || c == ':';
           });
}

// ---- writing

void write_texts(json::Writer& w, std::string_view name, const std::vector<std::string>& texts) {
    w.name(name).begin_array();
    for (const std::string& text : texts) w.value(text);
    w.end_array();
}

void write_body(json::Writer& w, const NodeEntry& e) {
    w.member("organisation", e.organisation);
    if (e.operator_key) w.name("operator").raw(e.operator_key->jwk);
    w.member("incarnation", e.incarnation);
    w.name("tls").begin_array();
    for (const crypto::Hash& hash : e.tls) w.value(hash_text(hash));
    w.end_array();
    write_texts(w, "addresses", e.addresses);
}

void write_body(json::Writer& w, const TenantEntry& e) {
    w.member("tenant", e.tenant.value()).member("name", e.name);
    w.name("sign").raw(e.signing.jwk).member("sign_until", millis(e.signing_until));
    w.name("seal").raw(e.sealing.jwk).member("seal_until", millis(e.sealing_until));
    w.name("roles").begin_array();
    for (const Responsibility& r : e.roles) {
        w.begin_object().member("role", r.role);
        write_texts(w, "jurisdictions", r.jurisdictions);
        w.end_object();
    }
    w.end_array().member("suspended", e.suspended);
    if (e.moved) w.member("moved", e.moved->text());
}

void write_body(json::Writer& w, const ServiceEntry& e) {
    w.member("tenant", e.tenant.value()).member("collaboration", e.collaboration);
    w.member("version", e.version).member("role", e.role).name("messages").begin_array();
    for (const MessageSchema& m : e.messages) {
        w.begin_object().member("name", m.message).member("schema", hash_text(m.schema));
        w.end_object();
    }
    w.end_array();
}

void write_body(json::Writer& w, const EvidenceEntry& e) {
    w.member("tenant", e.tenant.value()).member("type", e.type);
    write_texts(w, "legal_bases", e.legal_bases);
    w.member("preview", e.preview);
}

void write_body(json::Writer& w, const AgreementEntry& e) {
    w.member("client", e.client_signature).member("provider", e.provider_signature);
}

void write_body(json::Writer& w, const OperatorEntry& e) {
    w.name("key").raw(e.key.jwk).member("proof", e.proof);
}

void write_body(json::Writer& w, const WithdrawalEntry& e) {
    w.member("member", e.member.value()).member("number", e.number);
    w.member("since", millis(e.since)).member("reason", e.reason);
}

void write_body(json::Writer&, const UnknownEntry&) {}

// ---- reading

NodeEntry read_node(Fields& f, std::uint64_t number) {
    NodeEntry e;
    e.organisation = f.text("organisation", kLong);
    if (number == 1) {
        e.operator_key = f.key("operator");
    } else if (f.has("operator")) {
        f.refuse("operator", "only the first entry names the operator key; later ones rotate it");
    }
    e.incarnation = static_cast<std::uint64_t>(f.number("incarnation", 1));
    for (const std::string& text : f.texts("tls", 1, 8, 43)) {
        const auto hash = detail::read_hash(text);
        if (hash.has_error()) {
            f.refuse("tls", hash.error().message);
            break;
        }
        e.tls.push_back(hash.value());
    }
    e.addresses = f.texts("addresses", 1, 8, 260);
    for (const std::string& address : e.addresses) {
        if (!is_host_and_port(address)) f.refuse("addresses", "not host:port");
    }
    return e;
}

TenantEntry read_tenant(Fields& f) {
    TenantEntry e;
    e.tenant = f.tenant("tenant");
    e.name = f.text("name", kLong);
    e.signing = f.key("sign");
    e.signing_until = f.time("sign_until");
    e.sealing = f.key("seal");
    e.sealing_until = f.time("seal_until");
    std::size_t index = 0;
    for (const json::Value& item : f.list("roles", 0, 32)) {
        Fields r(item, f.place("roles") + "/" + std::to_string(index++), f.failure());
        Responsibility responsibility;
        responsibility.role = r.text("role", kShort);
        responsibility.jurisdictions = r.texts("jurisdictions", 1, 500, 12);
        for (const std::string& j : responsibility.jurisdictions) {
            if (!is_jurisdiction(j)) {
                r.refuse("jurisdictions", "not '*' nor 2, 3, 5, 8, 9 or 12 digits: " + j);
            }
        }
        r.end();
        e.roles.push_back(std::move(responsibility));
    }
    e.suspended = f.boolean("suspended");
    if (f.has("moved")) e.moved = f.address("moved");
    return e;
}

ServiceEntry read_service(Fields& f) {
    ServiceEntry e;
    e.tenant = f.tenant("tenant");
    e.collaboration = f.text("collaboration", kShort);
    e.version = f.text("version", 40);
    e.role = f.text("role", kShort);
    std::size_t index = 0;
    for (const json::Value& item : f.list("messages", 0, 100)) {
        Fields m(item, f.place("messages") + "/" + std::to_string(index++), f.failure());
        MessageSchema schema;
        schema.message = m.text("name", kShort);
        schema.schema = m.hash("schema");
        m.end();
        e.messages.push_back(std::move(schema));
    }
    return e;
}

EvidenceEntry read_evidence(Fields& f) {
    EvidenceEntry e;
    e.tenant = f.tenant("tenant");
    e.type = f.text("type", kShort);
    e.legal_bases = f.texts("legal_bases", 1, 32, kLong);
    e.preview = f.boolean("preview");
    return e;
}

Agreement read_agreement_fields(Fields& f) {
    Agreement a;
    a.client = f.address("client");
    a.provider = f.address("provider");
    a.service = f.text("service", kShort);
    a.purpose = f.text("purpose", kLong);
    a.legal_basis = f.text("legal_basis", kLong);
    a.evidence = f.text("evidence", kShort);
    a.from = f.time("from");
    a.until = f.time("until");
    if (a.until <= a.from) f.refuse("until", "not after 'from'");
    f.end();
    return a;
}

AgreementEntry read_agreement_entry(Fields& f, const MemberId& member) {
    AgreementEntry e;
    e.client_signature = f.text("client", kSignatureBytes);
    e.provider_signature = f.text("provider", kSignatureBytes);
    if (!f.ok()) return e;
    const auto text = detail::signed_text(e.client_signature);
    const auto other = detail::signed_text(e.provider_signature);
    if (text.has_error() || other.has_error() || text.value() != other.value()) {
        f.refuse("provider", "the two tenants have not signed the same text");
        return e;
    }
    const auto value = json::parse(text.value(), kLimits);
    if (value.has_error()) {
        f.refuse("client", value.error().text());
        return e;
    }
    Fields a(value.value(), f.place("client"), f.failure());
    e.agreement = read_agreement_fields(a);
    if (f.ok() && e.agreement.client.member != member && e.agreement.provider.member != member) {
        f.refuse("client", "an agreement between tenants of others");
    }
    return e;
}

OperatorEntry read_operator(Fields& f) {
    OperatorEntry e;
    e.key = f.key("key");
    e.proof = f.text("proof", kSignatureBytes);
    return e;
}

WithdrawalEntry read_withdrawal(Fields& f) {
    WithdrawalEntry e;
    e.member = f.member("member");
    e.number = static_cast<std::uint64_t>(f.number("number", 1));
    e.since = f.time("since");
    e.reason = f.text("reason", kLong);
    return e;
}

}  // namespace

std::string_view kind_of(const EntryBody& body) {
    static constexpr std::string_view kNames[] = {"node",      "tenant",   "service",   "evidence",
                                                  "agreement", "operator", "withdrawal"};
    if (const auto* unknown = std::get_if<UnknownEntry>(&body)) return unknown->kind;
    return kNames[body.index()];
}

std::string write_entry(const DirectoryEntry& entry) {
    json::Writer w;
    w.begin_object().member("member", entry.member.value()).member("number", entry.number);
    w.member("previous", hash_text(entry.previous)).member("time", millis(entry.time));
    w.member("kind", kind_of(entry.body)).name("body").begin_object();
    std::visit([&w](const auto& body) { write_body(w, body); }, entry.body);
    w.end_object().end_object();
    return w.take();
}

Result<DirectoryEntry> read_entry(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kLimits));
    Fields::Failure failure;
    Fields f(value, "", failure);
    DirectoryEntry entry;
    entry.member = f.member("member");
    entry.number = static_cast<std::uint64_t>(f.number("number", 1));
    entry.previous = f.hash("previous");
    entry.time = f.time("time");
    const std::string kind = f.text("kind", 40);
    Fields body(f.object("body"), "/body", failure);
    if (kind == "node") {
        entry.body = read_node(body, entry.number);
    } else if (kind == "tenant") {
        entry.body = read_tenant(body);
    } else if (kind == "service") {
        entry.body = read_service(body);
    } else if (kind == "evidence") {
        entry.body = read_evidence(body);
    } else if (kind == "agreement") {
        entry.body = read_agreement_entry(body, entry.member);
    } else if (kind == "operator") {
        entry.body = read_operator(body);
    } else if (kind == "withdrawal") {
        entry.body = read_withdrawal(body);
    } else {
        entry.body = UnknownEntry{kind};
    }
    if (!std::holds_alternative<UnknownEntry>(entry.body)) body.end();
    f.end();
    if (failure.error) return *failure.error;
    return entry;
}

Result<std::string> sign_entry(const Cryptography& cryptography, const KeyPair& operator_key,
                               const DirectoryEntry& entry) {
    const std::string text = write_entry(entry);
    SCHWARM_TRY_VOID(read_entry(text));
    return cryptography.sign(operator_key, kEntryType, text);
}

std::string agreement_text(const Agreement& a) {
    json::Writer w;
    w.begin_object().member("client", a.client.text()).member("provider", a.provider.text());
    w.member("service", a.service).member("purpose", a.purpose);
    w.member("legal_basis", a.legal_basis).member("evidence", a.evidence);
    w.member("from", millis(a.from)).member("until", millis(a.until)).end_object();
    return w.take();
}

Result<Agreement> read_agreement(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kLimits));
    Fields::Failure failure;
    Fields f(value, "", failure);
    Agreement agreement = read_agreement_fields(f);
    if (failure.error) return *failure.error;
    return agreement;
}

std::string operator_proof_text(const MemberId& member, std::uint64_t number,
                                const crypto::Hash& previous, const PublicKey& key) {
    json::Writer w;
    w.begin_object().member("member", member.value()).member("number", number);
    w.member("previous", hash_text(previous)).member("kid", key.kid).end_object();
    return w.take();
}

}  // namespace schwarm::exchange
