// schwarm eval MODEL.dmn DECISION: JSON context on standard input, JSON result on standard output.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "commands.hpp"
#include "limit_options.hpp"
#include "schwarm/dmn/files.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/json/json.hpp"
#include "trace_output.hpp"

namespace schwarm::cli {

namespace {

struct EvalOptions {
    std::string model;
    std::string decision;
    bool all = false;
    bool trace = false;
    bool explain = false;
    LimitOptions limits;
};

int complain(std::ostream& err, const Error& error) {
    err << error.text() << '\n';
    return 1;
}

int eval(const EvalOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
    const std::filesystem::path path = options.model;
    auto file = dmn::read_file(path);
    if (!file) return complain(err, file.error());
    const auto program =
        dmn::Program::load(std::move(*file), dmn::resolver_beside(path.parent_path()));
    if (!program) return complain(err, program.error());
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    feel::Value input = feel::Value::context({});
    if (text.find_first_not_of(" \t\r\n") != std::string::npos) {
        auto parsed = feel::from_json_text(text);
        if (!parsed) return complain(err, parsed.error());
        input = std::move(*parsed);
    }
    const SystemClock clock;
    SystemRandom random;
    dmn::EvaluationOptions evaluation;
    evaluation.clock = &clock;
    evaluation.random = &random;
    evaluation.decisions = options.all;
    evaluation.trace = options.trace || options.explain;
    std::optional<server::Deadline> deadline;
    evaluation.limits = options.limits.begin(deadline);
    const auto outcome = program->evaluate(options.decision, input, evaluation);
    if (!outcome) return complain(err, outcome.error());
    if (options.explain) {
        out << trace_text(*outcome);
        return 0;
    }
    if (options.trace) {
        out << json::to_pretty_string(trace_json(options.decision, *program, *outcome)) << '\n';
        return 0;
    }
    for (const auto& diagnostic : outcome->diagnostics) {
        const bool is_note = diagnostic.severity == feel::Diagnostic::Severity::note;
        err << diagnostic.subject << ": " << (is_note ? "note: " : "") << diagnostic.reason << '\n';
    }
    out << feel::to_json_text(options.all ? outcome->decisions : outcome->value) << '\n';
    return 0;
}

}  // namespace

void add_eval(CLI::App& app, Action& action) {
    auto options = std::make_shared<EvalOptions>();
    auto* command = app.add_subcommand(
        "eval", "Evaluate a decision: JSON context on standard input, JSON result on output");
    command->add_option("model", options->model, "the model, MODEL.dmn")->required();
    command->add_option("decision", options->decision, "name or id of the decision")->required();
    command->add_flag("--all", options->all, "the results of all decisions that it needs");
    auto* const trace = command->add_flag(
        "--trace", options->trace,
        "everything that happened as JSON: steps, inputs, rules that matched, nulls");
    command->add_flag("--explain", options->explain, "the same as text for people")
        ->excludes(trace);
    add_limit_options(*command, options->limits);
    command->callback([options, &action] {
        action = [options] { return eval(*options, std::cin, std::cout, std::cerr); };
    });
}

}  // namespace schwarm::cli
