// schwarm directory card|found|peers: what is needed before there is a directory.
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "directory_parts.hpp"
#include "place_option.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/server/membership_card.hpp"

namespace schwarm::cli {
namespace {

// More than two thirds of three are three.
constexpr std::size_t kFoundersAdvised = 4;

Result<void> write_new(const std::string& file, const std::string& text) {
    std::error_code ec;
    if (std::filesystem::exists(file, ec)) {
        return fail(ErrorCode::conflict, "the file is there already", file);
    }
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) return fail(ErrorCode::unavailable, "the file cannot be written", file);
    return {};
}

Result<std::vector<server::MembershipCard>> load_cards(const std::vector<std::string>& files) {
    std::vector<server::MembershipCard> out;
    for (const std::string& file : files) {
        SCHWARM_TRY(card, server::load_card(file));
        out.push_back(std::move(card));
    }
    return out;
}

int card(const std::string& file, const std::string& out) {
    const auto config = server::load_config(file);
    if (config.has_error()) return refuse(config.error());
    const auto made = server::make_card(config.value());
    if (made.has_error()) return refuse(made.error());
    const auto read = server::read_card(made.value());
    if (read.has_error()) return refuse(read.error());
    const auto written = write_new(out, made.value());
    if (written.has_error()) return refuse(written.error());
    std::cout << "written: " << out << "\nmember " << read->member.value() << "  operator key "
              << read->key.kid << '\n';
    return 0;
}

int found(const std::vector<std::string>& files, const std::string& out) {
    auto cards = load_cards(files);
    if (cards.has_error()) return refuse(cards.error());
    const std::size_t count = cards->size();
    const auto text = server::found_network(std::move(cards.value()));
    if (text.has_error()) return refuse(text.error());
    const auto written = write_new(out, text.value());
    if (written.has_error()) return refuse(written.error());
    std::cout << "written: " << out << "\nnetwork "
              << crypto::hex_encode(crypto::bytes_of(crypto::sha256(text.value()))) << "  " << count
              << " members\n";
    if (count < kFoundersAdvised) {
        std::cout << "with fewer than four members every one of them must agree to whatever is "
                     "changed\n";
    }
    return 0;
}

int peers(const std::vector<std::string>& files, const std::string& out) {
    const auto cards = load_cards(files);
    if (cards.has_error()) return refuse(cards.error());
    return report(write_new(out, server::write_peers(cards.value())), "written: " + out);
}

void add_of_cards(CLI::App& directory, Action& action, const char* name, const char* about,
                  int (*run)(const std::vector<std::string>&, const std::string&)) {
    auto cards = std::make_shared<std::vector<std::string>>();
    auto out = std::make_shared<std::string>();
    CLI::App* command = directory.add_subcommand(name, about);
    command->add_option("--out", *out, "new file")->required();
    command->add_option("cards", *cards, "cards of the members")->required();
    command->callback(
        [cards, out, run, &action] { action = [cards, out, run] { return run(*cards, *out); }; });
}

}  // namespace

void add_cards(CLI::App& directory, Action& action) {
    auto config = std::make_shared<std::string>();
    auto out = std::make_shared<std::string>();
    CLI::App* command = directory.add_subcommand(
        "card", "what others need to know of this node; makes its keys if it has never run");
    command->add_option("--config", *config, "configuration file of the node")->required();
    command->add_option("--out", *out, "new file, for the operators of the others")->required();
    command->callback(
        [config, out, &action] { action = [config, out] { return card(*config, *out); }; });
    add_of_cards(directory, action, "found",
                 "write the founding file of a new network; once, for all of its members", found);
    add_of_cards(directory, action, "peers",
                 "write the file that 'network.peers' may name: where these members are found",
                 peers);
}

}  // namespace schwarm::cli
