// schwarm feel EXPRESSION: JSON context on standard input (may be empty), JSON result on output.
// schwarm feel --batch: one request a line, one answer a line.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "commands.hpp"
#include "limit_options.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::cli {

namespace {

struct FeelOptions {
    std::string expression;
    bool feel = false;
    bool batch = false;
    LimitOptions limits;
    feel::CompileLimits compile;
};

struct Answer {
    feel::Value value;
    feel::Diagnostics diagnostics;
};

Result<Answer> answer_to(std::string_view text, const feel::Value& input,
                         const FeelOptions& options) {
    feel::NameScope scope;
    scope.add_entries(input);
    SCHWARM_TRY(expression, feel::compile_expression(text, scope, options.compile));
    const SystemClock clock;
    Answer out;
    SystemRandom random;
    std::optional<server::Deadline> deadline;
    feel::Evaluation evaluation(&out.diagnostics, &clock, options.limits.begin(deadline));
    evaluation.set_random(&random);
    out.value = feel::evaluate(expression, feel::ContextEnvironment(input), evaluation);
    return out;
}

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
    const auto answer = answer_to(options.expression, input, options);
    if (!answer) {
        err << answer.error().text() << '\n';
        return 1;
    }
    if (!answer->diagnostics.empty()) err << answer->diagnostics.text();
    out << (options.feel ? answer->value.to_feel() : feel::to_json_text(answer->value)) << '\n';
    return 0;
}

void write_error(const Error& error, json::Writer& writer) {
    writer.begin_object();
    writer.name("error");
    writer.value(error.text());
    writer.end_object();
}

// {"expression": ..., "context": {...}} to {"value", "type", "diagnostics"} or {"error"}.
void answer_line(const std::string& line, const FeelOptions& options, json::Writer& writer) {
    const auto request = feel::from_json_text(line);
    if (!request) return write_error(request.error(), writer);
    const feel::Value expression = request->get("expression");
    if (!expression.is_string()) {
        return write_error(fail(ErrorCode::invalid_input, "\"expression\" must be a string"),
                           writer);
    }
    const auto answer = answer_to(expression.as_string(), request->get("context"), options);
    if (!answer) return write_error(answer.error(), writer);
    writer.begin_object();
    writer.name("value");
    if (options.feel) {
        writer.value(answer->value.to_feel());
    } else {
        feel::write_json(answer->value, writer);
    }
    writer.name("type");
    writer.value(feel::Type::of(answer->value)->to_string());
    if (!answer->diagnostics.empty()) {
        writer.name("diagnostics");
        writer.begin_array();
        for (const auto& one : answer->diagnostics.items()) {
            writer.value(std::to_string(one.line) + ":" + std::to_string(one.column) + ": " +
                         one.reason);
        }
        writer.end_array();
    }
    writer.end_object();
}

// False at the end of the input. A line that is too long is skipped and answered as such.
bool read_line(std::istream& in, std::string& line) {
    constexpr std::size_t kMaxBytes = 16U << 20U;
    line.clear();
    std::size_t bytes = 0;
    for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
        if (c == '\n') return true;
        if (++bytes <= kMaxBytes + 1) line += static_cast<char>(c);
    }
    return bytes != 0;
}

int run_batch(const FeelOptions& options, std::istream& in, std::ostream& out) {
    std::string line;
    while (read_line(in, line)) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        json::Writer writer;
        answer_line(line, options, writer);
        out << writer.take() << '\n' << std::flush;
    }
    return out ? 0 : 1;
}

}  // namespace

void add_feel(CLI::App& app, Action& action) {
    auto options = std::make_shared<FeelOptions>();
    auto* command = app.add_subcommand(
        "feel", "Evaluate a FEEL expression: JSON context on standard input, JSON on output");
    auto* expression = command->add_option("expression", options->expression, "the expression");
    command->add_flag("--feel", options->feel, "print the result as FEEL instead of JSON");
    command
        ->add_flag("--batch", options->batch,
                   "read lines {\"expression\": ..., \"context\": {...}}, answer each with a line "
                   "{\"value\", \"type\", \"diagnostics\"} or {\"error\"}")
        ->excludes(expression);
    add_limit_options(*command, options->limits);
    command->add_option("--max-bytes", options->compile.max_bytes, "bytes of an expression")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command->callback([options, &action] {
        if (!options->batch && options->expression.empty()) {
            throw CLI::RequiredError("expression, or --batch");
        }
        action = [options] {
            std::ios::sync_with_stdio(false);
            if (options->batch) return run_batch(*options, std::cin, std::cout);
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
