#include "report.hpp"

#include "schwarm/base/calendar.hpp"
#include "schwarm/engine/state_text.hpp"

namespace schwarm::compat {
namespace {

std::string at(Instant instant) {
    return DateTime::from_instant(instant, Zone::utc()).to_string();
}

std::string number(std::uint64_t n) {
    return std::to_string(n);
}

std::string yes(bool flag, const char* what) {
    return flag ? std::string(" ") + what : std::string();
}

std::string optional_at(const char* what, const std::optional<Instant>& instant) {
    return instant ? ", " + std::string(what) + " " + at(*instant) : std::string();
}

// The rows by which messages find what waits for them.
std::string subscriptions_text(const runtime::ReadView& view, const engine::CaseState& state) {
    std::string out;
    for (const auto& one : state.subscriptions) {
        if (one.kind != engine::SubscriptionKind::message) continue;
        for (const auto& row :
             must(view.subscriptions(one.message_name, one.correlation_key), "subscriptions")) {
            if (row.case_id != state.id) continue;
            out += "  waits for " + row.message_name + " at " + row.element_id + " of " +
                   row.process_id + ", key " + number(row.key.value()) + ", in " +
                   number(row.process_instance.value()) + "\n";
        }
    }
    return out;
}

std::string case_text(const Node& node, const runtime::CaseRow& row) {
    const auto view = node.view();
    std::string out = "\ncase " + number(row.id.value()) + " of " + row.definition.value() + " " +
                      std::string(engine::name_of(row.status)) + ", tasks " +
                      number(row.open_tasks) + ", incidents " + number(row.open_incidents) +
                      ", created " + at(row.created) + ", changed " + at(row.changed) +
                      optional_at("ended", row.ended) +
                      optional_at("kept until", row.retention_until) + ", last row " +
                      number(row.last_position) + ", service " + row.service.value() +
                      yes(row.applicant == view.person_hash(kApplicant), "of the applicant") +
                      yes(row.archived, "archived") + yes(row.deleted, "deleted") +
                      yes(row.quarantined, "quarantined") + "\n";
    const auto state = view.case_state(row.id);
    out += state ? engine::text_of(*state)
                 : "no state: " + std::string(name_of(state.error().code)) + "\n";
    if (state) out += subscriptions_text(view, *state);
    for (const auto& entry : must(view.history(row.id), "a history")) {
        out += "  " + number(entry.position) + " " + at(entry.at) + " " + entry.kind +
               yes(entry.deleted, "deleted") + "\n";
        for (const auto& event : entry.events) out += "    " + engine::text_of(event) + "\n";
    }
    for (const auto& name : must(view.document_names(row.id), "documents")) {
        const auto document = must(view.document(row.id, name), name);
        out += "  document " + name + " " + number(document.size()) + " bytes\n";
    }
    return out;
}

std::string lists_text(const runtime::ReadView& view) {
    std::string out = "\n";
    for (const auto& job : must(view.open_jobs(500), "jobs").rows) {
        out += "job " + job.type + " of " + number(job.case_id.value()) + ", retries " +
               number(job.retries) + (job.until ? " until " + at(*job.until) : "") +
               yes(job.locked, "locked") + (job.worker.empty() ? "" : " by " + job.worker) + "\n";
    }
    for (const auto* group : {"", "clerks", "verkehr"}) {
        for (const auto& task : must(view.tasks(group, 500), "tasks").rows) {
            out += "task " + task.element_id + " of " + number(task.case_id.value()) +
                   ", priority " + number(task.priority) +
                   (task.form_id.empty() ? "" : ", form " + task.form_id) +
                   (task.name.empty() ? "" : ", named " + task.name) + ", created " +
                   at(task.created) + optional_at("due", task.due) +
                   optional_at("follow-up", task.follow_up) +
                   yes(task.assignee == view.person_hash("erika"), "of erika") +
                   (*group == 0 ? "" : ", group " + std::string(group)) + "\n";
        }
    }
    for (const auto& incident : must(view.incidents(500), "incidents").rows) {
        out += "incident " + std::string(engine::name_of(incident.kind)) + " at " +
               incident.element_id + " of " + number(incident.case_id.value()) + ", " +
               incident.definition.value() + ", element " + number(incident.element.value()) +
               ", job " + number(incident.job.value()) + ", created " + at(incident.created) + "\n";
    }
    for (const auto& batch : must(view.batches(500), "batches").rows) {
        out += "batch " + std::string(name_of(batch.kind)) + " " +
               std::string(name_of(batch.status)) + ", done " + number(batch.done) + " of " +
               number(batch.total) + "\n";
    }
    for (const auto& print : must(view.print_queue(500), "print queue")) {
        out += "print " + print.name + " of " + number(print.case_id.value()) + " " +
               print.payload.to_feel() + "\n";
    }
    for (const auto& message : must(view.inbox(kApplicant), "inbox")) {
        out += "inbox " + message.name + " of " + number(message.case_id.value()) + "\n";
    }
    const auto draft = must(view.draft("draft-1"), "draft");
    out += "draft until " + at(draft.expires) + " " + draft.content + "\n";
    for (const auto id : must(view.find_cases("plate", "L-AB 123"), "found cases")) {
        out += "found by its plate " + number(id.value()) + "\n";
    }
    for (const auto& line : must(view.audit(500), "audit lines")) {
        out += "audit " + number(line.number) + " " + at(line.at) + " " + line.actor + " " +
               line.action + " " + number(line.case_id.value()) + " " + line.detail +
               yes(line.deleted, "deleted") + "\n";
    }
    return out;
}

std::string definitions_text(const services::DefinitionSet& set) {
    std::string out = "\n";
    for (const auto& one : set.processes()) {
        out += "process " + number(one->key) + " " + one->id + " version " +
               std::to_string(one->version) + " of " + one->resource_name + " " + one->checksum +
               yes(set.is_latest(*one), "latest") + "\n";
    }
    for (const auto& one : set.requirements()) {
        out += "decisions " + number(one->key) + " " + one->id + " version " +
               std::to_string(one->version) + "\n";
    }
    return out;
}

}  // namespace

std::string rows_text(storage::Storage& storage) {
    std::string out;
    const auto reader = must(storage.begin_read(), "reading");
    for (std::size_t n = 0; n < storage::kSpaceCount; ++n) {
        const auto space = static_cast<storage::Space>(n);
        std::size_t rows = 0;
        must(reader->scan(space, {},
                          [&](std::string_view, std::string_view) {
                              ++rows;
                              return true;
                          }),
             "the rows");
        out += std::string(storage::name_of(space)) + " " + number(rows) + "\n";
    }
    return out;
}

std::string report_text(const Node& node) {
    std::string out = definitions_text(*must(node.deployments().of(tenant()), "definitions"));
    for (const auto& row : node.cases()) out += case_text(node, row);
    return out + lists_text(node.view());
}

}  // namespace schwarm::compat
