// The one access check. Every use case of App asks decide_access() before it answers or changes
// anything; what is not allowed by the table does not exist for the asker (not_found).
//
// Pure and thread-safe. The table stands in src/access.cpp; a test walks all actions x principals.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/services/package.hpp"

namespace schwarm::app {

using services::AssuranceLevel;

enum class PrincipalKind : std::uint8_t {
    anonymous,      // a browser without sign-in; `subject` is its random session subject, or empty
    citizen,        // signed in; may act in every tenant of the node
    clerk,          // of one tenant, with groups
    administrator,  // of one tenant or (empty tenant) of the node: the operator
    api_client,     // a machine with a token, of one tenant
    // Machines that use /v2 (api_clients.hpp), of one tenant:
    worker,            // works jobs and tasks, starts processes
    deployer,          // deploys
    process_operator,  // everything a tenant's machines may do
};
inline constexpr std::size_t kPrincipalKindCount =
    static_cast<std::size_t>(PrincipalKind::process_operator) + 1;
std::string_view name_of(PrincipalKind kind);

// Whom an identification has shown a person to be.
struct IdentifiedPerson {
    std::string family_name;
    std::string given_names;
    std::string birth_date;  // ISO 8601
    bool operator==(const IdentifiedPerson&) const = default;
};

// Who asks.
struct Principal {
    PrincipalKind kind = PrincipalKind::anonymous;
    TenantId tenant;                  // clerk, administrator, api_client and the machines of /v2
    std::string subject;              // stable id of the person or machine: "demo:erika"
    std::string name;                 // how pages address the person
    std::vector<std::string> groups;  // of a clerk: candidate groups
    AssuranceLevel assurance = AssuranceLevel::none;
    std::optional<IdentifiedPerson> person;  // of a citizen, where the provider says it

    bool signed_in() const { return kind != PrincipalKind::anonymous; }
    bool operator==(const Principal&) const = default;
};

enum class Action : std::uint8_t {
    list_services,
    view_service,
    submit,
    keep_draft,  // save, load, delete own drafts
    list_own_cases,
    view_case,  // status, inbox messages, documents of the case
    upload_document,
    withdraw,
    list_tasks,
    view_task,  // with the case's variables
    claim_task,
    complete_task,
    view_progress,   // where a case stands in its process, and with whom
    view_operation,  // counts, health, incidents, print queue
    resolve_incident,
    deploy_package,
    delete_case,
    read_audit,
    manage_network,    // who belongs to it
    view_retrievals,   // the data protection cockpit: what registers gave out about oneself
    decide_retrieval,  // whether what was retrieved for the own case is used
    // Through /v2, on what was deployed there.
    view_cluster,  // topology, the own identity and tenant
    deploy_resource,
    read_definition,
    evaluate,  // decisions and expressions
    start_process,
    read_process,  // instances, elements, variables, incidents
    work_jobs,
    work_user_tasks,
    publish_message,  // messages and signals
    operate_process,  // cancel, modify, migrate, set variables, resolve incidents
    manage_documents,
    set_clock,
};
inline constexpr std::size_t kActionCount = static_cast<std::size_t>(Action::set_clock) + 1;
std::string_view name_of(Action action);

// What is asked about. Members that do not apply to the action stay empty.
struct Object {
    TenantId tenant;
    std::string_view owner;               // subject that submitted the case, saved the draft
    std::span<const std::string> groups;  // candidate groups of a task (of the case's open tasks)
    std::string_view assignee;            // of a task, empty if unclaimed
    AssuranceLevel required = AssuranceLevel::none;  // of the service
};

// Allowed, or why not. `unauthenticated` only where signing in (higher) would help and the
// existence of the object is no secret (submit); everything else is not_found.
Result<void> decide_access(const Principal& principal, Action action, const Object& object);

}  // namespace schwarm::app
