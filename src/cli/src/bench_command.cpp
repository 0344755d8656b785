// bench: how fast this program is on this machine.
#include <iostream>
#include <memory>
#include <string>

#include "applications.hpp"
#include "audit.hpp"
#include "commands.hpp"
#include "decisions.hpp"
#include "documents.hpp"
#include "engine.hpp"
#include "engine_mass.hpp"
#include "engine_worker.hpp"
#include "exchange.hpp"
#include "journey.hpp"
#include "redecide.hpp"
#include "rule_table.hpp"

namespace schwarm::cli {
namespace {

int report(const Result<void>& result) {
    if (result.has_value()) return 0;
    std::cerr << "schwarm: " << result.error().text() << '\n';
    return 1;
}

void add_decisions(CLI::App& command, Action& action) {
    auto options = std::make_shared<bench::DecisionsOptions>();
    options->suite = "../shared/data/dmn-tck";
    options->reference = "../shared/data/dmn-times/dsntk-0.0.4-ryzen5-4600g.txt";
    CLI::App* decisions = command.add_subcommand(
        "decisions", "time of one evaluation, over the cases of the DMN TCK");
    decisions->add_flag("--json", options->json, "report as JSON");
    decisions->add_option("--suite", options->suite, "folder of the TCK")->capture_default_str();
    decisions->add_option("--reference", options->reference,
                          "`cargo bench` output to set beside it");
    decisions->add_option("--cases", options->cases, "write a CSV line for each test case");
    decisions->add_flag("!--no-folding", options->fold_constants,
                        "also measure what is usually computed while compiling");
    decisions->add_option("--filter", options->filter, "only folders whose path contains this");
    decisions->callback([options, &action] {
        action = [options] { return report(bench::bench_decisions(*options)); };
    });
}

void add_table(CLI::App& bench, Action& action) {
    auto options = std::make_shared<bench::RuleTableOptions>();
    CLI::App* table =
        bench.add_subcommand("table", "how long a large decision table takes to answer");
    table->add_flag("--json", options->json, "report as JSON");
    table->add_option("--rules", options->rules, "of each table")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    table->add_option("--evaluations", options->evaluations, "measured, of each table")
        ->check(CLI::Range(1, 10'000'000))
        ->capture_default_str();
    table->callback([options, &action] {
        action = [options] { return report(bench::bench_rule_table(*options)); };
    });
}

void add_redecide(CLI::App& bench, Action& action) {
    auto options = std::make_shared<bench::RedecideOptions>();
    CLI::App* redecide = bench.add_subcommand(
        "redecide", "all Wohngeld cases decided again on new, made-up parameters");
    redecide->add_flag("--json", options->json, "report as JSON");
    redecide->add_option("--cases", options->cases, "how many")
        ->check(CLI::Range(1, 10'000'000))
        ->capture_default_str();
    redecide->add_option("--threads", options->threads, "that decide")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    redecide->add_option("--seed", options->seed, "of the households")->capture_default_str();
    redecide->add_option("--share", options->share, "by which the parameters change")
        ->capture_default_str();
    redecide->add_option("--folder", options->folder,
                         "for the database; on the disk to be measured (default: /var/tmp)");
    redecide->add_option("--keep", options->keep,
                         "keep the database in this folder; an interrupted run goes on there");
    redecide->add_option("--packages", options->packages, "folder of the service packages");
    redecide->add_flag("--progress", options->progress, "a line after each commit, on stderr");
    redecide->callback([options, &action] {
        action = [options] { return report(bench::bench_redecide(*options)); };
    });
}

void add_engine(CLI::App& bench, Action& action) {
    auto options = std::make_shared<bench::EngineOptions>();
    auto only = std::make_shared<std::vector<std::string>>();
    CLI::App* engine = bench.add_subcommand(
        "engine", "processes: instances, tasks and flow nodes a second, and many at once");
    engine->add_flag("--json", options->json, "report as JSON");
    engine->add_option("--only", *only, "a part; several times for several")
        ->check(CLI::IsMember({"a", "b", "c", "waiting", "timers", "incidents"}));
    engine->add_option("--seconds", options->seconds, "of each rate")
        ->check(CLI::Range(0.5, 3600.0))
        ->capture_default_str();
    engine->add_option("--in-flight", options->in_flight, "commands under way in process")
        ->check(CLI::Range(1, 4000))
        ->capture_default_str();
    engine->add_option("--waiting", options->waiting, "instances")->capture_default_str();
    engine->add_option("--timers", options->timers, "due at once")->capture_default_str();
    engine->add_option("--incidents", options->incidents, "resolved in one call")
        ->capture_default_str();
    engine->add_option("--folder", options->folder,
                       "for the databases; on the disk to be measured (default: /var/tmp)");
    engine->callback([options, only, &action] {
        options->only = {only->begin(), only->end()};
        action = [options] { return report(bench::bench_engine(*options)); };
    });
}

void add_exchange(CLI::App& bench, Action& action) {
    auto options = std::make_shared<bench::ExchangeOptions>();
    CLI::App* exchange = bench.add_subcommand(
        "exchange",
        "requests for evidence a second between two nodes, beside what cryptography "
        "allows, and while others are absent");
    exchange->add_flag("--json", options->json, "report as JSON");
    exchange->add_option("--seconds", options->seconds, "of the rate")
        ->check(CLI::Range(0.5, 3600.0))
        ->capture_default_str();
    exchange->add_option("--in-flight", options->in_flight, "requests under way")
        ->check(CLI::Range(1, 2000))
        ->capture_default_str();
    exchange->add_option("--waiting", options->waiting, "deliveries to absent members; 0: none")
        ->capture_default_str();
    exchange->add_option("--absent", options->absent, "members")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    exchange->add_option("--runs", options->runs, "with and without what waits")
        ->check(CLI::Range(1, 99))
        ->capture_default_str();
    exchange->add_option("--run-seconds", options->run_seconds, "of each of them")
        ->check(CLI::Range(0.5, 3600.0))
        ->capture_default_str();
    exchange->add_option("--run-in-flight", options->run_in_flight, "requests under way in them")
        ->check(CLI::Range(1, 2000))
        ->capture_default_str();
    exchange->add_option("--folder", options->folder,
                         "for the databases; on the disk to be measured (default: /var/tmp)");
    exchange->callback([options, &action] {
        action = [options] { return report(bench::bench_exchange(*options)); };
    });
}

void add_documents(CLI::App& bench, Action& action) {
    auto options = std::make_shared<bench::DocumentsOptions>();
    CLI::App* documents = bench.add_subcommand(
        "documents", "one long document over a link that breaks, and the memory it takes");
    documents->add_flag("--json", options->json, "report as JSON");
    documents->add_option("--megabytes", options->megabytes, "of the document")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    documents->add_option("--breaks", options->breaks, "of the link")
        ->check(CLI::Range(0, 1000))
        ->capture_default_str();
    documents->add_option("--folder", options->folder,
                          "for the databases; on the disk to be measured (default: /var/tmp)");
    documents->callback([options, &action] {
        action = [options] { return report(bench::bench_documents(*options)); };
    });
}

void add_audit_log(CLI::App& bench, Action& action) {
    auto options = std::make_shared<bench::AuditOptions>();
    CLI::App* audit =
        bench.add_subcommand("audit", "signing, verifying and proving a long audit log");
    audit->add_flag("--json", options->json, "report as JSON");
    audit->add_option("--lines", options->lines, "of the log")
        ->check(CLI::Range(1'000, 100'000'000))
        ->capture_default_str();
    audit->add_option("--folder", options->folder,
                      "for the database; on the disk to be measured (default: /var/tmp)");
    audit->callback([options, &action] {
        action = [options] { return report(bench::bench_audit(*options)); };
    });
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("bench", "measure this program on this machine");
    command->require_subcommand(1);
    auto options = std::make_shared<bench::ApplicationsOptions>();
    CLI::App* applications = command->add_subcommand(
        "applications", "durably stored, decided Wohngeld applications a second");
    applications->add_flag("--json", options->json, "report as JSON");
    applications->add_option("--seconds", options->seconds, "of each measurement")
        ->check(CLI::Range(0.5, 3600.0))
        ->capture_default_str();
    applications->add_option("--connections", options->connections, "of the load generator")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    applications->add_option("--in-flight", options->in_flight, "applications under way in process")
        ->check(CLI::Range(1, 4000))
        ->capture_default_str();
    applications->add_option("--folder", options->folder,
                             "for the databases; on the disk to be measured (default: /var/tmp)");
    applications->add_option("--packages", options->packages, "folder of the service packages");
    auto journey = std::make_shared<bool>(false);
    applications->add_flag("--journey", *journey,
                           "all pages of the portal with saved drafts, instead of POST");
    applications->callback([options, journey, &action] {
        action = [options, journey] {
            return report(*journey ? bench::bench_journey(*options)
                                   : bench::bench_applications(*options));
        };
    });
    add_decisions(*command, action);
    add_table(*command, action);
    add_redecide(*command, action);
    add_engine(*command, action);
    add_exchange(*command, action);
    add_documents(*command, action);
    add_audit_log(*command, action);
    CLI::App* generator = command->add_subcommand("load-generator", "");
    generator->group("");
    generator->callback([&action] { action = [] { return report(bench::run_load_process()); }; });
    CLI::App* start = command->add_subcommand("engine-start", "");
    start->group("");
    start->callback([&action] { action = [] { return report(bench::run_engine_start()); }; });
    CLI::App* worker = command->add_subcommand("engine-worker", "");
    worker->group("");
    worker->callback([&action] { action = [] { return report(bench::run_engine_worker()); }; });
    CLI::App* visitors = command->add_subcommand("journey-generator", "");
    visitors->group("");
    visitors->callback([&action] { action = [] { return report(bench::run_journey_process()); }; });
}

}  // namespace schwarm::cli
