#include "pages.hpp"

#include "schwarm/base/check.hpp"
#include "schwarm/html/assets.hpp"
#include "schwarm/html/escape.hpp"

namespace schwarm::portal {
namespace {

std::string join_path(std::string_view head, const TenantId& tenant, std::string_view tail) {
    return std::string(head) + "/" + tenant.value() + "/" + std::string(tail);
}

Data milestones_data(const std::vector<app::MilestoneView>& milestones, Lang lang) {
    Data out{Data::List{}};
    for (const app::MilestoneView& milestone : milestones) {
        out.add(Data::map({{"text", milestone.text}, {"at", show_time(milestone.at, lang)}}));
    }
    return out;
}

Data documents_data(const std::vector<app::DocumentEntry>& documents, const std::string& path,
                    bool pdf, Lang lang) {
    Data out{Data::List{}};
    // The newest first: that is what people come for.
    for (auto entry = documents.rbegin(); entry != documents.rend(); ++entry) {
        const app::DocumentEntry& document = *entry;
        const std::string href = path + "/dokumente/" + std::to_string(document.id.value());
        Data data = Data::map(
            {{"title", document.title},
             {"created",
              document.created == Instant() ? std::string() : show_time(document.created, lang)},
             {"uploaded", document.uploaded},
             {"href", document.uploaded ? href + "/datei" : href}});
        if (pdf && !document.uploaded) {
            data.set("pdf", href + "/pdf");
        }
        out.add(std::move(data));
    }
    return out;
}

void set_state(Data& data, const app::CaseEntry& entry, Lang lang, const Site& site) {
    data.set("state", site.text(lang, entry.open ? "cases.open" : "cases.ended"));
    data.set("badge", entry.open ? "info" : "success");
}

}  // namespace

namespace {

// Label and value; a value that is missing is said in words.
Data pairs_data(const std::vector<std::pair<std::string, std::string>>& pairs, Lang lang,
                const Site& site) {
    Data out{Data::List{}};
    for (const auto& [name, value] : pairs) {
        out.add(Data::map({{"name", name},
                           {"value", value.empty() ? site.text(lang, "decisions.empty") : value}}));
    }
    return out;
}

Data rules_data(const std::vector<services::ExplainedTable>& tables, Lang lang, const Site& site) {
    Data out{Data::List{}};
    for (const auto& table : tables) {
        std::string numbers;
        for (const auto number : table.rules) {
            numbers += (numbers.empty() ? "" : ", ") + std::to_string(number);
        }
        Data sources{Data::List{}};
        for (const auto& text : table.annotations) sources.add(Data(text));
        out.add(Data::map({{"name", table.name},
                           {"numbers", numbers},
                           {"inputs", pairs_data(table.inputs, lang, site)},
                           {"outputs", pairs_data(table.outputs, lang, site)},
                           {"sources", sources}}));
    }
    return out;
}

Data decisions_data(const std::vector<app::DecisionView>& decisions, Lang lang, const Site& site) {
    Data out{Data::List{}};
    for (const auto& decision : decisions) {
        const auto& explanation = decision.explanation;
        std::size_t rules = 0;
        for (const auto& table : explanation.tables) rules += table.rules.size();
        Data nulls{Data::List{}};
        for (const auto& null : explanation.nulls) {
            nulls.add(Data::map({{"reason", null.reason}, {"place", null.place}}));
        }
        const std::string left_out = explanation.left_out == 0
                                         ? std::string()
                                         : site.text(lang, "decisions.left_out",
                                                     {{"n", std::to_string(explanation.left_out)}});
        out.add(Data::map(
            {{"title", decision.title},
             {"summary", rules == 0
                             ? site.text(lang, "decisions.none")
                             : site.text(lang, "decisions.count", {{"n", std::to_string(rules)}})},
             {"label", site.text(lang, "decisions.label", {{"title", decision.title}})},
             {"at", show_time(decision.at, lang)},
             {"rules", rules_data(explanation.tables, lang, site)},
             {"steps", pairs_data(explanation.steps, lang, site)},
             {"nulls", nulls},
             {"left_out", left_out}}));
    }
    return out;
}

}  // namespace

std::string service_path(const TenantId& tenant, const ServiceId& service) {
    return join_path("/dienste", tenant, service.value());
}
std::string application_path(const TenantId& tenant, const ServiceId& service) {
    return join_path("/antrag", tenant, service.value());
}
std::string page_path(const TenantId& tenant, const ServiceId& service, std::string_view page) {
    return application_path(tenant, service) + "/seite/" + std::string(page);
}
std::string case_path(const TenantId& tenant, CaseId id) {
    return join_path("/vorgaenge", tenant, std::to_string(id.value()));
}
std::string progress_path(const TenantId& tenant, CaseId id) {
    return case_path(tenant, id) + "/ablauf";
}
std::string task_path(const TenantId& tenant, CaseId id, ElementKey task) {
    return join_path("/aufgaben", tenant, std::to_string(id.value())) + "/" +
           std::to_string(task.value());
}

Data start_data(const std::vector<app::ServiceEntry>& services, std::string_view query, Lang lang,
                const Site& site) {
    Data list{Data::List{}};
    for (const app::ServiceEntry& service : services) {
        list.add(Data::map({{"title", service.title},
                            {"summary", service.summary},
                            {"tenant", service.tenant_name},
                            {"href", service_path(service.tenant, service.id)}}));
    }
    const std::string count = std::to_string(services.size());
    return Data::map(
        {{"query", query},
         {"services", list},
         {"heading", query.empty() ? site.text(lang, "start.all_services")
                                   : site.text(lang, "start.results",
                                               {{"n", count}, {"query", std::string(query)}})}});
}

Data service_data(const app::ServicePage& page, const app::Draft* draft, bool may_start,
                  std::string_view csrf, Lang lang, const Site& site) {
    const app::ServiceEntry& entry = page.entry;
    Data facts{Data::List{}};
    const auto fact = [&](const char* key, const std::string& value) {
        if (!value.empty()) {
            facts.add(Data::map({{"key", site.text(lang, key)}, {"value", value}}));
        }
    };
    fact("service.cost", page.cost);
    fact("service.duration", page.duration);
    fact("service.assurance",
         site.text(lang, "service.assurance." + std::string(services::name_of(page.assurance))));
    fact("service.authority", entry.tenant_name);
    std::string legal;
    for (const std::string& basis : page.legal_basis) {
        legal += (legal.empty() ? "" : ", ") + basis;
    }
    fact("service.legal", legal);
    const std::string start = application_path(entry.tenant, entry.id);
    Data data = Data::map(
        {{"tenant", entry.tenant_name},
         {"title", entry.title},
         {"description", paragraphs(page.description.empty() ? entry.summary : page.description)},
         {"audience", paragraphs(page.audience)},
         {"evidence", lines(page.evidence)},
         {"next", paragraphs(page.next)},
         {"contact", lines(page.contact)},
         {"facts", facts},
         {"may_start", may_start},
         {"start", start},
         {"discard", start + "/verwerfen"},
         {"csrf", csrf}});
    if (draft) {
        data.set("draft_saved", show_time(draft->saved, lang));
        data.set("draft_expires", show_day(draft->expires, lang));
    }
    return data;
}

Data cases_data(const std::vector<app::CaseEntry>& cases, bool guest, Lang lang, const Site& site) {
    Data list{Data::List{}};
    for (const app::CaseEntry& entry : cases) {
        Data data = Data::map({{"number", entry.number},
                               {"tenant", entry.tenant_name},
                               {"title", entry.title},
                               {"status", entry.status},
                               {"received", show_time(entry.received, lang)},
                               {"href", case_path(entry.tenant, entry.id)}});
        set_state(data, entry, lang, site);
        list.add(std::move(data));
    }
    return Data::map({{"cases", list}, {"guest", guest}});
}

Data case_data(const app::CaseView& view, std::string_view csrf, bool pdf,
               std::string_view upload_error, Lang lang, const Site& site) {
    const app::CaseEntry& entry = view.entry;
    const std::string path = case_path(entry.tenant, entry.id);
    Data messages{Data::List{}};
    for (const app::MessageEntry& message : view.messages) {
        messages.add(Data::map({{"text", message.text}, {"at", show_time(message.at, lang)}}));
    }
    Data data = Data::map({{"number", entry.number},
                           {"tenant", entry.tenant_name},
                           {"title", entry.title},
                           {"status", entry.status},
                           {"decision", view.decision_text},
                           {"documents", documents_data(view.documents, path, pdf, lang)},
                           {"messages", messages},
                           {"milestones", milestones_data(view.milestones, lang)},
                           {"decisions", decisions_data(view.decisions, lang, site)},
                           {"may_withdraw", view.may_withdraw},
                           {"may_correct", view.may_correct},
                           {"may_upload", view.may_upload},
                           {"upload_error", upload_error},
                           {"href", path},
                           {"csrf", csrf}});
    if (view.amount) {
        data.set("amount", show_euro(*view.amount, lang));
    }
    set_state(data, entry, lang, site);
    return data;
}

Data receipt_data(const app::CaseView& view, std::string_view next, bool guest, Lang lang) {
    return Data::map({{"number", view.entry.number},
                      {"received", show_time(view.entry.received, lang)},
                      {"status", view.entry.status},
                      {"next", paragraphs(next)},
                      {"case", case_path(view.entry.tenant, view.entry.id)},
                      {"guest", guest}});
}

Data document_data(const app::RenderedDocument& document, std::string_view path, bool pdf) {
    return Data::map({{"number", document.case_number},
                      {"title", document.entry.title},
                      {"own_heading", document.body_html.find("<h1") != std::string::npos},
                      {"content", Data::markup(document.body_html)},
                      {"pdf", pdf ? std::string(path) + "/pdf" : std::string()}});
}

Data tasks_data(const std::vector<app::TaskEntry>& tasks, Lang lang) {
    Data list{Data::List{}};
    for (const app::TaskEntry& task : tasks) {
        list.add(Data::map({{"number", task.case_number},
                            {"title", task.title},
                            {"service", task.service_title},
                            {"created", show_time(task.created, lang)},
                            {"due", task.due ? show_time(*task.due, lang) : std::string()},
                            {"mine", task.mine},
                            {"assigned", task.taken},
                            {"href", task_path(task.tenant, task.case_id, task.key)}}));
    }
    return Data::map({{"tasks", list}, {"count", std::to_string(tasks.size())}});
}

Data task_data(const app::TaskView& view, const std::vector<forms::FieldView>& fields,
               std::string_view csrf, Lang lang, const Site& site) {
    const app::TaskEntry& entry = view.entry;
    Data reasons{Data::List{}};
    for (const app::Reason& reason : view.reasons) {
        reasons.add(Data::map({{"text", reason.text}, {"rule", reason.rule}}));
    }
    const std::string path = task_path(entry.tenant, entry.case_id, entry.key);
    return Data::map(
        {{"number", entry.case_number},
         {"service", entry.service_title},
         {"title", entry.title},
         {"created", show_time(entry.created, lang)},
         {"reasons", reasons},
         {"automation", view.automation_basis},
         {"mine", entry.mine},
         {"assigned", entry.taken},
         {"fields", fields_data(fields, lang, site)},
         {"milestones", milestones_data(view.milestones, lang)},
         {"decisions", decisions_data(view.decisions, lang, site)},
         {"documents",
          documents_data(view.documents, case_path(entry.tenant, entry.case_id), false, lang)},
         {"sections", sections_data(view.application, {})},
         {"key", "aufgabe:" + std::to_string(entry.case_id.value()) + ":" +
                     std::to_string(entry.key.value())},
         {"progress", progress_path(entry.tenant, entry.case_id)},
         {"href", path},
         {"csrf", csrf}});
}

namespace {

// The node's own sentences are English, on the German page too: the template says so.
Data network_data(const app::NetworkView& network, Lang lang, const Site& site) {
    const auto text = [&](const std::string& key) { return site.text(lang, key); };
    Data waiting{Data::List{}};
    for (const app::WaitingMessage& message : network.waiting) {
        waiting.add(
            Data::map({{"to", message.to.empty() ? text("operation.network.nobody") : message.to},
                       {"type", message.type},
                       {"case", message.case_number},
                       {"progress", message.case_number.empty()
                                        ? std::string()
                                        : progress_path(message.tenant, message.case_id)},
                       {"state", text("operation.network.state." + message.state)},
                       {"since", show_time(message.since, lang)},
                       {"expires", show_time(message.expires, lang)},
                       {"attempts", static_cast<std::uint64_t>(message.attempts)},
                       {"reason", message.reason}}));
    }
    Data warnings{Data::List{}};
    for (const app::NetworkWarning& warning : network.warnings) {
        warnings.add(Data::map(
            {{"kind", text("operation.network.warning." + warning.kind)}, {"text", warning.text}}));
    }
    Data members{Data::List{}};
    for (const app::NetworkMember& member : network.members) {
        std::string addresses;
        for (const std::string& one : member.addresses) {
            addresses += (addresses.empty() ? "" : ", ") + one;
        }
        members.add(Data::map(
            {{"member", member.member},
             {"organisation", member.organisation.empty() ? text("operation.network.unheard")
                                                          : member.organisation},
             {"addresses", addresses},
             {"self", member.self}}));
    }
    Data consents{Data::List{}};
    for (const app::NetworkConsent& consent : network.consents) {
        consents.add(Data::map({{"member", consent.member},
                                {"text", text(consent.key.empty() ? "operation.network.removal"
                                                                  : "operation.network.admission")},
                                {"key", consent.key}}));
    }
    return Data::map({{"epoch", network.epoch},
                      {"since", show_time(network.since, lang)},
                      {"waiting", waiting},
                      {"warnings", warnings},
                      {"members", members},
                      {"consents", consents}});
}

}  // namespace

Data operation_data(const app::Overview& overview, std::string_view csrf, Lang lang,
                    const Site& site) {
    Data tiles{Data::List{}};
    const auto tile = [&](std::uint64_t value, const char* key) {
        tiles.add(Data::map({{"value", value}, {"label", site.text(lang, key)}}));
    };
    tile(overview.cases_last_minute, "operation.per_minute.cases");
    tile(overview.commands_last_minute, "operation.per_minute.commands");
    tile(overview.commits_last_minute, "operation.per_minute.commits");
    Data tenants{Data::List{}};
    for (const app::TenantCounts& tenant : overview.tenants) {
        tenants.add(Data::map({{"name", tenant.name},
                               {"id", tenant.tenant.value()},
                               {"open", tenant.open},
                               {"ended", tenant.ended},
                               {"tasks", tenant.tasks},
                               {"incidents", tenant.incidents}}));
    }
    Data incidents{Data::List{}};
    for (const app::IncidentEntry& incident : overview.incidents) {
        incidents.add(Data::map({{"number", incident.case_number},
                                 {"element", incident.element_id},
                                 {"reason", incident.reason},
                                 {"progress", progress_path(incident.tenant, incident.case_id)},
                                 {"created", show_time(incident.created, lang)},
                                 {"action", "/betrieb/vorfaelle/" + incident.tenant.value() + "/" +
                                                std::to_string(incident.case_id.value()) + "/" +
                                                std::to_string(incident.key)}}));
    }
    Data print{Data::List{}};
    for (const app::PrintEntry& entry : overview.print_queue) {
        print.add(Data::map({{"number", entry.case_number},
                             {"title", entry.title},
                             {"created", show_time(entry.created, lang)},
                             {"action", "/betrieb/druck/" + entry.tenant.value() + "/" +
                                            html::url_encode(entry.id)}}));
    }
    Data services{Data::List{}};
    for (const services::DeployedService& service : overview.services) {
        services.add(
            Data::map({{"title", service.title.empty() ? service.id.value() : service.title},
                       {"version", service.version.substr(0, 12)},
                       {"deployed", show_time(service.deployed, lang)}}));
    }
    const Data network =
        overview.network ? network_data(*overview.network, lang, site) : Data(false);
    return Data::map({{"health", overview.healthy ? "success" : "danger"},
                      {"health_text", overview.healthy ? site.text(lang, "operation.healthy")
                                                       : site.text(lang, "operation.unhealthy") +
                                                             ": " + overview.health_text},
                      {"tiles", tiles},
                      {"tenants", tenants},
                      {"incidents", incidents},
                      {"print", print},
                      {"services", services},
                      {"network", network},
                      {"csrf", csrf}});
}

std::string print_page(const app::RenderedDocument& document) {
    const html::Asset* css = html::find_asset("styles/print.css");
    CHECK(css, "styles/print.css is not embedded");
    const std::string title = html::escape(document.entry.title + " " + document.case_number);
    std::string out = "<!doctype html><html lang=\"de\"><head><meta charset=\"utf-8\"><title>";
    out += title;
    out += "</title><style>";
    out += css->bytes;
    out += "</style></head><body><p class=\"s-running\">" + html::escape(document.case_number) +
           "</p>";
    out += document.body_html;
    out += "</body></html>";
    return out;
}

}  // namespace schwarm::portal
