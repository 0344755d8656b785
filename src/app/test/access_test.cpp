// Walks all actions x principals: what is allowed stands here a second time, as a table a person
// can read, and everything else must be refused.
#include "schwarm/app/access.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace schwarm::app {
namespace {

const std::vector<std::string> kGroups = {"wohngeldstelle"};

struct Who {
    const char* name;
    Principal principal;
};

Principal make(PrincipalKind kind, std::string tenant, std::string subject,
               AssuranceLevel assurance, std::vector<std::string> groups = {}) {
    Principal p;
    p.kind = kind;
    p.tenant = TenantId(std::move(tenant));
    p.subject = std::move(subject);
    p.assurance = assurance;
    p.groups = std::move(groups);
    return p;
}

const std::vector<Who>& principals() {
    using K = PrincipalKind;
    using L = AssuranceLevel;
    static const std::vector<Who> all = {
        {"nobody", make(K::anonymous, "", "", L::none)},
        {"guest_owner", make(K::anonymous, "", "owner", L::none)},
        {"guest_other", make(K::anonymous, "", "other", L::none)},
        {"citizen_owner", make(K::citizen, "", "owner", L::substantial)},
        {"citizen_other", make(K::citizen, "", "other", L::substantial)},
        {"clerk_in_group", make(K::clerk, "leipzig", "clerk", L::high, kGroups)},
        {"clerk_other_group", make(K::clerk, "leipzig", "clerk", L::high, {"bauamt"})},
        {"clerk_other_tenant", make(K::clerk, "halle", "clerk", L::high, kGroups)},
        {"clerk_owner_elsewhere", make(K::clerk, "halle", "owner", L::high, {"bauamt"})},
        {"admin_of_tenant", make(K::administrator, "leipzig", "admin", L::high)},
        {"admin_other_tenant", make(K::administrator, "halle", "admin", L::high)},
        {"admin_of_node", make(K::administrator, "", "root", L::high)},
        {"machine_owner", make(K::api_client, "leipzig", "owner", L::high)},
        {"machine_other", make(K::api_client, "leipzig", "machine", L::high)},
        {"machine_other_tenant", make(K::api_client, "halle", "owner", L::high)},
        {"worker", make(K::worker, "leipzig", "client:w", L::none)},
        {"worker_other_tenant", make(K::worker, "halle", "owner", L::none)},
        {"deployer", make(K::deployer, "leipzig", "client:d", L::none)},
        {"deployer_other_tenant", make(K::deployer, "halle", "owner", L::none)},
        {"operator", make(K::process_operator, "leipzig", "client:o", L::none)},
        {"operator_other_tenant", make(K::process_operator, "halle", "owner", L::none)},
    };
    return all;
}

// The object everybody asks about: a case of owner in leipzig, service without assurance.
Object object() {
    Object o;
    o.tenant = TenantId("leipzig");
    o.owner = "owner";
    o.groups = kGroups;
    return o;
}

const std::map<Action, std::set<std::string>>& allowed() {
    static const std::set<std::string> everybody = [] {
        std::set<std::string> names;
        for (const auto& who : principals()) {
            if (who.principal.kind <= PrincipalKind::api_client) names.insert(who.name);
        }
        return names;
    }();
    static const std::set<std::string> machines = {"worker", "deployer", "operator",
                                                   "admin_of_tenant"};
    static const std::set<std::string> workers = {"worker", "operator", "admin_of_tenant"};
    static const std::set<std::string> deployers = {"deployer", "operator", "admin_of_tenant"};
    static const std::set<std::string> process_operators = {"operator", "admin_of_tenant"};
    static const std::set<std::string> owners = {"guest_owner", "citizen_owner"};
    static const std::set<std::string> desk = {"clerk_in_group"};
    static const std::set<std::string> operators = {"admin_of_tenant", "admin_of_node"};
    static const std::map<Action, std::set<std::string>> table = {
        {Action::list_services, everybody},
        {Action::view_service, everybody},
        {Action::submit,
         {"nobody", "guest_owner", "guest_other", "citizen_owner", "citizen_other", "machine_owner",
          "machine_other"}},
        {Action::keep_draft, owners},
        {Action::list_own_cases,
         {"guest_owner", "guest_other", "citizen_owner", "citizen_other", "machine_owner",
          "machine_other", "machine_other_tenant"}},
        {Action::view_case, {"guest_owner", "citizen_owner", "clerk_in_group", "machine_owner"}},
        {Action::upload_document, owners},
        {Action::withdraw, {"guest_owner", "citizen_owner", "machine_owner"}},
        {Action::list_tasks,
         {"clerk_in_group", "clerk_other_group", "clerk_other_tenant", "clerk_owner_elsewhere"}},
        {Action::view_task, desk},
        {Action::claim_task, desk},
        {Action::complete_task, desk},
        {Action::view_progress, {"clerk_in_group", "admin_of_tenant", "admin_of_node"}},
        {Action::view_operation, operators},
        {Action::resolve_incident, operators},
        {Action::deploy_package, {"admin_of_node"}},
        {Action::delete_case, operators},
        {Action::read_audit, operators},
        {Action::manage_network, {"admin_of_node"}},
        {Action::view_retrievals, {"citizen_owner", "citizen_other"}},
        {Action::decide_retrieval, owners},
        {Action::view_cluster, machines},
        {Action::deploy_resource, deployers},
        {Action::read_definition, machines},
        {Action::evaluate, machines},
        {Action::start_process, workers},
        {Action::read_process, workers},
        {Action::work_jobs, workers},
        {Action::work_user_tasks, workers},
        {Action::publish_message, workers},
        {Action::operate_process, process_operators},
        {Action::manage_documents, workers},
        {Action::set_clock, process_operators},
    };
    return table;
}

TEST(Access, EveryActionForEveryPrincipal) {
    ASSERT_EQ(allowed().size(), kActionCount) << "an action without an expectation";
    for (std::size_t i = 0; i < kActionCount; ++i) {
        const auto action = static_cast<Action>(i);
        for (const auto& who : principals()) {
            const auto answer = decide_access(who.principal, action, object());
            const bool expected = allowed().at(action).contains(who.name);
            EXPECT_EQ(answer.has_value(), expected) << name_of(action) << " by " << who.name;
            if (!answer) {
                EXPECT_EQ(answer.error().code, ErrorCode::not_found)
                    << name_of(action) << " by " << who.name;
            }
        }
    }
}

TEST(Access, ServicesMayAskForASignIn) {
    auto demanding = object();
    demanding.required = AssuranceLevel::high;
    for (const auto& who : principals()) {
        const auto answer = decide_access(who.principal, Action::submit, demanding);
        const bool machine = std::string(who.name).starts_with("machine_o") &&
                             who.principal.tenant == demanding.tenant;
        EXPECT_EQ(answer.has_value(), machine) << who.name;
        const bool person = who.principal.kind == PrincipalKind::anonymous ||
                            who.principal.kind == PrincipalKind::citizen;
        if (person) {
            EXPECT_EQ(answer.error().code, ErrorCode::unauthenticated) << who.name;
        }
    }
}

TEST(Access, AnEmptySubjectOwnsNothing) {
    auto ownerless = object();
    ownerless.owner = "";
    for (const auto action : {Action::view_case, Action::withdraw, Action::keep_draft}) {
        EXPECT_TRUE(decide_access(principals().front().principal, action, ownerless).has_error());
    }
}

}  // namespace
}  // namespace schwarm::app
