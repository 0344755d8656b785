// Decisions after DMN 1.1 to 1.5: one set of model files, compiled once, evaluated many times.
// The header to read first.
//
//   SCHWARM_TRY(program, dmn::Program::load_set({{"wohngeld.dmn", text}}));
//   SCHWARM_TRY(outcome, program.evaluate("Wohngeldbetrag", input));
//   outcome.value ...
//
// A Program is immutable and may be used by many threads at once; copying shares it. Failures at
// run time are FEEL nulls with diagnostics in the Outcome, never exceptions; an Error is answered
// only when there is no such decision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/dmn/trace.hpp"
#include "schwarm/feel/evaluation.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::dmn {

struct SourceFile {
    std::string name;  // as errors shall name it: "wohngeld.dmn"
    std::string text;
};

// Finds the model of a namespace that is imported but not in the set; location may be empty.
using ImportResolver =
    std::function<Result<SourceFile>(std::string_view name_space, std::string_view location)>;

struct LoadLimits {
    std::size_t file_bytes = 16U << 20U;
    std::size_t files = 64;
    std::size_t expressions = 500'000;   // cells, texts; of the whole set
    std::size_t plan_steps = 5'000'000;  // sum over all decisions of the decisions each needs
    bool fold_constants = true;          // off only to measure without it
};

// Something to say about a model without running it.
struct Finding {
    enum class Severity : std::uint8_t {
        error,    // some input, or every one, fails
        warning,  // probably not meant
        note,     // what a check could not say, or not for certain
    };
    enum class Kind : std::uint8_t {
        name,          // nothing provides it
        missing_type,  // no data type is declared
        missing_logic,
        type,         // kinds of values that do not go together
        value,        // not among the allowed values
        overlap,      // rules that match together against the hit policy
        unreachable,  // a rule that can never decide
        gap,          // an input that no rule matches
        duplicate,    // a rule that says what another one says
        not_analysed,
        refused,  // the model cannot be loaded
    };
    Severity severity = Severity::warning;
    std::string where;  // "file.dmn:12:4 element id"
    std::string message;
    Kind kind = Kind::name;
    feel::Value example{};  // the input that shows it, as a context; null if there is none
};

struct EvaluationOptions {
    bool trace = false;
    // For what is kept rather than looked at, at a fraction of the cost: no inputs of steps, no
    // calls and entries; tables that matched stand in the decision that called for them.
    bool trace_rules_only = false;
    std::size_t trace_max = 10'000;  // steps, calls, tables and entries; then trace_dropped counts
    bool decisions = false;          // fill Outcome::decisions
    // Collect why parts became null. Without, evaluating takes about two thirds of the time where
    // much is optional: for many cases at once, asking again with it when a result is null.
    bool diagnostics = true;
    const Clock* clock = nullptr;  // for now() and today(), which are null without one
    Random* random = nullptr;      // for uuid() and random number(), null without one
    feel::EvaluationLimits limits;
    // Values for the input data of one model of the set, where names alone are not enough:
    // namespace and context.
    std::vector<std::pair<std::string, feel::Value>> inputs_of_namespace;
};

class Program;

struct Outcome {
    // Keeps alive what function values refer to; first, so that it goes last.
    std::shared_ptr<const void> owner;
    feel::Value value;
    // The result of every decision that was evaluated, in the order of evaluation, by name
    // (only with EvaluationOptions::decisions).
    feel::Value decisions;
    std::vector<feel::Diagnostic> diagnostics;
    std::size_t diagnostics_dropped = 0;
    // Only with EvaluationOptions::trace: the decisions in the order of evaluation; what they
    // called stands within them.
    std::vector<TraceStep> trace;
    std::vector<TracedNull> trace_nulls;  // outside every step: missing or unfit input data
    std::size_t trace_dropped = 0;
};

enum class InvocableKind : std::uint8_t { decision, decision_service, business_knowledge_model };

// Something that can be evaluated by name.
struct Invocable {
    InvocableKind kind = InvocableKind::decision;
    std::string name;
    std::string id;
    std::string name_space;
    std::string file;
    std::string result_type;  // FEEL text, "Any" if not declared
    // What it needs from outside, transitively: name and type.
    std::vector<std::pair<std::string, std::string>> inputs;
    // Of services: with more than one the result is a context.
    std::size_t outputs = 1;
};

namespace detail {
struct ProgramData;
}

class Program {
  public:
    // The files are one set: imports are resolved among them, then by the resolver.
    // Errors name file, line, column, element and reason: not_well_formed, unsupported (an
    // element that DMN does not know), unresolved (a reference, an import, a type),
    // invalid_input (an expression that does not parse, something required that is missing),
    // limit_exceeded.
    static Result<Program> load_set(std::vector<SourceFile> files,
                                    const ImportResolver& resolver = {},
                                    const LoadLimits& limits = {});
    static Result<Program> load(SourceFile file, const ImportResolver& resolver = {},
                                const LoadLimits& limits = {});

    // `name`: name or id of a decision, decision service or business knowledge model; in a set
    // with equal names "namespace#id" or "namespace#name". The entries of `input` are the input
    // data by name (imported ones also as entries of a context under the import's name); an entry
    // with the name of a required decision is not looked at.
    // For services and knowledge models the entries are the parameters.
    // Errors: not_found, conflict (several of this name).
    Result<Outcome> evaluate(std::string_view name, const feel::Value& input,
                             const EvaluationOptions& options = {}) const;

    // A position in invocables(), for evaluating without looking up the name.
    Result<std::size_t> find(std::string_view name) const;
    Outcome evaluate(std::size_t invocable, const feel::Value& input,
                     const EvaluationOptions& options = {}) const;

    const std::vector<Invocable>& invocables() const;

    // A table and a rule (from 1) of it by TableMatch::key, so that the texts of a trace need not
    // be kept with it. Valid as long as the program. not_found if there is none.
    Result<TableText> table(std::string_view key) const;
    Result<RuleMatch> rule(std::string_view key, std::size_t number) const;
    // SHA-256 over names and bytes of all files of the set, in hex: equal sets, equal text.
    const std::string& fingerprint() const;
    // What loading noticed: names that nothing provides, missing data types and logic. check.hpp
    // finds more.
    const std::vector<Finding>& findings() const;

  private:
    friend struct CheckedLoader;
    explicit Program(std::shared_ptr<const detail::ProgramData> data);
    std::shared_ptr<const detail::ProgramData> data_;
};

}  // namespace schwarm::dmn
