// client and administrator: who may use a node, with a secret that is told once. Beside a working
// node, which knows within seconds.
#include <iostream>
#include <memory>
#include <string>

#include "place_option.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/services/store.hpp"

namespace schwarm::cli {
namespace {

constexpr std::string_view kAdministrator = "administrator";

std::string date_of(Instant at) {
    return DateTime::from_instant(at, Zone::utc()).date.to_string();
}

struct AccountOptions {
    Where where;
    std::string tenant, role, name, id;
};

using Work = int (*)(const server::Place&, const AccountOptions&);

// `command` works on a place.
void run(CLI::App& command, const std::shared_ptr<AccountOptions>& options, Action& action,
         Work work) {
    options->where.add_to(command);
    command.callback([options, &action, work] {
        action = [options, work] {
            const auto place = options->where.place();
            if (place.has_error()) return refuse(place.error());
            return work(*place, *options);
        };
    });
}

int add(const server::Place& place, const AccountOptions& options, std::string_view what) {
    const auto added = server::add_client(place, options.tenant, options.role, options.name);
    if (added.has_error()) return refuse(added.error());
    std::cout << what << "_id:     " << added->client.id << '\n'
              << what << "_secret: " << added->secret << '\n';
    return 0;
}

int add_machine(const server::Place& place, const AccountOptions& options) {
    if (options.role == kAdministrator) {
        return refuse(fail(ErrorCode::invalid_input,
                           "an administrator is no machine: schwarm administrator add"));
    }
    return add(place, options, "client");
}

int add_person(const server::Place& place, const AccountOptions& options) {
    AccountOptions given = options;
    given.role = kAdministrator;
    if (given.tenant.empty()) given.tenant = services::node_tenant().value();
    return add(place, given, "access");
}

int list(const server::Place& place, const AccountOptions& options, bool administrators) {
    const auto clients = server::list_clients(place, options.tenant);
    if (clients.has_error()) return refuse(clients.error());
    for (const auto& one : *clients) {
        const bool administrator = one.role == app::PrincipalKind::administrator;
        if (administrator != administrators) continue;
        std::cout << one.id << "  " << app::role_name(one.role) << "  " << date_of(one.created)
                  << (one.name.empty() ? "" : "  ") << one.name << '\n';
    }
    return 0;
}

int remove(const server::Place& place, const AccountOptions& options) {
    return report(server::remove_client(place, options.id), "removed " + options.id);
}

void add_list_and_remove(CLI::App& accounts, Action& action, Work list) {
    auto listed = std::make_shared<AccountOptions>();
    CLI::App* command = accounts.add_subcommand("list", "all of them, without secrets");
    command->add_option("--tenant", listed->tenant, "of this tenant only");
    run(*command, listed, action, list);

    auto removed = std::make_shared<AccountOptions>();
    command = accounts.add_subcommand("remove", "end one; a working node knows within seconds");
    command->add_option("id", removed->id, "as add and list name it")->required();
    run(*command, removed, action, remove);
}

}  // namespace

void add_client(CLI::App& app, Action& action) {
    CLI::App* client = app.add_subcommand("client", "machines that may use /v2");
    client->require_subcommand(1);
    auto options = std::make_shared<AccountOptions>();
    CLI::App* command = client->add_subcommand("add", "make one; prints id and secret once");
    command->add_option("--tenant", options->tenant, "id of the tenant")->required();
    command->add_option("--role", options->role, "worker, deployer or operator")->required();
    command->add_option("--name", options->name, "for people");
    run(*command, options, action, add_machine);
    add_list_and_remove(*client, action,
                        [](const server::Place& place, const AccountOptions& given) {
                            return list(place, given, false);
                        });
}

void add_administrator(CLI::App& app, Action& action) {
    CLI::App* administrator = app.add_subcommand(
        "administrator", "people who operate the node or a tenant: pages and their interface");
    administrator->require_subcommand(1);
    auto options = std::make_shared<AccountOptions>();
    CLI::App* command = administrator->add_subcommand("add", "make one; prints id and secret once");
    command->add_option("--tenant", options->tenant, "of this tenant; without it: of the node");
    command->add_option("--name", options->name, "of the person")->required();
    run(*command, options, action, add_person);
    add_list_and_remove(*administrator, action,
                        [](const server::Place& place, const AccountOptions& given) {
                            return list(place, given, true);
                        });
}

}  // namespace schwarm::cli
