// Filling in an application: pages, draft, summary, sending.
#include <algorithm>

#include "schwarm/forms/form.hpp"
#include "visit.hpp"

namespace schwarm::portal {
namespace {

// An application being filled in.
struct Application {
    app::ServicePage page;
    const forms::Form* form = nullptr;  // owned by page.package
    std::optional<app::Draft> draft;
    feel::Value answers;
    TenantId tenant;
    ServiceId service;
};

forms::Context context_of(const Visit& visit) {
    forms::Context context;
    context.lang = visit.lang();
    context.clock = &visit.portal().ports.clock;
    return context;
}

// What the identification of the person has shown, by what the fields are for (the tokens of HTML's
// autocomplete). Lists are about others, too.
void collect(const std::vector<forms::Field>& fields, const app::IdentifiedPerson& person,
             forms::Posted& out) {
    for (const forms::Field& field : fields) {
        if (field.kind == forms::Kind::group && field.path.empty()) {
            collect(field.children, person, out);
        } else if (field.autocomplete == "given-name") {
            out.emplace_back(field.key, person.given_names);
        } else if (field.autocomplete == "family-name") {
            out.emplace_back(field.key, person.family_name);
        } else if (field.autocomplete == "bday") {
            out.emplace_back(field.key, person.birth_date);
        }
    }
}

feel::Value known_of_person(const app::Principal& who, const forms::Form& form) {
    feel::Value answers = feel::ContextBuilder().build();
    if (!who.person) return answers;
    forms::Posted posted;
    collect(form.fields(), *who.person, posted);
    for (const forms::Page& page : form.pages()) {
        auto merged = form.merge(answers, page, posted);
        if (merged.has_value()) answers = std::move(merged.value());
    }
    return answers;
}

// Answers the error itself.
std::optional<Application> load(const VisitPtr& visit, const http::Request& request) {
    Application application;
    application.tenant = tenant_id(request);
    application.service = service_id(request);
    auto page =
        visit->app().service(visit->who(), application.tenant, application.service, visit->lang());
    if (page.has_error()) {
        visit->error(page.error());
        return std::nullopt;
    }
    if (visit->who().assurance < page->assurance) {
        visit->redirect("/anmelden?weiter=" + local_path(visit->path()));
        return std::nullopt;
    }
    application.form = &page->package->form();
    application.page = std::move(*page);
    auto draft = visit->app().load_draft(visit->who(), application.tenant, application.service);
    if (draft.has_value()) {
        application.answers = draft->answers;
        application.draft = std::move(*draft);
    } else if (draft.error().code != ErrorCode::not_found) {
        visit->error(draft.error());
        return std::nullopt;
    }
    if (!application.answers.is_context()) {
        application.answers = known_of_person(visit->who(), *application.form);
    }
    return application;
}

std::string path_of(const Application& application, std::string_view page) {
    return page_path(application.tenant, application.service, page);
}
std::string summary_path(const Application& application) {
    return application_path(application.tenant, application.service) + "/pruefen";
}

// The first page with something wrong or missing; empty if all is well.
std::string first_incomplete(const forms::Validation& validation) {
    return validation.errors.empty() ? std::string() : validation.errors.front().page;
}

std::size_t position(const std::vector<const forms::Page*>& pages, const forms::Page* page) {
    return static_cast<std::size_t>(std::find(pages.begin(), pages.end(), page) - pages.begin());
}

void resume(const VisitPtr& visit, const http::Request& request) {
    auto application = load(visit, request);
    if (!application) {
        return;
    }
    const forms::Context context = context_of(*visit);
    const auto validation = application->form->validate(application->answers, context);
    const std::string open = first_incomplete(validation);
    if (!application->draft) {
        const auto pages = application->form->reachable(validation.cleaned, context);
        visit->redirect(path_of(*application, pages.empty() ? "1" : pages.front()->id));
    } else {
        visit->redirect(open.empty() ? summary_path(*application) : path_of(*application, open));
    }
}

std::vector<forms::FieldError> errors_of(const forms::Validation& validation,
                                         std::string_view page) {
    std::vector<forms::FieldError> out;
    for (const forms::FieldError& error : validation.errors) {
        if (error.page == page) {
            out.push_back(error);
        }
    }
    return out;
}

void show_page(const VisitPtr& visit, const http::Request& request) {
    auto application = load(visit, request);
    if (!application) {
        return;
    }
    const forms::Form& form = *application->form;
    const forms::Context context = context_of(*visit);
    const forms::Page* page = form.page(request.param("seite"));
    auto validation = form.validate(application->answers, context);
    const auto pages = form.reachable(validation.cleaned, context);
    const std::size_t index = position(pages, page);
    if (!page || index == pages.size()) {
        visit->redirect(application_path(application->tenant, application->service));
        return;
    }
    const bool with_errors = !query_value(request, "pruefen").empty();
    const bool from_summary = query_value(request, "ab") == "pruefen";
    validation.errors =
        with_errors ? errors_of(validation, page->id) : std::vector<forms::FieldError>();
    const auto views = form.view(*page, application->answers, validation, context);
    std::string title = page->title.in(visit->lang());
    if (title.empty()) {
        title = application->page.entry.title;
    }
    const bool last = index + 1 == pages.size();
    Data data = Data::map(
        {{"heading", title},
         {"service", application->page.entry.title},
         {"step", std::to_string(index + 1)},
         {"steps", std::to_string(pages.size() + 1)},
         {"action", path_of(*application, page->id) + (from_summary ? "?ab=pruefen" : "")},
         {"fields", fields_data(views, visit->lang(), visit->site(), title)},
         {"errors", errors_data(validation.errors, views)},
         {"error_count", std::to_string(validation.errors.size())},
         {"next_label", visit->text(last || from_summary ? "form.to_summary" : "form.next")},
         {"csrf", visit->csrf()}});
    data.set("more", !query_value(request, "neu").empty());
    if (application->draft) {
        data.set("saved", show_time(application->draft->saved, visit->lang()));
        data.set("expires", show_day(application->draft->expires, visit->lang()));
    }
    Frame frame = visit->frame(title, "/");
    frame.has_errors = !validation.errors.empty();
    frame.back = from_summary ? summary_path(*application)
                 : index == 0 ? service_path(application->tenant, application->service)
                              : path_of(*application, pages[index - 1]->id);
    frame.back_label = visit->text("form.back");
    visit->page("form", data, frame);
}

// Where to go after a page was saved.
std::string next_location(const Application& application, const forms::Page& page,
                          const forms::Posted& posted, bool from_summary,
                          const forms::Context& context) {
    const forms::Form& form = *application.form;
    const std::string here = path_of(application, page.id);
    const std::string kept = from_summary ? "?ab=pruefen" : "";
    for (const auto& [name, value] : posted) {
        if (name == "_add") {
            return here + kept + "#" + element_id(value);
        }
        if (name == "_remove") {
            return here + kept + "#" + element_id(value.substr(0, value.rfind('.')));
        }
        if (name == "_action" && value == "spaeter") {
            return application_path(application.tenant, application.service) + "/gespeichert";
        }
    }
    const auto validation = form.validate(application.answers, context);
    const std::string unseen = first_unseen(
        form.view(page, application.answers, validation, context), seen_fields(posted));
    if (!unseen.empty()) {
        return here + "?neu=1" + (from_summary ? "&ab=pruefen" : "") + "#" + element_id(unseen);
    }
    if (!errors_of(validation, page.id).empty()) {
        return here + "?pruefen=1" + (from_summary ? "&ab=pruefen" : "");
    }
    if (from_summary) {
        const std::string open = first_incomplete(validation);
        return open.empty() ? summary_path(application)
                            : path_of(application, open) + "?ab=pruefen";
    }
    const auto pages = form.reachable(validation.cleaned, context);
    const std::size_t index = position(pages, &page);
    return index + 1 < pages.size() ? path_of(application, pages[index + 1]->id)
                                    : summary_path(application);
}

void save_page(const VisitPtr& visit, const http::Request& request, const http::Form& posted) {
    auto application = load(visit, request);
    if (!application) {
        return;
    }
    const forms::Page* page = application->form->page(request.param("seite"));
    if (!page) {
        visit->error(fail(ErrorCode::not_found, "no such page"));
        return;
    }
    const forms::Posted fields(posted.fields.begin(), posted.fields.end());
    auto merged = application->form->merge(application->answers, *page, fields);
    if (merged.has_error()) {
        visit->error(merged.error());
        return;
    }
    application->answers = *merged;
    const bool from_summary = query_value(request, "ab") == "pruefen";
    std::string location =
        next_location(*application, *page, fields, from_summary, context_of(*visit));
    visit->app().save_draft(visit->who(), application->tenant, application->service,
                            std::move(*merged), [visit, location](const Result<app::Draft>& saved) {
                                saved.has_error() ? visit->error(saved.error())
                                                  : visit->redirect(location);
                            });
}

void summary(const VisitPtr& visit, const http::Request& request) {
    auto application = load(visit, request);
    if (!application) {
        return;
    }
    const forms::Context context = context_of(*visit);
    const auto validation = application->form->validate(application->answers, context);
    const std::string open = first_incomplete(validation);
    if (!open.empty()) {
        visit->redirect(path_of(*application, open) + (application->draft ? "?pruefen=1" : ""));
        return;
    }
    const auto pages = application->form->reachable(validation.cleaned, context);
    const std::string path = application_path(application->tenant, application->service);
    const auto saved = application->draft ? application->draft->saved : Instant{};
    const Data data = Data::map(
        {{"service", application->page.entry.title},
         {"sections", sections_data(application->form->summary(validation.cleaned, context),
                                    [&](const std::string& page) {
                                        return path_of(*application, page) + "?ab=pruefen";
                                    })},
         {"action", path + "/senden"},
         {"key", "antrag:" + application->tenant.value() + ":" +
                     std::to_string(saved.time_since_epoch().count())},
         {"tenant", application->page.entry.tenant_name},
         {"service_href", path + "/gespeichert"},
         {"csrf", visit->csrf()}});
    Frame frame = visit->frame(visit->text("summary.title"), "/");
    frame.back = pages.empty() ? "/" : path_of(*application, pages.back()->id);
    frame.back_label = visit->text("form.back");
    visit->page("summary", data, frame);
}

void send(const VisitPtr& visit, const http::Request& request, const http::Form& posted) {
    auto application = load(visit, request);
    if (!application) {
        return;
    }
    if (!application->draft) {
        // Sent already, by a second click.
        visit->redirect("/vorgaenge");
        return;
    }
    app::SubmitRequest submit;
    submit.tenant = application->tenant;
    submit.service = application->service;
    submit.answers = application->answers;
    submit.idempotency_key = std::string(posted.fields.get("_key"));
    submit.lang = visit->lang();
    submit.delete_draft = true;
    const std::string path = application_path(application->tenant, application->service);
    visit->app().submit(
        visit->who(), std::move(submit), [visit, path](const Result<app::SubmitReply>& reply) {
            if (reply.has_error()) {
                visit->error(reply.error());
            } else if (!reply->receipt) {
                visit->redirect(path + "/pruefen");
            } else {
                // A case that there was already needs no receipt, but a word.
                visit->redirect(case_path(reply->receipt->tenant, reply->receipt->case_id) +
                                (reply->receipt->corrected ? "?meldung=berichtigt" : "/eingang"));
            }
        });
}

void saved(const VisitPtr& visit, const http::Request& request) {
    auto application = load(visit, request);
    if (!application) {
        return;
    }
    if (!application->draft) {
        visit->redirect(service_path(application->tenant, application->service));
        return;
    }
    const Data data =
        Data::map({{"expires", show_day(application->draft->expires, visit->lang())},
                   {"guest", visit->guest()},
                   {"resume", application_path(application->tenant, application->service)}});
    visit->page("saved", data, visit->frame(visit->text("saved.title"), "/"));
}

void discard(const VisitPtr& visit, const http::Request& request) {
    const TenantId tenant = tenant_id(request);
    const ServiceId service = service_id(request);
    visit->app().delete_draft(
        visit->who(), tenant, service, [visit, tenant, service](const Result<void>& done) {
            done.has_error()
                ? visit->error(done.error())
                : visit->redirect(service_path(tenant, service) + "?meldung=geloescht");
        });
}

}  // namespace

void Portal::Impl::add_forms(http::Router& router) const {
    const std::string base = "/antrag/{mandant}/{dienst}";
    router.get(base, on_get(*this, resume));
    router.get(base + "/seite/{seite}", on_get(*this, show_page));
    router.post(base + "/seite/{seite}", on_post(*this, save_page));
    router.get(base + "/pruefen", on_get(*this, summary));
    router.post(base + "/senden", on_post(*this, send));
    router.get(base + "/gespeichert", on_get(*this, saved));
    router.post(base + "/verwerfen",
                on_post(*this, [](const VisitPtr& visit, const http::Request& request,
                                  const http::Form&) { discard(visit, request); }));
}

}  // namespace schwarm::portal
