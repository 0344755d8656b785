// schwarm directory show|verify|export: the directory of the network as a node has stored it.
#include <iomanip>
#include <iostream>
#include <memory>

#include "directory_parts.hpp"
#include "place_option.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/server/directory_administration.hpp"

namespace schwarm::cli {
namespace {

using exchange::Directory;

std::string hex(const crypto::Hash& hash) {
    return crypto::hex_encode(crypto::bytes_of(hash));
}

void show_members(const Directory& directory) {
    std::cout << "members\n";
    for (const exchange::EpochMember& one : directory.tip().content.members) {
        const exchange::Chain* chain = directory.chain(one.member);
        const auto info = directory.member(one.member);
        std::cout << "  " << one.member.value() << "  " << (chain == nullptr ? 0 : chain->length())
                  << " entries  ";
        if (info.has_error()) {
            std::cout << "nothing known yet\n";
            continue;
        }
        std::cout << info->node.organisation;
        for (const std::string& address : info->node.addresses) std::cout << "  " << address;
        std::cout << "  key " << info->operator_key.kid;
        if (info->node.incarnation > 1) {
            std::cout << "  incarnation " << info->node.incarnation;
        }
        std::cout << '\n';
    }
    for (const exchange::DirectoryConsent& consent : directory.consents()) {
        std::cout << "  agreed to " << (consent.origin.empty() ? "remove " : "admit ")
                  << consent.member.value();
        if (!consent.origin.empty()) std::cout << " with the key " << consent.origin;
        std::cout << '\n';
    }
}

void show_tenants(const Directory& directory, Instant now) {
    std::cout << "tenants\n";
    for (const auto& [address, tenant] : directory.tenants(now)) {
        std::cout << "  " << address.text() << "  " << tenant.name << "  keys until "
                  << date_of(std::min(tenant.signing_until, tenant.sealing_until));
        if (tenant.suspended) std::cout << "  suspended";
        if (tenant.moved) std::cout << "  moved to " << tenant.moved->text();
        std::cout << '\n';
        for (const auto& key : directory.signing_keys(address)) {
            std::cout << "    "
                      << (key.kid == tenant.signing.kid ? "signs with " : "signed once with ")
                      << key.kid << " since " << date_of(key.since);
            if (key.withdrawn) std::cout << "  withdrawn on " << date_of(*key.withdrawn);
            std::cout << '\n';
        }
        for (const exchange::Responsibility& role : tenant.roles) {
            std::cout << "    " << role.role;
            for (const std::string& key : role.jurisdictions) std::cout << ' ' << key;
            std::cout << '\n';
        }
    }
    std::cout << "services\n";
    for (const auto& [address, service] : directory.services(now)) {
        std::cout << "  " << address.text() << "  " << service.collaboration << ' '
                  << service.version << " as " << service.role << '\n';
    }
}

void show_agreements(const Directory& directory) {
    std::cout << "agreements\n";
    for (const exchange::CheckedAgreement& one : directory.check_agreements()) {
        const exchange::Agreement& agreement = one.agreement;
        std::cout << "  " << agreement.client.text() << " asks " << agreement.provider.text()
                  << " for " << agreement.evidence << "  " << agreement.service << "  "
                  << agreement.purpose << ", " << agreement.legal_basis << "  from "
                  << date_of(agreement.from) << " until " << date_of(agreement.until)
                  << (one.lost_key ? "  signed with a key that was lost: to be signed anew"
                      : one.good   ? ""
                                   : "  not signed by both");
        if (one.withdrawn) std::cout << "  withdrawn on " << date_of(*one.withdrawn);
        std::cout << '\n';
    }
}

int show(const Where& where) {
    const auto place = where.place();
    if (place.has_error()) return refuse(place.error());
    const auto settings = where.directory_settings();
    if (settings.has_error()) return refuse(settings.error());
    const auto network =
        server::read_network(*place, server::Trusted::checkpoint, settings.value());
    if (network.has_error()) return refuse(network.error());
    const Directory& directory = *(*network)->directory;
    const Instant now = (*network)->clock.now();
    std::cout << "network " << hex(directory.founding().hash) << '\n'
              << "epoch " << directory.tip().content.epoch << " of "
              << date_of(directory.tip().content.time) << "  " << hex(directory.tip().hash) << '\n';
    if ((*network)->restored) {
        std::cout << "restored from a backup of " << date_of(*(*network)->restored)
                  << ": signs nothing before the others have said what they know\n";
    }
    show_members(directory);
    show_tenants(directory, now);
    std::cout << "evidence\n";
    for (const exchange::EvidenceProvider& one : directory.all_evidence(now)) {
        std::cout << "  " << one.provider.text() << "  " << one.evidence.type;
        for (const std::string& basis : one.evidence.legal_bases) std::cout << "  " << basis;
        std::cout << (one.evidence.preview ? "  shown to the person first\n" : "\n");
    }
    show_agreements(directory);
    const auto warnings = server::warnings_beside(*place, **network, now);
    std::cout << (warnings.empty() ? "no warnings\n" : "warnings\n");
    for (const exchange::DirectoryWarning& warning : warnings) {
        std::cout << "  " << exchange::name_of(warning.kind) << ": " << warning.text << '\n';
    }
    return 0;
}

int verify(const Where& where, bool all) {
    const auto place = where.place();
    if (place.has_error()) return refuse(place.error());
    const auto network =
        server::read_network(*place, all ? server::Trusted::nothing : server::Trusted::checkpoint);
    if (network.has_error()) return refuse(network.error());
    const server::StoredNetwork& stored = **network;
    std::cout << stored.report.entries << " entries, " << stored.report.verified
              << " signatures of entries verified, epoch " << stored.directory->tip().content.epoch
              << ", "
              << (all                        ? "nothing trusted"
                  : stored.report.checkpoint ? "by the node's own checkpoint"
                                             : "no checkpoint")
              << ", " << std::fixed << std::setprecision(3) << stored.seconds << " s\n";
    if (!all) return 0;
    std::size_t good = 0;
    std::size_t unknown = 0;
    bool holds = true;
    for (const exchange::CheckedAgreement& one : stored.directory->check_agreements()) {
        good += one.good ? 1 : 0;
        unknown += one.known ? 0 : 1;
        if (one.good || !one.known || one.lost_key) continue;
        holds = false;
        std::cout << "  entry " << one.number << " of " << one.member.value()
                  << ": not signed by both " << one.agreement.client.text() << " and "
                  << one.agreement.provider.text() << '\n';
    }
    std::cout << good << " agreements hold, " << unknown << " name a tenant that is not known\n"
              << (holds ? "everything holds\n" : "not everything holds\n");
    return holds ? 0 : 1;
}

}  // namespace

void add_directory(CLI::App& app, Action& action) {
    struct Options {
        Where where;
        bool all = false;
        std::string out;
    };
    CLI::App* directory =
        app.add_subcommand("directory", "the directory of the network; the node may go on");
    directory->require_subcommand(1);
    auto options = std::make_shared<Options>();
    CLI::App* command = directory->add_subcommand(
        "show", "members, epoch, tenants, services and what an operator must see to");
    options->where.add_to(*command);
    command->callback([options, &action] { action = [options] { return show(options->where); }; });
    command = directory->add_subcommand(
        "verify", "check chains and epochs against the node's own signed checkpoint");
    options->where.add_to(*command);
    command->add_flag("--all", options->all,
                      "trust nothing: verify every signature, of agreements too");
    command->callback([options, &action] {
        action = [options] { return verify(options->where, options->all); };
    });
    command = directory->add_subcommand(
        "export", "write a file with which others verify the directory and what rests upon it");
    options->where.add_to(*command);
    command->add_option("--out", options->out, "new file")->required();
    command->callback([options, &action] {
        action = [options] {
            const auto place = options->where.place();
            if (place.has_error()) return refuse(place.error());
            return report(server::export_network(*place, options->out), "written: " + options->out);
        };
    });
    add_agree(*directory, action);
    add_orders(*directory, action);
    add_cards(*directory, action);
}

}  // namespace schwarm::cli
