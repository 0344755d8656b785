#include "visit.hpp"

#include <charconv>

#include "schwarm/http/negotiate.hpp"

namespace schwarm::portal {
namespace {

constexpr std::string_view kLanguageCookie = "schwarm_sprache";

}  // namespace

Visit::Visit(const Portal::Impl& portal, const http::Request& request, http::Respond respond)
    : portal_(portal),
      respond_(std::move(respond)),
      path_(request.path),
      request_id_(request.id),
      secure_(request.secure) {
    const auto language = request.cookie(kLanguageCookie);
    lang_ = language == "en" ? Lang::en : Lang::de;
    const auto cookie = request.cookie(app::Sessions::kCookie);
    std::optional<app::Session> known;
    if (cookie) {
        known = portal.ports.sessions.open(*cookie);
    }
    if (known) {
        session_ = std::move(*known);
    } else {
        session_ = portal.ports.sessions.begin(app::Principal{});
        fresh_session_ = true;
    }
}

Frame Visit::frame(std::string title, std::string section) const {
    Frame frame;
    frame.lang = lang_;
    frame.title = std::move(title);
    frame.path = path_;
    frame.section = std::move(section);
    frame.csrf = csrf();
    frame.demo = portal_.ports.identities.is_demo();
    frame.clerk = who().kind == app::PrincipalKind::clerk;
    frame.administrator = who().kind == app::PrincipalKind::administrator;
    if (who().signed_in()) {
        frame.user = who().name;
    }
    return frame;
}

void Visit::add_session(http::Response& response) const {
    if (!fresh_session_) {
        return;
    }
    auto sealed = portal_.ports.sessions.seal(session_);
    if (sealed.has_value()) {
        response.set_cookie({std::string(app::Sessions::kCookie), std::move(*sealed), std::nullopt,
                             secure_, http::SameSite::lax});
    }
}

void Visit::respond(http::Response response) const {
    add_session(response);
    respond_(std::move(response));
}

void Visit::page(std::string_view name, const Data& data, const Frame& frame, int status) const {
    auto rendered = site().page(name, data, frame);
    if (rendered.has_error()) {
        error_page(500, rendered.error());
        return;
    }
    respond(http::Response::html(std::move(*rendered), status));
}

void Visit::redirect(std::string location) const {
    respond(http::Response::see_other(std::move(location)));
}

http::Response Visit::error_response(int status, const Error& error) const {
    int known = status;
    switch (status) {
        case 400:
        case 401:
        case 403:
        case 404:
        case 409:
        case 413:
        case 500:
        case 503:
            break;
        case 410:
            known = 404;
            break;
        case 429:
            known = 503;
            break;
        default:
            known = status >= 500 ? 500 : (status == 405 ? 404 : 400);
    }
    const std::string key = "error." + std::to_string(known);
    const std::string title = text(key);
    const bool sign_in = guest() && (known == 401 || known == 404);
    Data data =
        Data::map({{"heading", title},
                   {"paragraphs", Data(Data::List{Data(text(key + ".text"))})},
                   {"link", sign_in ? "/anmelden?weiter=" + local_path(path_) : std::string("/")},
                   {"link_label", text(sign_in ? "layout.sign_in" : "error.start")},
                   {"detail", request_id_.empty() || known == 404
                                  ? std::string()
                                  : text("error.request", {{"id", request_id_}})}});
    auto rendered = site().page("message", data, frame(title, ""));
    http::Response response = rendered.has_value()
                                  ? http::Response::html(std::move(*rendered), status)
                                  : http::problem(error, request_id_);
    if (retryable(error.code)) {
        response.header("Retry-After", "10");
    }
    add_session(response);
    return response;
}

void Visit::error_page(int status, const Error& error) const {
    respond_(error_response(status, error));
}

void Visit::error(const Error& error) const {
    error_page(http_status_of(error.code), error);
}

http::Handler on_get(const Portal::Impl& portal, GetHandler handler) {
    return [&portal, handler = std::move(handler)](const http::Request& request,
                                                   http::Respond respond) {
        handler(std::make_shared<const Visit>(portal, request, std::move(respond)), request);
    };
}

http::Handler on_post(const Portal::Impl& portal, PostHandler handler) {
    return [&portal, handler = std::move(handler)](const http::Request& request,
                                                   http::Respond respond) {
        const auto visit = std::make_shared<const Visit>(portal, request, std::move(respond));
        auto form = http::parse_form(request);
        if (form.has_error()) {
            visit->error(form.error());
            return;
        }
        if (!portal.ports.sessions.csrf_valid(visit->session(), form->fields.get("_csrf"))) {
            visit->error_page(403, fail(ErrorCode::unauthenticated, "the CSRF token does not fit"));
            return;
        }
        handler(visit, request, *form);
    };
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return value;
}

std::optional<CaseId> case_id(const http::Request& request) {
    const auto value = number(request.param("vorgang"));
    return value ? std::optional(CaseId(*value)) : std::nullopt;
}

std::optional<ElementKey> task_key(const http::Request& request) {
    const auto value = number(request.param("aufgabe"));
    return value ? std::optional(ElementKey(*value)) : std::nullopt;
}

namespace {

// Ids come back in addresses: anything else in their place is an id nobody has.
std::string plain_id(std::string_view text) {
    for (char c : text) {
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return {};
        }
    }
    return std::string(text);
}

}  // namespace

TenantId tenant_id(const http::Request& request) {
    return TenantId(plain_id(request.param("mandant")));
}

ServiceId service_id(const http::Request& request) {
    return ServiceId(plain_id(request.param("dienst")));
}

std::string local_path(std::string_view wanted) {
    if (wanted.empty() || wanted[0] != '/' || wanted.size() > 300 || wanted.starts_with("//")) {
        return "/";
    }
    for (char c : wanted) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '/' || c == '-' || c == '_';
        if (!good) {
            return "/";
        }
    }
    return std::string(wanted);
}

std::string query_value(const http::Request& request, std::string_view name) {
    const auto fields = request.query_fields();
    return fields.has_value() ? std::string(fields->get(name)) : std::string();
}

std::string notice_of(const Visit& visit, const http::Request& request) {
    static constexpr std::pair<std::string_view, std::string_view> kNotices[] = {
        {"abgemeldet", "signed.out"},
        {"geloescht", "draft.discarded"},
        {"hochgeladen", "case.uploaded"},
        {"vollstaendig", "case.completed"},
        {"berichtigt", "case.corrected"},
        {"zurueckgenommen", "case.withdrawn"},
        {"erledigt", "task.done"},
        {"nachweis-verwendet", "evidence.used"},
        {"nachweis-nicht-verwendet", "evidence.not_used"},
        {"angestossen", "operation.retried"},
        {"gedruckt", "operation.print_done"},
    };
    const std::string wanted = query_value(request, "meldung");
    for (const auto& [name, key] : kNotices) {
        if (wanted == name) {
            return visit.text(key);
        }
    }
    return {};
}

}  // namespace schwarm::portal
