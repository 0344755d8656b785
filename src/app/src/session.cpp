#include "schwarm/app/session.hpp"

#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::app {
namespace {

constexpr std::string_view kSealContext = "schwarm session 1";
constexpr std::string_view kCsrfContext = "schwarm csrf 1";
constexpr std::size_t kTokenBytesMax = 4096;

std::string to_bytes(const Session& session) {
    const auto& p = session.principal;
    json::Writer out;
    out.begin_array()
        .value(static_cast<int>(p.kind))
        .value(p.tenant.value())
        .value(p.subject)
        .value(p.name)
        .value(static_cast<int>(p.assurance))
        .value(session.id)
        .value(session.expires.time_since_epoch().count());
    out.begin_array();
    for (const auto& group : p.groups) out.value(group);
    out.end_array().begin_array();
    if (p.person) {
        out.value(p.person->family_name).value(p.person->given_names).value(p.person->birth_date);
    }
    out.end_array().end_array();
    return out.take();
}

std::optional<Session> from_bytes(std::string_view bytes) {
    auto parsed = json::parse(bytes);
    if (!parsed || !parsed->is_array() || parsed->items().size() != 9) return std::nullopt;
    const auto& items = parsed->items();
    const auto kind = items[0].as_int64();
    const auto assurance = items[4].as_int64();
    const auto expires = items[6].as_int64();
    if (!kind || *kind < 0 || *kind >= static_cast<int>(kPrincipalKindCount) || !assurance ||
        *assurance < 0 || *assurance > static_cast<int>(AssuranceLevel::high) || !expires) {
        return std::nullopt;
    }
    Session session;
    session.principal.kind = static_cast<PrincipalKind>(*kind);
    session.principal.tenant = TenantId(items[1].as_string());
    session.principal.subject = items[2].as_string();
    session.principal.name = items[3].as_string();
    session.principal.assurance = static_cast<AssuranceLevel>(*assurance);
    session.id = items[5].as_string();
    session.expires = Instant(std::chrono::milliseconds(*expires));
    for (const auto& group : items[7].items()) {
        session.principal.groups.push_back(group.as_string());
    }
    if (const auto& person = items[8].items(); person.size() == 3) {
        session.principal.person =
            IdentifiedPerson{person[0].as_string(), person[1].as_string(), person[2].as_string()};
    }
    return session;
}

}  // namespace

Sessions::Sessions(const crypto::Key& node_key, const Clock& clock, Random& random,
                   std::chrono::minutes lifetime)
    : key_(node_key),
      csrf_key_(crypto::hkdf_sha256(node_key.bytes(), {}, kCsrfContext, crypto::kKeySize)),
      clock_(clock),
      random_(random),
      lifetime_(lifetime) {}

Session Sessions::begin(Principal principal) const {
    Session session;
    session.principal = std::move(principal);
    session.id = crypto::random_token(random_, 16);
    session.expires = clock_.now() + lifetime_;
    if (!session.principal.signed_in() && session.principal.subject.empty()) {
        session.principal.subject = "guest:" + crypto::random_token(random_, 16);
    }
    return session;
}

Result<std::string> Sessions::seal(const Session& session) const {
    SCHWARM_TRY(sealed, crypto::seal(key_, kSealContext, to_bytes(session), random_));
    return crypto::base64url_encode(sealed);
}

std::optional<Session> Sessions::open(std::string_view cookie_value) const {
    if (cookie_value.empty() || cookie_value.size() > kTokenBytesMax) return std::nullopt;
    const auto sealed = crypto::base64url_decode(cookie_value);
    if (!sealed) return std::nullopt;
    const auto bytes = crypto::open(key_, kSealContext, *sealed);
    if (!bytes) return std::nullopt;
    auto session = from_bytes(*bytes);
    if (!session || session->expires <= clock_.now()) return std::nullopt;
    return session;
}

std::string Sessions::csrf_token(const Session& session) const {
    const auto mac = crypto::hmac_sha256(csrf_key_, session.id);
    return crypto::base64url_encode(crypto::bytes_of(mac));
}

bool Sessions::csrf_valid(const Session& session, std::string_view token) const {
    return crypto::equal_constant_time(csrf_token(session), token);
}

Result<Principal> IdentityProvider::by_secret(std::string_view, std::string_view) const {
    return fail(ErrorCode::unauthenticated, "the id or its secret is not known");
}

const std::vector<IdentityProvider::Choice>& NoIdentities::choices() const {
    static const std::vector<Choice> none;
    return none;
}

DemoIdentities::DemoIdentities(const std::vector<DemoTenant>& tenants) {
    const auto citizen = [&](std::string id, IdentifiedPerson person) {
        Principal p;
        p.kind = PrincipalKind::citizen;
        p.subject = "demo:" + id;
        p.name = person.given_names + " " + person.family_name;
        p.assurance = AssuranceLevel::high;
        p.person = std::move(person);
        choices_.push_back({std::move(id), p.name + " (Bürgerin oder Bürger)", std::move(p)});
    };
    citizen("erika", {"Mustermann", "Erika", "1964-08-12"});
    citizen("max", {"Beispiel", "Max", "1990-02-28"});
    for (const auto& tenant : tenants) {
        const auto member = [&](PrincipalKind kind, const std::string& prefix,
                                const std::string& name, const std::string& role) {
            Principal p;
            p.kind = kind;
            p.tenant = tenant.id;
            const auto id = prefix + "-" + tenant.id.value();
            p.subject = "demo:" + id;
            p.name = name;
            p.groups = kind == PrincipalKind::clerk ? tenant.groups : std::vector<std::string>();
            p.assurance = AssuranceLevel::high;
            choices_.push_back({id, name + " (" + role + ", " + tenant.name + ")", std::move(p)});
        };
        member(PrincipalKind::clerk, "sachbearbeitung", "Sabine Sachbearbeiterin",
               "Sachbearbeitung");
        member(PrincipalKind::administrator, "betrieb", "Bernd Betrieb", "Betrieb");
        member(PrincipalKind::api_client, "fachverfahren", "Fachverfahren", "Maschine");
    }
    Principal node;
    node.kind = PrincipalKind::administrator;
    node.subject = "demo:betrieb";
    node.name = "Bettina Betrieb";
    node.assurance = AssuranceLevel::high;
    choices_.push_back({"betrieb", "Bettina Betrieb (Betrieb des Knotens)", std::move(node)});
}

std::optional<Principal> DemoIdentities::sign_in(std::string_view choice_id) const {
    for (const auto& choice : choices_) {
        if (choice.id == choice_id) return choice.principal;
    }
    return std::nullopt;
}

std::optional<Principal> DemoIdentities::by_token(std::string_view token) const {
    if (!token.starts_with("demo-")) return std::nullopt;
    return sign_in(token.substr(5));
}

}  // namespace schwarm::app
