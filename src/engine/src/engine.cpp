#include "schwarm/engine/engine.hpp"

#include "appliers/appliers.hpp"
#include "processors/processors.hpp"
#include "transition.hpp"

namespace schwarm::engine {
namespace {

// A decision in which nothing happens.
Decision nothing(const CaseState& state, bool duplicate) {
    Decision out;
    out.reply.duplicate = duplicate;
    out.reply.status = state.status;
    out.next = state;
    return out;
}

std::optional<Error> check_status(const CaseState& state, const Command& command) {
    const bool creates = std::holds_alternative<CreateCase>(command.body);
    if (creates && state.status != CaseStatus::none) {
        return fail(ErrorCode::conflict, "the case exists already");
    }
    if (creates) return std::nullopt;
    if (state.status == CaseStatus::none) {
        return fail(ErrorCode::not_found, "there is no such case");
    }
    if (state.status != CaseStatus::active) {
        return fail(ErrorCode::conflict, "the case has ended");
    }
    return std::nullopt;
}

std::optional<Error> check_deployed(const CaseState& state, const Definitions& definitions) {
    for (const DefinitionKey& key : state.definitions) {
        if (definitions.processes.process(key) == nullptr) {
            return fail(ErrorCode::unresolved, "process '" + key.value() + "' is not deployed");
        }
    }
    return std::nullopt;
}

}  // namespace

Result<Decision> decide(const CaseState& state, const Definitions& definitions,
                        const Command& command) {
    if (state.has_seen(command.id)) return nothing(state, true);
    if (auto rejection = check_status(state, command)) return *rejection;
    if (auto rejection = check_deployed(state, definitions)) return *rejection;
    if (const auto* timer = std::get_if<TriggerTimer>(&command.body)) {
        if (state.timer(timer->timer) == nullptr) return nothing(state, true);
    }
    Transition t(state, definitions, command);
    const auto rejection =
        std::visit([&t](const auto& body) { return processors::process(t, body); }, command.body);
    if (rejection) return *rejection;
    t.run();
    if (t.state().next_key > kKeysEnd) {
        return fail(ErrorCode::limit_exceeded, "the case has no keys left for what would happen");
    }
    return t.take_decision();
}

void apply(CaseState& state, const Event& event) {
    std::visit([&state](const auto& record) { apply_record(state, record); }, event);
}

CaseState replay(std::span<const Event> events) {
    CaseState state;
    for (const Event& event : events) apply(state, event);
    return state;
}

std::string_view name_of(const CommandBody& body) {
    static constexpr std::string_view kNames[] = {
        "create_case",      "complete_user_task", "assign_user_task", "correlate_message",
        "trigger_timer",    "complete_job",       "fail_job",         "throw_error",
        "update_variables", "cancel_case",        "resolve_incident", "trigger_subscription",
        "activate_ad_hoc",  "modify_case",        "migrate_case",     "update_job",
        "update_user_task", "report_undelivered"};
    static_assert(std::size(kNames) == std::variant_size_v<CommandBody>);
    return kNames[body.index()];
}

std::vector<std::string> element_path(std::span<const Event> events, const CaseState& state,
                                      const ProcessProvider& processes) {
    std::vector<std::string> out;
    const auto add = [&](std::uint16_t definition, bpmn::NodeIndex node) {
        if (definition >= state.definitions.size() || node == bpmn::kProcessNode) return;
        const bpmn::Process* process = processes.process(state.definitions[definition]);
        if (process != nullptr && node < process->nodes.size()) {
            out.push_back(process->node(node).id);
        }
    };
    for (const Event& event : events) {
        if (const auto* e = std::get_if<ElementActivatedV1>(&event)) {
            add(e->definition, e->node);
        } else if (const auto* p = std::get_if<ElementPassedV1>(&event)) {
            add(p->definition, p->node);
        }
    }
    return out;
}

std::string partner_key(CaseId case_id, std::string_view participant) {
    return std::to_string(case_id.value()) + "/" + std::string(participant);
}

}  // namespace schwarm::engine
