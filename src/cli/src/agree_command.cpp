// schwarm directory agree: agreements that the directory is to hold, or no longer.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "directory_parts.hpp"
#include "order_option.hpp"
#include "place_option.hpp"
#include "schwarm/server/agreement_administration.hpp"

namespace schwarm::cli {
namespace {

struct Terms {
    Where where;
    std::string client;
    std::string provider;
    std::string service;
    std::string purpose;
    std::string legal_basis;
    std::string evidence;
    std::string from;
    std::string until;
    std::string out;
};

// Midnight of a day in UTC, or "2026-03-01T10:30:00Z".
Result<Instant> instant_of(const std::string& text, const char* option) {
    if (const auto date = Date::parse(text)) {
        return DateTime{*date, *Time::from_parts(0, 0, 0, 0, Zone::utc())}.to_instant();
    }
    if (const auto at = DateTime::parse(text)) return at->to_instant();
    return fail(ErrorCode::invalid_input, "this is a day as 2026-03-01", option);
}

Result<exchange::Agreement> agreement_of(const Terms& terms) {
    SCHWARM_TRY(client, exchange::parse_address(terms.client));
    SCHWARM_TRY(provider, exchange::parse_address(terms.provider));
    Instant from = SystemClock().now();
    if (!terms.from.empty()) {
        SCHWARM_TRY(given, instant_of(terms.from, "--from"));
        from = given;
    }
    SCHWARM_TRY(until, instant_of(terms.until, "--until"));
    return exchange::Agreement{
        client,         provider, terms.service, terms.purpose, terms.legal_basis,
        terms.evidence, from,     until};
}

int write_half(const std::string& file, const server::AgreementFile& half) {
    std::error_code ec;
    if (std::filesystem::exists(file, ec)) {
        return refuse(fail(ErrorCode::conflict, "the file is there already", file));
    }
    std::ofstream out(file, std::ios::binary);
    out << server::write_agreement_file(half);
    out.close();
    if (!out) return refuse(fail(ErrorCode::unavailable, "the file cannot be written", file));
    std::cout << "written: " << file << '\n';
    return 0;
}

int offer(const Terms& terms) {
    const auto place = terms.where.place();
    if (place.has_error()) return refuse(place.error());
    const auto agreement = agreement_of(terms);
    if (agreement.has_error()) return refuse(agreement.error());
    const auto half = server::offer_agreement(*place, *agreement);
    if (half.has_error()) return refuse(half.error());
    return write_half(terms.out, *half);
}

void print(const server::AgreementFile& file) {
    const exchange::Agreement& a = file.agreement;
    std::cout << "client       " << a.client.text() << "\nprovider     " << a.provider.text()
              << "\nevidence     " << a.evidence << "\nservice      " << a.service
              << "\npurpose      " << a.purpose << "\nlegal basis  " << a.legal_basis
              << "\nfrom         " << date_of(a.from) << "\nuntil        " << date_of(a.until)
              << '\n';
}

int accept(const Where& where, const std::string& file) {
    const auto place = where.place();
    if (place.has_error()) return refuse(place.error());
    auto half = server::load_agreement_file(file);
    if (half.has_error()) return refuse(half.error());
    const auto whole = server::accept_agreement(*place, std::move(*half));
    if (whole.has_error()) return refuse(whole.error());
    print(*whole);
    std::cout << "signed; the node enters it into the directory within seconds, or when it is "
                 "started\n";
    return 0;
}

int look(const std::string& file) {
    const auto read = server::load_agreement_file(file);
    if (read.has_error()) return refuse(read.error());
    print(*read);
    std::cout << "signed by    " << (read->client_signature.empty() ? "" : "client ")
              << (read->provider_signature.empty() ? "" : "provider") << " (not verified)\n";
    return 0;
}

struct Withdrawal {
    Where where;
    Patience patience;
    std::string client;
    std::string provider;
    std::string evidence;
    std::string service;
    std::string reason = "ended by one side";
};

Result<json::Value> withdrawal(const server::Place& place, const Withdrawal& options) {
    server::AgreementChoice choice;
    SCHWARM_TRY(client, exchange::parse_address(options.client));
    SCHWARM_TRY(provider, exchange::parse_address(options.provider));
    choice.client = client;
    choice.provider = provider;
    choice.evidence = options.evidence;
    choice.service = options.service;
    return server::order_withdrawal(place, choice, options.reason);
}

void add_withdraw(CLI::App& agree, Action& action) {
    auto options = std::make_shared<Withdrawal>();
    CLI::App* command = agree.add_subcommand(
        "withdraw", "end an agreement at once; either of the two may, and it does not come back");
    options->where.add_to(*command);
    options->patience.add_to(*command);
    command->add_option("--client", options->client, "who asks: tenant@member")->required();
    command->add_option("--provider", options->provider, "whose register it is")->required();
    command->add_option("--evidence", options->evidence, "if there are several between the two");
    command->add_option("--service", options->service, "likewise");
    command->add_option("--reason", options->reason, "for the directory; every member can read it")
        ->capture_default_str();
    command->callback([options, &action] {
        action = [options] {
            return give(options->where, options->patience,
                        [&](const server::Place& place) { return withdrawal(place, *options); });
        };
    });
}

}  // namespace

void add_agree(CLI::App& directory, Action& action) {
    CLI::App* agree = directory.add_subcommand(
        "agree", "agreements under which a tenant asks another one for evidence over X-Road");
    agree->require_subcommand(1);
    auto terms = std::make_shared<Terms>();
    CLI::App* command = agree->add_subcommand("offer", "sign as one of the two, into a file");
    terms->where.add_to(*command);
    command->add_option("--client", terms->client, "who asks: tenant@member")->required();
    command->add_option("--provider", terms->provider, "whose register it is")->required();
    command->add_option("--service", terms->service, "name of the service that needs it")
        ->required();
    command->add_option("--purpose", terms->purpose)->required();
    command->add_option("--legal-basis", terms->legal_basis)->required();
    command->add_option("--evidence", terms->evidence, "kind of evidence")->required();
    command->add_option("--from", terms->from, "first day, in UTC; without it: now");
    command->add_option("--until", terms->until, "first day on which it does not hold")->required();
    command->add_option("--out", terms->out, "new file for the other operator")->required();
    command->callback([terms, &action] { action = [terms] { return offer(*terms); }; });

    auto where = std::make_shared<Where>();
    auto file = std::make_shared<std::string>();
    command = agree->add_subcommand("show", "what such a file says");
    command->add_option("file", *file)->required();
    command->callback([file, &action] { action = [file] { return look(*file); }; });
    command = agree->add_subcommand("accept", "sign what the other one has signed");
    where->add_to(*command);
    command->add_option("file", *file)->required();
    command->callback(
        [where, file, &action] { action = [where, file] { return accept(*where, *file); }; });
    add_withdraw(*agree, action);
}

}  // namespace schwarm::cli
