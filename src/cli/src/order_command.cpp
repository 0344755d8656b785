// schwarm directory rotate|withdraw|suspend|resume|admit|remove|choose: what only the working node
// can do.
#include <memory>

#include "directory_parts.hpp"
#include "order_option.hpp"

namespace schwarm::cli {
namespace {

struct Options {
    Where where;
    Patience patience;
    std::string name;
    std::string key;
};

using Make = Result<json::Value> (*)(const server::Place&, const Options&);

std::shared_ptr<Options> add(CLI::App& parent, Action& action, const char* name, const char* about,
                             Make make) {
    auto options = std::make_shared<Options>();
    CLI::App* command = parent.add_subcommand(name, about);
    options->where.add_to(*command);
    options->patience.add_to(*command);
    command->callback([options, make, &action] {
        action = [options, make] {
            return give(options->where, options->patience,
                        [&](const server::Place& place) { return make(place, *options); });
        };
    });
    return options;
}

void add_rotate(CLI::App& directory, Action& action) {
    CLI::App* rotate = directory.add_subcommand(
        "rotate", "exchange keys for new ones while the node works and messages are under way");
    rotate->require_subcommand(1);
    add(*rotate, action, "operator", "the key that signs the node's entries",
        [](const server::Place& place, const Options&) {
            return server::order_operator_key(place);
        });
    add(*rotate, action, "tls", "the key by which other nodes know this one",
        [](const server::Place& place, const Options&) { return server::order_tls_key(place); });
    const auto tenant =
        add(*rotate, action, "tenant", "the keys with which a tenant signs and is sealed to",
            [](const server::Place& place, const Options& options) {
                return server::order_tenant_keys(place, options.name);
            });
    rotate->get_subcommand("tenant")->add_option("name", tenant->name, "its id")->required();
}

// Beside the exchange of keys that are still in good hands.
void add_withdraw(CLI::App& directory, Action& action) {
    const auto lost =
        add(directory, action, "withdraw",
            "a signing key of a tenant was lost or stolen: from now on nothing that it "
            "signs counts",
            [](const server::Place& place, const Options& options) {
                return server::order_lost_key(place, options.name, options.key);
            });
    CLI::App* withdraw = directory.get_subcommand("withdraw");
    withdraw->add_option("tenant", lost->name, "its id")->required();
    withdraw->add_option("--key", lost->key, "id of the key, if it is not the one in use");
}

void add_suspend(CLI::App& directory, Action& action) {
    const auto suspend =
        add(directory, action, "suspend", "nobody takes or sends anything of a tenant any more",
            [](const server::Place& place, const Options& options) {
                return server::order_suspension(place, options.name, true);
            });
    directory.get_subcommand("suspend")->add_option("tenant", suspend->name, "its id")->required();
    const auto resume = add(directory, action, "resume", "the end of a suspension",
                            [](const server::Place& place, const Options& options) {
                                return server::order_suspension(place, options.name, false);
                            });
    directory.get_subcommand("resume")->add_option("tenant", resume->name, "its id")->required();
}

Result<json::Value> admission(const server::Place& place, const Options& options) {
    if (!options.key.empty()) return server::order_admission(place, options.name, options.key);
    SCHWARM_TRY(card, server::load_card(options.name));
    return server::order_admission(place, card);
}

}  // namespace

void add_orders(CLI::App& directory, Action& action) {
    add_rotate(directory, action);
    add_withdraw(directory, action);
    add_suspend(directory, action);
    const auto admit =
        add(directory, action, "admit",
            "agree that a member joins; more than two thirds of the members must", admission);
    CLI::App* command = directory.get_subcommand("admit");
    command->add_option("card", admit->name, "its card; with --key its name")->required();
    command->add_option("--key", admit->key,
                        "id of its first operator key, where there is no card: then it must stand "
                        "under network.peers");
    const auto remove = add(directory, action, "remove",
                            "agree that a member goes; also takes back that somebody joins",
                            [](const server::Place& place, const Options& options) {
                                return server::order_removal(place, options.name);
                            });
    directory.get_subcommand("remove")->add_option("member", remove->name)->required();
    const auto choose = add(directory, action, "choose", "after a dispute: the epoch that counts",
                            [](const server::Place& place, const Options& options) {
                                return server::order_choice(place, options.name);
                            });
    directory.get_subcommand("choose")
        ->add_option("epoch", choose->name, "its hash, 64 hexadecimal digits")
        ->required();
}

}  // namespace schwarm::cli
