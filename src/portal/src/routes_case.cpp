// The applicant's side: own cases, status, notices, documents, evidence, withdrawal; the cockpit.
#include "schwarm/html/escape.hpp"
#include "visit.hpp"

namespace schwarm::portal {
namespace {

struct Place {
    TenantId tenant;
    CaseId id;
    std::string path;
};

// Answers 404 itself.
std::optional<Place> place_of(const VisitPtr& visit, const http::Request& request) {
    const auto id = case_id(request);
    if (!id) {
        visit->error(fail(ErrorCode::not_found, "no such case"));
        return std::nullopt;
    }
    const TenantId tenant = tenant_id(request);
    return Place{tenant, *id, case_path(tenant, *id)};
}

std::optional<app::CaseView> load(const VisitPtr& visit, const Place& place) {
    auto view = visit->app().view_case(visit->who(), place.tenant, place.id, visit->lang());
    if (view.has_error()) {
        visit->error(view.error());
        return std::nullopt;
    }
    return std::move(*view);
}

std::optional<DocumentId> document_id(const http::Request& request) {
    const auto value = number(request.param("dokument"));
    return value ? std::optional(DocumentId(*value)) : std::nullopt;
}

void list(const VisitPtr& visit, const http::Request&) {
    auto cases = visit->app().my_cases(visit->who(), visit->lang());
    if (cases.has_error()) {
        visit->error(cases.error());
        return;
    }
    Data data = cases_data(*cases, visit->guest(), visit->lang(), visit->site());
    data.set("cockpit", visit->app().offers_cockpit(visit->who()));
    visit->page("cases", data, visit->frame(visit->text("cases.title"), "/vorgaenge"));
}

std::string upload_problem(const Visit& visit, const http::Request& request) {
    const std::string problem = query_value(request, "datei");
    if (problem == "fehlt") return visit.text("case.no_file");
    if (problem == "art") return visit.text("case.bad_file");
    if (problem == "gross") return visit.text("case.large_file");
    return {};
}

void show(const VisitPtr& visit, const http::Request& request) {
    const auto place = place_of(visit, request);
    const auto view = place ? load(visit, *place) : std::nullopt;
    if (!view) {
        return;
    }
    const auto retrievals = visit->app().retrievals(visit->who(), place->tenant, place->id);
    if (retrievals.has_error()) {
        visit->error(retrievals.error());
        return;
    }
    Frame frame = visit->frame(view->entry.title + " " + view->entry.number, "/vorgaenge");
    const std::string problem = upload_problem(*visit, request);
    frame.has_errors = !problem.empty();
    frame.notice = notice_of(*visit, request);
    frame.back = "/vorgaenge";
    frame.back_label = visit->text("case.back");
    Data data =
        case_data(*view, visit->csrf(), visit->pdf(), problem, visit->lang(), visit->site());
    const bool own = visit->who().kind != app::PrincipalKind::clerk;
    data.set("retrievals",
             retrievals_data(*retrievals, own, place->path, visit->lang(), visit->site()));
    data.set("own", own);
    if (!own) data.set("progress", progress_path(place->tenant, place->id));
    visit->page("case", data, frame);
}

void receipt(const VisitPtr& visit, const http::Request& request) {
    const auto place = place_of(visit, request);
    const auto view = place ? load(visit, *place) : std::nullopt;
    if (!view) {
        return;
    }
    const auto service =
        visit->app().service(visit->who(), view->entry.tenant, view->entry.service, visit->lang());
    const std::string next = service.has_value() ? service->next : std::string();
    visit->page("receipt", receipt_data(*view, next, visit->guest(), visit->lang()),
                visit->frame(visit->text("receipt.title"), "/vorgaenge"));
}

void document(const VisitPtr& visit, const http::Request& request) {
    const auto place = place_of(visit, request);
    if (!place) {
        return;
    }
    const auto id = document_id(request);
    if (!id) {
        visit->error(fail(ErrorCode::not_found, "no document"));
        return;
    }
    const auto show = [visit, back = place->path](const Result<app::RenderedDocument>& found) {
        if (found.has_error()) {
            visit->error(found.error());
            return;
        }
        Frame frame = visit->frame(found->entry.title, "/vorgaenge");
        frame.back = back;
        frame.back_label = visit->text("document.back");
        visit->page("document", document_data(*found, visit->path(), visit->pdf()), frame);
    };
    visit->app().open_document(visit->who(), place->tenant, place->id, *id, show);
}

void document_pdf(const VisitPtr& visit, const http::Request& request) {
    const auto place = place_of(visit, request);
    if (!place) {
        return;
    }
    const auto id = document_id(request);
    PdfRenderer* renderer = visit->portal().ports.pdf;
    if (!id || renderer == nullptr) {
        visit->error(fail(ErrorCode::not_found, "no document"));
        return;
    }
    const auto print = [visit, renderer](const Result<app::RenderedDocument>& found) {
        if (found.has_error()) {
            visit->error(found.error());
            return;
        }
        const std::string name = found->entry.name + "-" + found->case_number + ".pdf";
        renderer->render(print_page(*found), [visit, name](Result<std::string> bytes) {
            if (bytes.has_error()) {
                visit->error(bytes.error());
                return;
            }
            auto response = http::Response::make(200, "application/pdf", std::move(*bytes));
            response.header("Content-Disposition",
                            "inline; filename=\"" + html::url_encode(name) + "\"");
            visit->respond(std::move(response));
        });
    };
    visit->app().open_document(visit->who(), place->tenant, place->id, *id, print);
}

void uploaded_file(const VisitPtr& visit, const http::Request& request) {
    const auto place = place_of(visit, request);
    if (!place) {
        return;
    }
    const auto id = document_id(request);
    auto found = id ? visit->app().uploaded_file(visit->who(), place->tenant, place->id, *id)
                    : Result<app::UploadedFile>(fail(ErrorCode::not_found, "no document"));
    if (found.has_error()) {
        visit->error(found.error());
        return;
    }
    http::Response response =
        http::Response::make(200, found->entry.media_type, std::move(found->bytes));
    response.header("Content-Disposition",
                    "attachment; filename*=UTF-8''" + html::url_encode(found->entry.title));
    visit->respond(std::move(response));
}

void upload(const VisitPtr& visit, const http::Request& request, const http::Form& form) {
    const auto place = place_of(visit, request);
    if (!place) {
        return;
    }
    if (form.files.empty() || form.files.front().content.empty()) {
        visit->redirect(place->path + "?datei=fehlt#unterlagen");
        return;
    }
    const http::FormFile& file = form.files.front();
    visit->app().upload(visit->who(), place->tenant, place->id,
                        {file.file_name, std::string(file.content)},
                        [visit, path = place->path](const Result<app::DocumentEntry>& stored) {
                            if (stored.has_value()) {
                                visit->redirect(path + "?meldung=hochgeladen#unterlagen");
                            } else if (stored.error().code == ErrorCode::invalid_input ||
                                       stored.error().code == ErrorCode::unsupported) {
                                visit->redirect(path + "?datei=art#unterlagen");
                            } else if (stored.error().code == ErrorCode::limit_exceeded) {
                                visit->redirect(path + "?datei=gross#unterlagen");
                            } else {
                                visit->error(stored.error());
                            }
                        });
}

app::Callback<void> then_show(const VisitPtr& visit, const std::string& path,
                              const std::string& notice) {
    return [visit, location = path + "?meldung=" + notice](const Result<void>& done) {
        done.has_error() ? visit->error(done.error()) : visit->redirect(location);
    };
}

void documents_complete(const VisitPtr& visit, const http::Request& request, const http::Form&) {
    if (const auto place = place_of(visit, request)) {
        visit->app().documents_complete(visit->who(), place->tenant, place->id,
                                        then_show(visit, place->path, "vollstaendig"));
    }
}

// The answers of the case, to be corrected in the form.
void begin_correction(const VisitPtr& visit, const http::Request& request, const http::Form&) {
    if (const auto place = place_of(visit, request)) {
        visit->app().begin_correction(
            visit->who(), place->tenant, place->id,
            [visit, tenant = place->tenant](const Result<ServiceId>& service) {
                service.has_error()
                    ? visit->error(service.error())
                    : visit->redirect(application_path(tenant, *service) + "/pruefen");
            });
    }
}

void ask_withdrawal(const VisitPtr& visit, const http::Request& request) {
    const auto place = place_of(visit, request);
    const auto view = place ? load(visit, *place) : std::nullopt;
    if (!view) {
        return;
    }
    if (!view->may_withdraw) {
        visit->redirect(place->path);
        return;
    }
    Frame frame = visit->frame(visit->text("withdraw.title"), "/vorgaenge");
    frame.back = place->path;
    frame.back_label = visit->text("document.back");
    visit->page("withdraw",
                Data::map({{"number", view->entry.number},
                           {"action", place->path + "/ruecknahme"},
                           {"case", place->path},
                           {"csrf", visit->csrf()}}),
                frame);
}

void withdraw(const VisitPtr& visit, const http::Request& request, const http::Form&) {
    if (const auto place = place_of(visit, request)) {
        visit->app().withdraw(visit->who(), place->tenant, place->id,
                              "ruecknahme:" + std::to_string(place->id.value()),
                              then_show(visit, place->path, "zurueckgenommen"));
    }
}

// The applicant has looked at what a register gave.
void decide_retrieval(const VisitPtr& visit, const http::Request& request, const http::Form& form) {
    const auto place = place_of(visit, request);
    if (!place) {
        return;
    }
    const std::string_view decision = form.fields.get("entscheidung");
    const bool use = decision == "verwenden";
    if (!use && decision != "nicht-verwenden") {
        visit->error(fail(ErrorCode::invalid_input, "no decision"));
        return;
    }
    visit->app().decide_retrieval(
        visit->who(), place->tenant, place->id, request.param("abruf"), use,
        then_show(visit, place->path, use ? "nachweis-verwendet" : "nachweis-nicht-verwendet"));
}

// The cockpit is for who is signed in well enough; others read how.
void cockpit_needs(const VisitPtr& visit) {
    Data paragraphs{Data::List{}};
    for (const char* key : {"cockpit.level", "cockpit.lead"}) {
        paragraphs.add(Data(visit->text(key)));
    }
    visit->page("message",
                Data::map({{"heading", visit->text("cockpit.title")},
                           {"paragraphs", paragraphs},
                           {"link", "/anmelden?weiter=/datenschutzcockpit"},
                           {"link_label", visit->text("layout.sign_in")}}),
                visit->frame(visit->text("cockpit.title"), "/vorgaenge"),
                http_status_of(ErrorCode::unauthenticated));
}

void cockpit(const VisitPtr& visit, const http::Request&) {
    visit->app().cockpit(
        visit->who(), [visit](const Result<std::vector<app::CockpitRegister>>& registers) {
            if (registers.has_error()) {
                registers.error().code == ErrorCode::unauthenticated
                    ? cockpit_needs(visit)
                    : visit->error(registers.error());
                return;
            }
            Frame frame = visit->frame(visit->text("cockpit.title"), "/vorgaenge");
            frame.back = "/vorgaenge";
            frame.back_label = visit->text("case.back");
            auto page = visit->site().page(
                "cockpit",
                cockpit_data(*visit->who().person, *registers, visit->lang(), visit->site()),
                frame);
            if (page.has_error()) {
                visit->error(page.error());
                return;
            }
            auto response = http::Response::html(std::move(*page));
            response.header("Cache-Control", "no-store");
            visit->respond(std::move(response));
        });
}

}  // namespace

void Portal::Impl::add_cases(http::Router& router) const {
    const std::string base = "/vorgaenge/{mandant}/{vorgang}";
    router.get("/vorgaenge", on_get(*this, list));
    router.get(base, on_get(*this, show));
    router.get(base + "/eingang", on_get(*this, receipt));
    router.get(base + "/dokumente/{dokument}", on_get(*this, document));
    router.get(base + "/dokumente/{dokument}/pdf", on_get(*this, document_pdf));
    router.get(base + "/dokumente/{dokument}/datei", on_get(*this, uploaded_file));
    // A file and the fields around it.
    router.post(base + "/unterlagen", on_post(*this, upload),
                {http::kUploadBytesMax + 64U * 1024U});
    router.post(base + "/unterlagen/fertig", on_post(*this, documents_complete));
    router.post(base + "/berichtigung", on_post(*this, begin_correction));
    router.get(base + "/ruecknahme", on_get(*this, ask_withdrawal));
    router.post(base + "/ruecknahme", on_post(*this, withdraw));
    router.post(base + "/nachweise/{abruf}", on_post(*this, decide_retrieval));
    router.get("/datenschutzcockpit", on_get(*this, cockpit));
}

}  // namespace schwarm::portal
