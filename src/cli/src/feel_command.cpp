// schwarm feel EXPRESSION: JSON context on standard input (may be empty), JSON result on output.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "commands.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::cli {

namespace {

struct FeelOptions {
    std::string expression;
    bool feel = false;
};

int run_feel(const FeelOptions& options, const std::string& context, std::ostream& out,
             std::ostream& err) {
    auto input = feel::Value::context({});
    if (context.find_first_not_of(" \t\r\n") != std::string::npos) {
        auto parsed = feel::from_json_text(context);
        if (!parsed) {
            err << parsed.error().text() << '\n';
            return 1;
        }
        input = std::move(*parsed);
    }
    feel::NameScope scope;
    scope.add_entries(input);
    const auto expression = feel::compile_expression(options.expression, scope);
    if (!expression) {
        err << expression.error().text() << '\n';
        return 1;
    }
    const SystemClock clock;
    SystemRandom random;
    feel::Diagnostics diagnostics;
    feel::Evaluation evaluation(&diagnostics, &clock);
    evaluation.set_random(&random);
    const auto value = feel::evaluate(*expression, feel::ContextEnvironment(input), evaluation);
    if (!diagnostics.empty()) err << diagnostics.text();
    out << (options.feel ? value.to_feel() : feel::to_json_text(value)) << '\n';
    return 0;
}

}  // namespace

void add_feel(CLI::App& app, Action& action) {
    auto options = std::make_shared<FeelOptions>();
    auto* command = app.add_subcommand(
        "feel", "Evaluate a FEEL expression: JSON context on standard input, JSON on output");
    command->add_option("expression", options->expression, "the expression")->required();
    command->add_flag("--feel", options->feel, "print the result as FEEL instead of JSON");
    command->callback([options, &action] {
        action = [options] {
            std::string context;
            if (isatty(STDIN_FILENO) == 0) {
                context.assign(std::istreambuf_iterator<char>(std::cin),
                               std::istreambuf_iterator<char>());
            }
            return run_feel(*options, context, std::cout, std::cerr);
        };
    });
}

}  // namespace schwarm::cli
