#include "schwarm/app/access.hpp"

#include <algorithm>
#include <array>

namespace schwarm::app {
namespace {

using Kind = PrincipalKind;

constexpr std::array<std::string_view, kPrincipalKindCount> kKinds = {
    "anonymous",  "citizen", "clerk",    "administrator",
    "api_client", "worker",  "deployer", "process_operator"};
constexpr std::array<std::string_view, kActionCount> kActions = {
    "list_services",    "view_service",    "submit",           "keep_draft",
    "list_own_cases",   "view_case",       "upload_document",  "withdraw",
    "list_tasks",       "view_task",       "claim_task",       "complete_task",
    "view_progress",    "view_operation",  "resolve_incident", "deploy_package",
    "delete_case",      "read_audit",      "manage_network",   "view_retrievals",
    "decide_retrieval", "view_cluster",    "deploy_resource",  "read_definition",
    "evaluate",         "start_process",   "read_process",     "work_jobs",
    "work_user_tasks",  "publish_message", "operate_process",  "manage_documents",
    "set_clock"};

// What a row asks besides action and kind; all of its conditions must hold.
enum Condition : unsigned {
    kNothing = 0,
    kOwn = 1U << 0,        // the object's owner is the principal's subject
    kSubject = 1U << 1,    // the principal has a subject
    kTenant = 1U << 2,     // the object's tenant is the principal's
    kGroup = 1U << 3,      // one of the object's groups is the principal's
    kAnyTenant = 1U << 4,  // as kTenant, or the principal is of the whole node
    kNode = 1U << 5,       // the principal is of the whole node
    kAssurance = 1U << 6,  // identified well enough for the service
};

struct Row {
    Action action;
    Kind kind;
    unsigned conditions;
};

// Everything that is allowed. The default is no.
constexpr std::array kTable = {
    Row{Action::list_services, Kind::anonymous, kNothing},
    Row{Action::list_services, Kind::citizen, kNothing},
    Row{Action::list_services, Kind::clerk, kNothing},
    Row{Action::list_services, Kind::administrator, kNothing},
    Row{Action::list_services, Kind::api_client, kNothing},
    Row{Action::view_service, Kind::anonymous, kNothing},
    Row{Action::view_service, Kind::citizen, kNothing},
    Row{Action::view_service, Kind::clerk, kNothing},
    Row{Action::view_service, Kind::administrator, kNothing},
    Row{Action::view_service, Kind::api_client, kNothing},
    Row{Action::submit, Kind::anonymous, kAssurance},
    Row{Action::submit, Kind::citizen, kAssurance},
    Row{Action::submit, Kind::api_client, kTenant | kAssurance},
    Row{Action::keep_draft, Kind::anonymous, kOwn},
    Row{Action::keep_draft, Kind::citizen, kOwn},
    Row{Action::list_own_cases, Kind::anonymous, kSubject},
    Row{Action::list_own_cases, Kind::citizen, kSubject},
    Row{Action::list_own_cases, Kind::api_client, kSubject},
    Row{Action::view_case, Kind::anonymous, kOwn},
    Row{Action::view_case, Kind::citizen, kOwn},
    Row{Action::view_case, Kind::clerk, kTenant | kGroup},
    Row{Action::view_case, Kind::api_client, kTenant | kOwn},
    Row{Action::upload_document, Kind::anonymous, kOwn},
    Row{Action::upload_document, Kind::citizen, kOwn},
    Row{Action::withdraw, Kind::anonymous, kOwn},
    Row{Action::withdraw, Kind::citizen, kOwn},
    Row{Action::withdraw, Kind::api_client, kTenant | kOwn},
    Row{Action::list_tasks, Kind::clerk, kNothing},
    Row{Action::view_task, Kind::clerk, kTenant | kGroup},
    Row{Action::claim_task, Kind::clerk, kTenant | kGroup},
    Row{Action::complete_task, Kind::clerk, kTenant | kGroup},
    Row{Action::view_progress, Kind::clerk, kTenant | kGroup},
    Row{Action::view_progress, Kind::administrator, kAnyTenant},
    Row{Action::view_operation, Kind::administrator, kAnyTenant},
    Row{Action::resolve_incident, Kind::administrator, kAnyTenant},
    Row{Action::deploy_package, Kind::administrator, kNode},
    Row{Action::delete_case, Kind::administrator, kAnyTenant},
    Row{Action::read_audit, Kind::administrator, kAnyTenant},
    Row{Action::manage_network, Kind::administrator, kNode},
    Row{Action::view_retrievals, Kind::citizen, kAssurance},
    Row{Action::decide_retrieval, Kind::anonymous, kOwn},
    Row{Action::decide_retrieval, Kind::citizen, kOwn},
    Row{Action::view_cluster, Kind::deployer, kTenant},
    Row{Action::view_cluster, Kind::worker, kTenant},
    Row{Action::view_cluster, Kind::process_operator, kTenant},
    Row{Action::view_cluster, Kind::administrator, kTenant},
    Row{Action::deploy_resource, Kind::deployer, kTenant},
    Row{Action::deploy_resource, Kind::process_operator, kTenant},
    Row{Action::deploy_resource, Kind::administrator, kTenant},
    Row{Action::read_definition, Kind::deployer, kTenant},
    Row{Action::read_definition, Kind::worker, kTenant},
    Row{Action::read_definition, Kind::process_operator, kTenant},
    Row{Action::read_definition, Kind::administrator, kTenant},
    Row{Action::evaluate, Kind::deployer, kTenant},
    Row{Action::evaluate, Kind::worker, kTenant},
    Row{Action::evaluate, Kind::process_operator, kTenant},
    Row{Action::evaluate, Kind::administrator, kTenant},
    Row{Action::start_process, Kind::worker, kTenant},
    Row{Action::start_process, Kind::process_operator, kTenant},
    Row{Action::start_process, Kind::administrator, kTenant},
    Row{Action::read_process, Kind::worker, kTenant},
    Row{Action::read_process, Kind::process_operator, kTenant},
    Row{Action::read_process, Kind::administrator, kTenant},
    Row{Action::work_jobs, Kind::worker, kTenant},
    Row{Action::work_jobs, Kind::process_operator, kTenant},
    Row{Action::work_jobs, Kind::administrator, kTenant},
    Row{Action::work_user_tasks, Kind::worker, kTenant},
    Row{Action::work_user_tasks, Kind::process_operator, kTenant},
    Row{Action::work_user_tasks, Kind::administrator, kTenant},
    Row{Action::publish_message, Kind::worker, kTenant},
    Row{Action::publish_message, Kind::process_operator, kTenant},
    Row{Action::publish_message, Kind::administrator, kTenant},
    Row{Action::operate_process, Kind::process_operator, kTenant},
    Row{Action::operate_process, Kind::administrator, kTenant},
    Row{Action::manage_documents, Kind::worker, kTenant},
    Row{Action::manage_documents, Kind::process_operator, kTenant},
    Row{Action::manage_documents, Kind::administrator, kTenant},
    Row{Action::set_clock, Kind::process_operator, kTenant},
    Row{Action::set_clock, Kind::administrator, kTenant},
};

bool shares_group(const Principal& principal, const Object& object) {
    return std::any_of(object.groups.begin(), object.groups.end(), [&](const std::string& group) {
        return std::find(principal.groups.begin(), principal.groups.end(), group) !=
               principal.groups.end();
    });
}

unsigned conditions_met(const Principal& principal, const Object& object) {
    unsigned met = kNothing;
    const bool of_node = principal.tenant.value().empty();
    const bool same_tenant = !of_node && principal.tenant == object.tenant;
    if (!principal.subject.empty()) {
        met |= kSubject;
        if (principal.subject == object.owner) met |= kOwn;
    }
    if (same_tenant) met |= kTenant;
    if (of_node || same_tenant) met |= kAnyTenant;
    if (of_node) met |= kNode;
    if (shares_group(principal, object)) met |= kGroup;
    if (principal.assurance >= object.required) met |= kAssurance;
    return met;
}

}  // namespace

std::string_view name_of(PrincipalKind kind) {
    return kKinds.at(static_cast<std::size_t>(kind));
}
std::string_view name_of(Action action) {
    return kActions.at(static_cast<std::size_t>(action));
}

Result<void> decide_access(const Principal& principal, Action action, const Object& object) {
    const unsigned met = conditions_met(principal, object);
    bool better_sign_in = false;
    for (const auto& row : kTable) {
        if (row.action != action || row.kind != principal.kind) continue;
        const unsigned missing = row.conditions & ~met;
        if (missing == 0) return {};
        better_sign_in = better_sign_in || missing == kAssurance;
    }
    if (better_sign_in) {
        return fail(ErrorCode::unauthenticated,
                    "this service needs a sign-in with assurance level " +
                        std::string(services::name_of(object.required)));
    }
    return fail(ErrorCode::not_found, "");
}

}  // namespace schwarm::app
