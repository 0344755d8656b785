#include "views.hpp"

#include <algorithm>

#include "schwarm/base/calendar.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/html/escape.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::api {
namespace {

std::string time_text(Instant at) {
    return DateTime::from_instant(at, Zone::utc()).to_string();
}

std::string location_of(const TenantId& tenant, std::string_view number) {
    return "/applications/" + tenant.value() + "/" + std::string(number);
}

// "mitglieder.0.name" as "/answers/mitglieder/0/name" (RFC 6901).
std::string pointer_of(std::string_view base, std::string_view path) {
    std::string pointer(base);
    pointer += '/';
    for (const char c : path) {
        if (c == '.') {
            pointer += '/';
        } else if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer += c;
        }
    }
    return pointer;
}

http::Response problem_422(json::Writer& out) {
    return http::Response::make(422, "application/problem+json", out.take());
}

void write_entry(json::Writer& out, const app::CaseEntry& entry) {
    out.member("case_number", entry.number)
        .member("case_id", entry.id.value())
        .member("tenant", entry.tenant.value())
        .member("service", entry.service.value())
        .member("title", entry.title)
        .member("open", entry.open)
        .member("milestone", entry.milestone)
        .member("status", entry.status)
        .member("received", time_text(entry.received))
        .member("location", location_of(entry.tenant, entry.number));
    if (entry.ended) out.member("ended", time_text(*entry.ended));
}

void write_document(json::Writer& out, const app::DocumentEntry& entry) {
    out.begin_object()
        .member("id", entry.id.value())
        .member("name", entry.name)
        .member("title", entry.title);
    if (entry.created != Instant()) out.member("created", time_text(entry.created));
    out.member("uploaded", entry.uploaded).member("media_type", entry.media_type).end_object();
}

void write_task(json::Writer& out, const app::TaskEntry& entry) {
    out.member("case_number", entry.case_number)
        .member("tenant", entry.tenant.value())
        .member("service", entry.service.value())
        .member("task", entry.key.value())
        .member("element", entry.element_id)
        .member("title", entry.title)
        .member("taken", entry.taken)
        .member("mine", entry.mine)
        .member("created", time_text(entry.created));
    if (entry.due) out.member("due", time_text(*entry.due));
}

}  // namespace

http::Response receipt_response(const app::Receipt& receipt) {
    const auto location = location_of(receipt.tenant, receipt.case_number);
    json::Writer out;
    out.begin_object()
        .member("case_number", receipt.case_number)
        .member("case_id", receipt.case_id.value())
        .member("tenant", receipt.tenant.value())
        .member("service", receipt.service.value())
        .member("status", receipt.status)
        .member("received", time_text(receipt.received))
        .member("location", location)
        .end_object();
    auto response = http::Response::json(out.take(), receipt.repeated ? 200 : 201);
    response.header("Location", location);
    return response;
}

http::Response field_problem(const std::vector<forms::FieldError>& errors, std::string_view base,
                             std::string_view request_id) {
    json::Writer out;
    out.begin_object()
        .member("type", "about:blank")
        .member("title", "the answers are not valid")
        .member("status", 422)
        .member("code", "invalid_input");
    if (!request_id.empty()) out.member("request", request_id);
    out.name("errors").begin_array();
    for (const auto& error : errors) {
        out.begin_object()
            .member("pointer", pointer_of(base, error.path))
            .member("code", error.code)
            .member("label", error.label)
            .member("detail", error.message)
            .end_object();
    }
    out.end_array().end_object();
    return problem_422(out);
}

http::Response deployed_response(std::string_view service, const services::Deployed& deployed,
                                 std::string_view request_id) {
    const bool refused = std::any_of(deployed.problems.begin(), deployed.problems.end(),
                                     [](const services::Problem& p) { return !p.warning; });
    json::Writer out;
    out.begin_object();
    if (refused) {
        out.member("type", "about:blank")
            .member("title", "the package is refused")
            .member("status", 422)
            .member("code", "invalid_input");
        if (!request_id.empty()) out.member("request", request_id);
    }
    out.member("service", service);
    if (!refused) out.member("version", deployed.version);
    out.name("problems").begin_array();
    for (const auto& problem : deployed.problems) {
        out.begin_object()
            .member("file", problem.file)
            .member("line", problem.line)
            .member("element", problem.element_id)
            .member("reason", problem.reason)
            .member("warning", problem.warning)
            .end_object();
    }
    out.end_array().end_object();
    if (refused) return problem_422(out);
    return http::Response::json(out.take(), 201);
}

std::string cases_json(const std::vector<app::CaseEntry>& cases) {
    json::Writer out;
    out.begin_object().name("applications").begin_array();
    for (const auto& entry : cases) {
        out.begin_object();
        write_entry(out, entry);
        out.end_object();
    }
    out.end_array().end_object();
    return out.take();
}

std::string case_json(const app::CaseView& view) {
    json::Writer out;
    out.begin_object();
    write_entry(out, view.entry);
    if (!view.decision.empty()) {
        out.member("decision", view.decision).member("decision_text", view.decision_text);
    }
    if (view.amount) out.name("amount").number(view.amount->to_string());
    out.name("milestones").begin_array();
    for (const auto& milestone : view.milestones) {
        out.begin_object()
            .member("name", milestone.name)
            .member("text", milestone.text)
            .member("at", time_text(milestone.at))
            .end_object();
    }
    out.end_array().name("documents").begin_array();
    for (const auto& document : view.documents) write_document(out, document);
    out.end_array().name("messages").begin_array();
    for (const auto& message : view.messages) {
        out.begin_object()
            .member("text", message.text)
            .member("at", time_text(message.at))
            .end_object();
    }
    out.end_array()
        .member("may_withdraw", view.may_withdraw)
        .member("may_correct", view.may_correct)
        .member("may_upload", view.may_upload)
        .end_object();
    return out.take();
}

std::string document_entry_json(const app::DocumentEntry& entry) {
    json::Writer out;
    write_document(out, entry);
    return out.take();
}

std::string document_json(const app::RenderedDocument& document) {
    json::Writer out;
    out.begin_object().member("case_number", document.case_number).name("document");
    write_document(out, document.entry);
    out.name("data");
    feel::write_json(document.data, out);
    out.end_object();
    return out.take();
}

std::string document_html(const app::RenderedDocument& document) {
    const auto title = html::escape(document.entry.title);
    return "<!doctype html>\n<html lang=\"de\"><head><meta charset=\"utf-8\"><title>" + title +
           "</title></head><body><main>\n" + document.body_html + "\n</main></body></html>\n";
}

std::string services_json(const std::vector<app::ServiceEntry>& services) {
    json::Writer out;
    out.begin_object().name("services").begin_array();
    for (const auto& entry : services) {
        out.begin_object()
            .member("service", entry.id.value())
            .member("tenant", entry.tenant.value())
            .member("tenant_name", entry.tenant_name)
            .member("title", entry.title)
            .member("summary", entry.summary)
            .end_object();
    }
    out.end_array().end_object();
    return out.take();
}

std::string tasks_json(const std::vector<app::TaskEntry>& tasks) {
    json::Writer out;
    out.begin_object().name("tasks").begin_array();
    for (const auto& entry : tasks) {
        out.begin_object();
        write_task(out, entry);
        out.end_object();
    }
    out.end_array().end_object();
    return out.take();
}

std::string task_json(const app::TaskView& view) {
    json::Writer out;
    out.begin_object();
    write_task(out, view.entry);
    out.name("reasons").begin_array();
    for (const auto& reason : view.reasons) {
        out.begin_object().member("text", reason.text).member("rule", reason.rule).end_object();
    }
    out.end_array();
    if (view.form != nullptr) out.member("form", view.form->id());
    out.name("variables");
    feel::write_json(view.variables, out);
    out.name("documents").begin_array();
    for (const auto& document : view.documents) write_document(out, document);
    out.end_array().end_object();
    return out.take();
}

std::string retrievals_json(const std::vector<app::OpenRetrieval>& retrievals) {
    json::Writer out;
    out.begin_object().name("retrievals").begin_array();
    for (const auto& one : retrievals) {
        out.begin_object()
            .member("id", one.id)
            .member("title", one.title)
            .member("from", one.from)
            .member("purpose", one.purpose)
            .member("legal_basis", one.legal_basis)
            .member("since", time_text(one.since))
            .member("state", one.state)
            .name("data");
        feel::write_json(one.data, out);
        out.end_object();
    }
    out.end_array().end_object();
    return out.take();
}

std::string cockpit_json(const std::vector<app::CockpitRegister>& registers) {
    json::Writer out;
    out.begin_object().name("registers").begin_array();
    for (const auto& one : registers) {
        out.begin_object()
            .member("title", one.title)
            .member("authority", one.authority)
            .member("answered", one.answered);
        if (!one.reason.empty()) out.member("reason", one.reason);
        out.name("retrievals").begin_array();
        for (const auto& entry : one.retrievals) {
            out.begin_object()
                .member("at", time_text(entry.at))
                .member("asker", entry.asker)
                .member("purpose", entry.purpose)
                .member("legal_basis", entry.legal_basis)
                .member("result", entry.result);
            if (!entry.reason.empty()) out.member("reason", entry.reason);
            out.name("fields").begin_array();
            for (const auto& field : entry.fields) out.value(field);
            out.end_array().end_object();
        }
        out.end_array().end_object();
    }
    out.end_array().end_object();
    return out.take();
}

std::string network_json(const app::NetworkView& view) {
    json::Writer out;
    out.begin_object()
        .member("epoch", static_cast<std::int64_t>(view.epoch))
        .member("epoch_hash", view.epoch_hash)
        .member("since", time_text(view.since))
        .name("members")
        .begin_array();
    for (const auto& member : view.members) {
        out.begin_object()
            .member("member", member.member)
            .member("organisation", member.organisation)
            .member("self", member.self)
            .name("addresses")
            .begin_array();
        for (const auto& address : member.addresses) out.value(address);
        out.end_array().end_object();
    }
    out.end_array().name("warnings").begin_array();
    for (const auto& warning : view.warnings) {
        out.begin_object().member("kind", warning.kind).member("text", warning.text).end_object();
    }
    out.end_array().name("consents").begin_array();
    for (const auto& consent : view.consents) {
        out.begin_object().member("member", consent.member);
        if (!consent.key.empty()) out.member("key", consent.key);
        out.member("change", consent.key.empty() ? "removal" : "admission").end_object();
    }
    out.end_array().name("disputed").begin_array();
    for (const auto& epoch : view.disputed) out.value(epoch);
    out.end_array().name("waiting").begin_array();
    for (const auto& message : view.waiting) {
        out.begin_object()
            .member("tenant", message.tenant.value())
            .member("case_id", static_cast<std::int64_t>(message.case_id.value()))
            .member("case_number", message.case_number)
            .member("to", message.to)
            .member("type", message.type)
            .member("state", message.state)
            .member("since", time_text(message.since))
            .member("expires", time_text(message.expires))
            .member("attempts", static_cast<std::int64_t>(message.attempts))
            .member("reason", message.reason)
            .end_object();
    }
    out.end_array().end_object();
    return out.take();
}

}  // namespace schwarm::api
