// Catalogue, service pages, sign-in, language, static files.
#include "schwarm/html/assets.hpp"
#include "schwarm/http/negotiate.hpp"
#include "visit.hpp"

namespace schwarm::portal {
namespace {

void start(const VisitPtr& visit, const http::Request& request) {
    const std::string query = query_value(request, "q").substr(0, 200);
    auto services = visit->app().services(visit->who(), TenantId(), query, visit->lang());
    if (services.has_error()) {
        visit->error(services.error());
        return;
    }
    Frame frame = visit->frame(visit->text("start.title"), "/");
    frame.open_to_search = true;
    frame.notice = notice_of(*visit, request);
    visit->page("start", start_data(*services, query, visit->lang(), visit->site()), frame);
}

void service(const VisitPtr& visit, const http::Request& request) {
    const TenantId tenant = tenant_id(request);
    const ServiceId id = service_id(request);
    auto page = visit->app().service(visit->who(), tenant, id, visit->lang());
    if (page.has_error()) {
        visit->error(page.error());
        return;
    }
    const auto draft = visit->app().load_draft(visit->who(), tenant, id);
    const bool may_start = visit->who().assurance >= page->assurance;
    Frame frame = visit->frame(page->entry.title, "/");
    frame.open_to_search = true;
    frame.notice = notice_of(*visit, request);
    frame.back = "/";
    frame.back_label = visit->text("service.back");
    visit->page("service",
                service_data(*page, draft.has_value() ? &*draft : nullptr, may_start, visit->csrf(),
                             visit->lang(), visit->site()),
                frame);
}

// `error`: a text of the catalogue; empty: nothing was wrong yet.
void show_sign_in(const VisitPtr& visit, const std::string& next, const std::string& id,
                  std::string_view error) {
    const app::IdentityProvider& identities = visit->portal().ports.identities;
    Data choices{Data::List{}};
    for (const auto& choice : identities.choices()) {
        if (choice.principal.kind == app::PrincipalKind::api_client) {
            continue;  // a machine has a token, no browser
        }
        choices.add(Data::map({{"id", choice.id}, {"label", choice.label}}));
    }
    Data data = Data::map({{"demo", identities.is_demo()},
                           {"secret", identities.asks_for_secret()},
                           {"choices", choices},
                           {"id", id},
                           {"error", error.empty() ? std::string() : visit->text(error)},
                           {"next", next},
                           {"csrf", visit->csrf()}});
    visit->page("signin", data, visit->frame(visit->text("signin.title"), ""),
                error.empty() ? 200 : 422);
}

void sign_in_page(const VisitPtr& visit, const http::Request& request) {
    show_sign_in(visit, local_path(query_value(request, "weiter")), "", "");
}

// A guest who signs in half-way keeps the draft.
void carry_draft(const VisitPtr& visit, const app::Principal& principal, const std::string& next,
                 const std::function<void()>& then) {
    constexpr std::string_view kPrefix = "/antrag/";
    const std::size_t cut = next.find('/', kPrefix.size());
    if (!visit->guest() || !next.starts_with(kPrefix) || cut == std::string::npos) {
        then();
        return;
    }
    const TenantId tenant(next.substr(kPrefix.size(), cut - kPrefix.size()));
    const ServiceId service(next.substr(cut + 1, next.find('/', cut + 1) - cut - 1));
    auto draft = visit->app().load_draft(visit->who(), tenant, service);
    if (draft.has_error() || visit->app().load_draft(principal, tenant, service).has_value()) {
        then();
        return;
    }
    visit->app().save_draft(principal, tenant, service, std::move(draft->answers),
                            [then](const Result<app::Draft>&) { then(); });
}

// Nothing if the visitor has been answered already.
std::optional<app::Principal> who_signs_in(const VisitPtr& visit, const http::Form& form) {
    const app::IdentityProvider& identities = visit->portal().ports.identities;
    if (!identities.asks_for_secret()) {
        auto chosen = identities.sign_in(form.fields.get("person"));
        if (!chosen) visit->error_page(400, fail(ErrorCode::invalid_input, "no such person"));
        return chosen;
    }
    const std::string id(form.fields.get("zugang"));
    auto principal = identities.by_secret(id, form.fields.get("geheimnis"));
    if (principal.has_value()) return std::move(*principal);
    const ErrorCode code = principal.error().code;
    if (code == ErrorCode::unauthenticated || code == ErrorCode::too_many_requests) {
        show_sign_in(visit, local_path(form.fields.get("weiter")), id,
                     code == ErrorCode::unauthenticated ? "signin.wrong" : "signin.wait");
    } else {
        visit->error(principal.error());
    }
    return std::nullopt;
}

void sign_in(const VisitPtr& visit, const http::Form& form) {
    const Ports& ports = visit->portal().ports;
    const auto principal = who_signs_in(visit, form);
    if (!principal) return;
    const app::Session session = ports.sessions.begin(*principal);
    auto sealed = ports.sessions.seal(session);
    if (sealed.has_error()) {
        visit->error(sealed.error());
        return;
    }
    std::string next = local_path(form.fields.get("weiter"));
    if (next == "/" && principal->kind == app::PrincipalKind::clerk) {
        next = "/aufgaben";
    } else if (next == "/" && principal->kind == app::PrincipalKind::administrator) {
        next = "/betrieb";
    }
    carry_draft(visit, *principal, next, [visit, next, sealed = std::move(*sealed)] {
        http::Response response = http::Response::see_other(next);
        response.set_cookie({std::string(app::Sessions::kCookie), sealed, std::nullopt,
                             visit->secure(), http::SameSite::lax});
        visit->respond_signed(std::move(response));
    });
}

void sign_out(const VisitPtr& visit) {
    http::Response response = http::Response::see_other("/?meldung=abgemeldet");
    response.set_cookie(
        {std::string(app::Sessions::kCookie), "", 0, visit->secure(), http::SameSite::lax});
    visit->respond_signed(std::move(response));
}

void language(const VisitPtr& visit, const http::Request& request) {
    const bool english = query_value(request, "sprache") == "en";
    http::Response response = http::Response::see_other(local_path(query_value(request, "weiter")));
    response.set_cookie({"schwarm_sprache", english ? "en" : "de", 365LL * 24 * 3600,
                         visit->secure(), http::SameSite::lax});
    visit->respond(std::move(response));
}

void text_page(const VisitPtr& visit, const std::string& name) {
    Data paragraphs{Data::List{}};
    for (const char* part : {".1", ".2", ".3"}) {
        paragraphs.add(Data(visit->text(name + part)));
    }
    const std::string title = visit->text(name + ".title");
    Frame frame = visit->frame(title, "");
    frame.open_to_search = true;
    visit->page("message", Data::map({{"heading", title}, {"paragraphs", paragraphs}}), frame);
}

}  // namespace

void Portal::Impl::add_public(http::Router& router) const {
    router.get("/", on_get(*this, start));
    router.get("/dienste/{mandant}/{dienst}", on_get(*this, service));
    router.get("/anmelden", on_get(*this, sign_in_page));
    router.post("/anmelden", on_post(*this, [](const VisitPtr& visit, const http::Request&,
                                               const http::Form& form) { sign_in(visit, form); }));
    router.post("/abmelden", on_post(*this, [](const VisitPtr& visit, const http::Request&,
                                               const http::Form&) { sign_out(visit); }));
    router.get("/sprache", on_get(*this, language));
    router.get("/barrierefreiheit", on_get(*this, [](const VisitPtr& visit, const http::Request&) {
                   text_page(visit, "accessibility");
               }));
    router.get("/datenschutz", on_get(*this, [](const VisitPtr& visit, const http::Request&) {
                   text_page(visit, "privacy");
               }));
    router.get("/static/{datei...}", [](const http::Request& request, http::Respond respond) {
        const html::Asset* asset = html::find_static(request.path);
        if (!asset) {
            respond(http::problem(fail(ErrorCode::not_found, "no such file"), request.id));
            return;
        }
        respond(http::static_response(
            request, {asset->bytes, asset->gzip, asset->media_type, asset->hash, true}));
    });
}

}  // namespace schwarm::portal
