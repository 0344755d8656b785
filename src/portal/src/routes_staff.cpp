// The clerk's tasks and the operator's page.
#include "schwarm/forms/form.hpp"
#include "visit.hpp"

namespace schwarm::portal {
namespace {

struct TaskPlace {
    TenantId tenant;
    CaseId id;
    ElementKey task;
    std::string path;
};

std::optional<TaskPlace> place_of(const VisitPtr& visit, const http::Request& request) {
    const auto id = case_id(request);
    const auto task = task_key(request);
    if (!id || !task) {
        visit->error(fail(ErrorCode::not_found, "no such task"));
        return std::nullopt;
    }
    const TenantId tenant = tenant_id(request);
    return TaskPlace{tenant, *id, *task, task_path(tenant, *id, *task)};
}

void list(const VisitPtr& visit, const http::Request& request) {
    auto tasks = visit->app().tasks(visit->who(), visit->lang());
    if (tasks.has_error()) {
        visit->error(tasks.error());
        return;
    }
    Frame frame = visit->frame(visit->text("tasks.title"), "/aufgaben");
    frame.notice = notice_of(*visit, request);
    visit->page("tasks", tasks_data(*tasks, visit->lang()), frame);
}

// All fields of a task's form, on one page, with these answers and what is wrong with them.
std::vector<forms::FieldView> fields_of(const Visit& visit, const app::TaskView& view,
                                        const feel::Value& answers,
                                        const std::vector<forms::FieldError>& errors) {
    std::vector<forms::FieldView> fields;
    if (!view.form) {
        return fields;
    }
    forms::Context context;
    context.lang = visit.lang();
    context.known = &view.variables;
    context.clock = &visit.portal().ports.clock;
    forms::Validation validation = view.form->validate(answers, context);
    validation.errors = errors;
    for (const forms::Page& page : view.form->pages()) {
        for (forms::FieldView& field : view.form->view(page, answers, validation, context)) {
            fields.push_back(std::move(field));
        }
    }
    return fields;
}

// `more`: an answer has brought up further questions.
void render(const VisitPtr& visit, const TaskPlace& place, const feel::Value& answers,
            const std::vector<forms::FieldError>& errors, bool more = false) {
    auto view = visit->app().task(visit->who(), place.tenant, place.id, place.task, visit->lang());
    if (view.has_error()) {
        visit->error(view.error());
        return;
    }
    const auto retrievals = visit->app().retrievals(visit->who(), place.tenant, place.id);
    if (retrievals.has_error()) {
        visit->error(retrievals.error());
        return;
    }
    const auto fields = fields_of(*visit, *view, answers, errors);
    Data data = task_data(*view, fields, visit->csrf(), visit->lang(), visit->site());
    data.set("errors", errors_data(errors, fields));
    data.set("error_count", std::to_string(errors.size()));
    data.set("more", more);
    data.set("retrievals",
             retrievals_data(*retrievals, false, place.path, visit->lang(), visit->site()));
    Frame frame = visit->frame(view->entry.title + " " + view->entry.case_number, "/aufgaben");
    frame.has_errors = !errors.empty();
    frame.back = "/aufgaben";
    frame.back_label = visit->text("task.back");
    visit->page("task", data, frame);
}

void show(const VisitPtr& visit, const http::Request& request) {
    if (const auto place = place_of(visit, request)) {
        render(visit, *place, feel::Value(), {});
    }
}

void claim(const VisitPtr& visit, const http::Request& request, bool release) {
    if (const auto place = place_of(visit, request)) {
        visit->app().claim(
            visit->who(), place->tenant, place->id, place->task, release,
            [visit, path = release ? "/aufgaben" : place->path](const Result<void>& done) {
                done.has_error() ? visit->error(done.error()) : visit->redirect(path);
            });
    }
}

void complete(const VisitPtr& visit, const http::Request& request, const http::Form& posted) {
    const auto place = place_of(visit, request);
    if (!place) {
        return;
    }
    auto view =
        visit->app().task(visit->who(), place->tenant, place->id, place->task, visit->lang());
    if (view.has_error()) {
        visit->error(view.error());
        return;
    }
    feel::Value answers = feel::ContextBuilder().build();
    const forms::Posted fields(posted.fields.begin(), posted.fields.end());
    if (view->form) {
        for (const forms::Page& page : view->form->pages()) {
            auto merged = view->form->merge(answers, page, fields);
            if (merged.has_error()) {
                visit->error(merged.error());
                return;
            }
            answers = std::move(*merged);
        }
    }
    if (posted.fields.has("_add") || posted.fields.has("_remove")) {
        render(visit, *place, answers, {});
        return;
    }
    if (!first_unseen(fields_of(*visit, *view, answers, {}), seen_fields(fields)).empty()) {
        render(visit, *place, answers, {}, true);
        return;
    }
    app::CompleteRequest done;
    done.tenant = place->tenant;
    done.case_id = place->id;
    done.task = place->task;
    done.answers = answers;
    done.idempotency_key = std::string(posted.fields.get("_key"));
    done.lang = visit->lang();
    visit->app().complete(
        visit->who(), std::move(done),
        [visit, place = *place, answers](const Result<app::CompleteReply>& reply) {
            if (reply.has_error()) {
                visit->error(reply.error());
            } else if (!reply->field_errors.empty()) {
                render(visit, place, answers, reply->field_errors);
            } else {
                visit->redirect("/aufgaben?meldung=erledigt");
            }
        });
}

void operation(const VisitPtr& visit, const http::Request& request) {
    auto overview = visit->app().overview(visit->who());
    if (overview.has_error()) {
        visit->error(overview.error());
        return;
    }
    Frame frame = visit->frame(visit->text("operation.title"), "/betrieb");
    frame.notice = notice_of(*visit, request);
    visit->page("operation", operation_data(*overview, visit->csrf(), visit->lang(), visit->site()),
                frame);
}

int zoom_of(const http::Request& request) {
    constexpr std::uint64_t kPercentMax = 200;
    const auto wanted = number(query_value(request, "groesse"));
    return wanted && *wanted <= kPercentMax ? static_cast<int>(*wanted) : 100;
}

// Where a case stands, for clerks and operators.
void progress(const VisitPtr& visit, const http::Request& request) {
    const auto id = case_id(request);
    const auto found =
        id ? visit->app().progress(visit->who(), tenant_id(request), *id, visit->lang())
           : Result<app::CaseProgress>(fail(ErrorCode::not_found, "no such case"));
    if (found.has_error()) {
        visit->error(found.error());
        return;
    }
    const bool clerk = visit->who().kind == app::PrincipalKind::clerk;
    Frame frame = visit->frame(visit->text("progress.title") + " " + found->number,
                               clerk ? "/aufgaben" : "/betrieb");
    frame.back = clerk ? case_path(found->tenant, found->id) : "/betrieb";
    frame.back_label = visit->text(clerk ? "progress.back" : "progress.back_operation");
    visit->page("progress", progress_data(*found, zoom_of(request), visit->lang(), visit->site()),
                frame);
}

app::Callback<void> then_operation(const VisitPtr& visit, const std::string& notice) {
    return [visit, notice](const Result<void>& done) {
        done.has_error() ? visit->error(done.error())
                         : visit->redirect("/betrieb?meldung=" + notice);
    };
}

void retry(const VisitPtr& visit, const http::Request& request, const http::Form&) {
    const auto id = case_id(request);
    const auto key = number(request.param("stoerfall"));
    if (!id || !key) {
        visit->error(fail(ErrorCode::not_found, "no such incident"));
        return;
    }
    visit->app().resolve_incident(visit->who(), tenant_id(request), *id, *key,
                                  then_operation(visit, "angestossen"));
}

void printed(const VisitPtr& visit, const http::Request& request, const http::Form&) {
    visit->app().printed(visit->who(), tenant_id(request), std::string(request.param("druck")),
                         then_operation(visit, "gedruckt"));
}

}  // namespace

void Portal::Impl::add_staff(http::Router& router) const {
    const std::string task = "/aufgaben/{mandant}/{vorgang}/{aufgabe}";
    router.get("/aufgaben", on_get(*this, list));
    router.get(task, on_get(*this, show));
    router.post(task + "/annehmen",
                on_post(*this, [](const VisitPtr& visit, const http::Request& request,
                                  const http::Form&) { claim(visit, request, false); }));
    router.post(task + "/freigeben",
                on_post(*this, [](const VisitPtr& visit, const http::Request& request,
                                  const http::Form&) { claim(visit, request, true); }));
    router.post(task + "/erledigen", on_post(*this, complete));
    router.get("/vorgaenge/{mandant}/{vorgang}/ablauf", on_get(*this, progress));
    router.get("/betrieb", on_get(*this, operation));
    router.post("/betrieb/vorfaelle/{mandant}/{vorgang}/{stoerfall}", on_post(*this, retry));
    router.post("/betrieb/druck/{mandant}/{druck}", on_post(*this, printed));
}

}  // namespace schwarm::portal
