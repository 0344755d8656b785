// Cancelling, modifying, migrating and deleting a process instance; resolving an incident.
#include <array>

#include "commands.hpp"
#include "instructions.hpp"
#include "process_instances.hpp"
#include "routes.hpp"
#include "schwarm/runtime/rows.hpp"
#include "views.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::string_view kTag = "Process instance";

void cancel(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    const auto place = instance_param(call);
    if (!place) return answer.problem(place.error());
    engine::CancelCase command;
    command.process_instance = ElementKey(place->local);
    carry_out(call, answer, place->case_id, std::move(command));
}

// --- modification --------------------------------------------------------------------------

using Variables = std::vector<engine::VariableInstruction>;

Result<Variables> read_variables(const json::Value& instruction) {
    Variables out;
    SCHWARM_TRY(all, objects_member(instruction, "variableInstructions"));
    for (const auto& one : all) {
        SCHWARM_TRY(scope, text_member(one, "scopeId"));
        SCHWARM_TRY(variables, set_variables(one));
        out.push_back({std::move(scope), std::move(variables)});
    }
    return out;
}

// An element of the same case; 0 if it is not named, or by "-1".
Result<ElementKey> read_element(const json::Value& from, std::string_view name, CaseId in) {
    const auto* member = from.find(name);
    const bool any = member != nullptr && ((member->is_string() && member->as_string() == "-1") ||
                                           (member->is_number() && member->number_text() == "-1"));
    if (any) return ElementKey();
    SCHWARM_TRY(key, key_member(from, name));
    if (!key) return ElementKey();
    if (runtime::case_of(*key) != in || runtime::local_of(*key) == 0) {
        return fail(ErrorCode::invalid_input, "no element of this process instance has the key",
                    std::string(name));
    }
    return ElementKey(runtime::local_of(*key));
}

Result<engine::ActivateInstruction> read_activation(const json::Value& from, CaseId in) {
    engine::ActivateInstruction out;
    SCHWARM_TRY(element, needed_text(from, "elementId"));
    SCHWARM_TRY(ancestor, read_element(from, "ancestorElementInstanceKey", in));
    SCHWARM_TRY(variables, read_variables(from));
    out.element = std::move(element);
    out.ancestor = ancestor;
    out.variables = std::move(variables);
    return out;
}

Result<void> read_source(const json::Value& from, CaseId in, engine::MoveInstruction& out) {
    const auto* source = from.find("sourceElementInstruction");
    // Batches and Camunda 8.8 name the id itself.
    const json::Value& named = source != nullptr && source->is_object() ? *source : from;
    SCHWARM_TRY(element, text_member(named, "sourceElementId"));
    SCHWARM_TRY(instance, read_element(named, "sourceElementInstanceKey", in));
    if (element.empty() == (instance == ElementKey())) {
        return fail(ErrorCode::invalid_input,
                    "either sourceElementId or sourceElementInstanceKey must be given",
                    "sourceElementInstruction");
    }
    out.source = std::move(element);
    out.source_instance = instance;
    return {};
}

Result<void> read_scope(const json::Value& from, CaseId in, engine::MoveInstruction& out) {
    const auto* scope = from.find("ancestorScopeInstruction");
    if (scope == nullptr || !scope->is_object()) return {};
    SCHWARM_TRY(type, text_member(*scope, "ancestorScopeType"));
    if (type == "inferred") {
        out.scope = engine::MoveScope::inferred;
    } else if (type == "sourceParent") {
        out.scope = engine::MoveScope::source_parent;
    } else if (type == "direct") {
        SCHWARM_TRY(ancestor, read_element(*scope, "ancestorElementInstanceKey", in));
        out.ancestor = ancestor;
        if (ancestor != ElementKey()) out.scope = engine::MoveScope::direct;
    } else {
        return fail(ErrorCode::invalid_input, "this must be direct, inferred or sourceParent",
                    "ancestorScopeType");
    }
    return {};
}

}  // namespace

Result<engine::MoveInstruction> read_move(const json::Value& from, CaseId in) {
    engine::MoveInstruction out;
    SCHWARM_TRY_VOID(read_source(from, in, out));
    SCHWARM_TRY_VOID(read_scope(from, in, out));
    SCHWARM_TRY(target, needed_text(from, "targetElementId"));
    SCHWARM_TRY(variables, read_variables(from));
    out.target = std::move(target);
    out.variables = std::move(variables);
    return out;
}

namespace {

Result<engine::TerminateInstruction> read_termination(const json::Value& from, CaseId in) {
    SCHWARM_TRY(element, text_member(from, "elementId"));
    SCHWARM_TRY(instance, read_element(from, "elementInstanceKey", in));
    if (element.empty() == (instance == ElementKey())) {
        return fail(ErrorCode::invalid_input,
                    "either elementId or elementInstanceKey must be given",
                    "terminateInstructions");
    }
    return engine::TerminateInstruction{instance, std::move(element)};
}

Result<engine::ModifyCase> read_modification(const json::Value& body, const Place& place) {
    engine::ModifyCase out;
    out.process_instance = ElementKey(place.local);
    SCHWARM_TRY(activate, objects_member(body, "activateInstructions"));
    for (const auto& one : activate) {
        SCHWARM_TRY(instruction, read_activation(one, place.case_id));
        out.activate.push_back(std::move(instruction));
    }
    SCHWARM_TRY(move, objects_member(body, "moveInstructions"));
    for (const auto& one : move) {
        SCHWARM_TRY(instruction, read_move(one, place.case_id));
        out.move.push_back(std::move(instruction));
    }
    SCHWARM_TRY(terminate, objects_member(body, "terminateInstructions"));
    for (const auto& one : terminate) {
        SCHWARM_TRY(instruction, read_termination(one, place.case_id));
        out.terminate.push_back(std::move(instruction));
    }
    return out;
}

void modify(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    const auto place = instance_param(call);
    if (!place) return answer.problem(place.error());
    auto command = read_modification(*body, *place);
    if (!command) return answer.problem(command.error());
    carry_out(call, answer, place->case_id, std::move(*command),
              [answer](const Result<runtime::Reply>& done) {
                  if (!done) return answer.problem(shown_refusal_of_body(done.error()));
                  answer.empty();
              });
}

// --- migration -----------------------------------------------------------------------------

}  // namespace

Result<engine::MigrateCase> read_migration(const Call& call, const json::Value& body) {
    engine::MigrateCase out;
    SCHWARM_TRY(target, key_member(body, "targetProcessDefinitionKey"));
    if (!target) {
        return fail(ErrorCode::invalid_input, "this must be given", "targetProcessDefinitionKey");
    }
    SCHWARM_TRY(mappings, objects_member(body, "mappingInstructions"));
    if (mappings.empty()) {
        return fail(ErrorCode::invalid_input, "this must be given", "mappingInstructions");
    }
    for (const auto& one : mappings) {
        SCHWARM_TRY(from, needed_text(one, "sourceElementId"));
        SCHWARM_TRY(to, needed_text(one, "targetElementId"));
        out.mappings.push_back({std::move(from), std::move(to)});
    }
    SCHWARM_TRY(definition, definition_of(call, *target));
    out.target = services::definition_key_of(definition->key);
    return out;
}

namespace {

void migrate(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    const auto place = instance_param(call);
    if (!place) return answer.problem(place.error());
    auto command = read_migration(call, *body);
    if (!command) return answer.problem(command.error());
    command->process_instance = ElementKey(place->local);
    carry_out(call, answer, place->case_id, std::move(*command));
}

// --- deletion ------------------------------------------------------------------------------

// As a deletion by law: the key of the case is destroyed.
void erase(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    auto all = Histories::open(call);
    if (!all) return answer.problem(all.error());
    const auto key = key_param(call, "processInstanceKey");
    if (!key) return answer.problem(key.error());
    const auto row = deletable(*all, *key);
    if (!row) return answer.problem(row.error());
    call.api.runtime.delete_case(
        call.tenant(), {row->id, std::string(kDeletionRule), call.principal.subject, false},
        [answer](const Result<void>& done) {
            if (!done) return answer.problem(shown_refusal(done.error()));
            answer.empty();
        });
}

// --- incidents -----------------------------------------------------------------------------

void resolve(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    const auto place = place_param(call, "incidentKey", "incident");
    if (!place) return answer.problem(place.error());
    engine::ResolveIncident command;
    command.incident = engine::IncidentKey(place->local);
    command.retries = 0;
    carry_out(call, answer, place->case_id, std::move(command));
}

using http::Method;
constexpr auto kOperate = app::Action::operate_process;
constexpr std::array kRoutes = {
    Route{Method::post, "/process-instances/{processInstanceKey}/cancellation",
          "cancelProcessInstance", kTag, "Cancel a process instance that nobody called", kOperate,
          cancel, "CancelProcessInstanceRequest", "", 204},
    Route{Method::post, "/process-instances/{processInstanceKey}/modification",
          "modifyProcessInstance", kTag, "Activate, move and terminate elements", kOperate, modify,
          "ProcessInstanceModificationInstruction", "", 204},
    Route{Method::post, "/process-instances/{processInstanceKey}/migration",
          "migrateProcessInstance", kTag, "Go on by another definition", kOperate, migrate,
          "ProcessInstanceMigrationInstruction", "", 204},
    Route{Method::post, "/process-instances/{processInstanceKey}/deletion", "deleteProcessInstance",
          kTag, "Delete what an ended process instance was and did", kOperate, erase,
          "DeleteProcessInstanceRequest", "", 204},
    Route{Method::post, "/incidents/{incidentKey}/resolution", "resolveIncident", "Incident",
          "Try again what the incident stopped", kOperate, resolve, "IncidentResolutionRequest", "",
          204},
};

}  // namespace

std::span<const Route> process_instance_command_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
