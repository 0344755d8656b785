#include "schwarm/dmn/program.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "program_data.hpp"
#include "schwarm/base/check.hpp"
#include "table.hpp"

namespace schwarm::dmn {

namespace detail {

FunctionStore::~FunctionStore() {
    for (auto* function : functions_) function->clear_captured();
    for (auto* function : all_) delete function;
}

feel::Value FunctionStore::add(std::unique_ptr<FunctionValue> function) {
    functions_.push_back(function.get());
    all_.push_back(function.get());
    feel::Value value{std::unique_ptr<feel::Function>(std::move(function))};
    value.make_immortal();
    return value;
}

feel::Value FunctionStore::add(std::unique_ptr<ServiceFunction> function) {
    all_.push_back(function.get());
    feel::Value value{std::unique_ptr<feel::Function>(std::move(function))};
    value.make_immortal();
    return value;
}

namespace {

using feel::Value;

feel::Value inputs_of(const ProgramData& data, const Node& node, const Plan::Step& step,
                      std::span<const Value> values) {
    feel::ContextBuilder out;
    for (std::size_t i = 0; i < node.requirements.size(); ++i) {
        out.set(data.nodes[node.requirements[i]].key, values[step.sources[i]]);
    }
    return out.build();
}

void fill_frame(const Node& node, const Plan::Step& step, std::span<const Value> values,
                const Value& input, Frame frame, feel::Evaluation& evaluation) {
    for (const auto& source : node.sources) {
        frame[source.slot] = values[step.sources[source.requirement]];
    }
    for (const auto& [slot, value] : node.constants) frame[slot] = value;
    for (const auto& import : node.imports) {
        feel::ContextBuilder context;
        for (const auto& entry : import.entries) {
            context.set(entry.key, entry.is_constant ? entry.constant
                                                     : values[step.sources[entry.requirement]]);
        }
        frame[import.slot] = context.build();
    }
    for (const auto& [slot, key] : node.free_names) {
        const auto* found = input.is_context() ? input.as_context().find(key) : nullptr;
        if (found != nullptr) {
            frame[slot] = *found;
        } else {
            frame[slot] = evaluation.note(fmt::format("there is no value for '{}'", key.text()));
        }
    }
}

Value run_decision(const Node& node, const Plan::Step& step, std::span<const Value> values,
                   const Value& input, feel::Evaluation& evaluation) {
    if (!node.logic) {
        return evaluation.null(fmt::format("the decision '{}' has no logic", node.name));
    }
    feel::Slots storage(evaluation, node.frame_size);
    const Frame frame = storage;
    fill_frame(node, step, values, input, frame, evaluation);
    return node.type->conform_or_null(node.logic->run(frame, evaluation), "the result", evaluation);
}

}  // namespace

void run_steps(const ProgramData& data, const Plan& plan, std::span<Value> values,
               const Value& input, feel::Evaluation& evaluation) {
    auto* diagnostics = evaluation.diagnostics();
    auto* recorder = current_recorder();
    for (const auto& step : plan.steps) {
        const auto& node = data.nodes[step.node];
        if (!evaluation.step()) return;
        if (diagnostics != nullptr) diagnostics->set_subject(node.name);
        if (recorder == nullptr) {
            values[step.slot] = run_decision(node, step, values, input, evaluation);
            continue;
        }
        Recording recording(*recorder, StepKind::decision, node.name, node.id, &node.place);
        values[step.slot] = run_decision(node, step, values, input, evaluation);
        if (recorder->full()) recording.set_inputs(inputs_of(data, node, step, values));
        recording.set_result(values[step.slot]);
    }
}

feel::Value ServiceFunction::call(std::span<const Value> arguments,
                                  feel::Evaluation& evaluation) const {
    CHECK(data_ != nullptr, "a decision service without its plan");
    auto* const recorder = current_recorder();
    if (recorder == nullptr || !recorder->full()) return run(arguments, evaluation);
    const auto& node = data_->nodes[node_];
    Recording recording(*recorder, StepKind::decision_service, node.name, node.id, &node.place);
    recording.set_inputs(parameters_, arguments);
    auto value = run(arguments, evaluation);
    recording.set_result(value);
    return value;
}

feel::Value ServiceFunction::run(std::span<const Value> arguments,
                                 feel::Evaluation& evaluation) const {
    const auto& plan = data_->plans[plan_];
    feel::Slots values(evaluation, plan.size);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& parameter = data_->nodes[plan.inputs[i].node];
        auto value = parameter.type->conform(arguments[i], evaluation);
        if (!value) {
            return evaluation.null(fmt::format("the argument '{}' of {} does not fit its type",
                                               parameter.name, name_));
        }
        values[plan.inputs[i].slot] = std::move(*value);
    }
    std::string_view subject;
    if (evaluation.diagnostics() != nullptr) subject = evaluation.diagnostics()->subject();
    run_steps(*data_, plan, values, Value(), evaluation);
    if (evaluation.diagnostics() != nullptr) {
        evaluation.diagnostics()->set_subject(subject);
    }
    if (plan.results.size() == 1) {
        return item_result_->conform_or_null(values[plan.results.front()], "the result",
                                             evaluation);
    }
    feel::ContextBuilder out;
    for (std::size_t i = 0; i < plan.results.size(); ++i) {
        out.set(data_->nodes[plan.result_nodes[i]].key, values[plan.results[i]]);
    }
    return item_result_->conform_or_null(out.build(), "the result", evaluation);
}

}  // namespace detail

namespace {

using detail::Node;
using detail::Plan;
using feel::Value;

// Sets the thread's recorder for one evaluation.
class Listening {
  public:
    explicit Listening(detail::Recorder* recorder) : before_(detail::current_recorder()) {
        detail::current_recorder() = recorder;
    }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;
    ~Listening() { detail::current_recorder() = before_; }

  private:
    detail::Recorder* before_;
};

const Value* find_input(const detail::ProgramData& data, const Plan::Input& input,
                        const Value& context, const EvaluationOptions& options) {
    const auto& node = data.nodes[input.node];
    for (const auto& [name_space, values] : options.inputs_of_namespace) {
        if (name_space != data.name_spaces[node.model] || !values.is_context()) continue;
        if (const auto* found = values.as_context().find(node.key)) return found;
    }
    if (!context.is_context()) return nullptr;
    if (!input.import.text().empty()) {
        const auto* model = context.as_context().find(input.import);
        if (model != nullptr && model->is_context()) {
            if (const auto* found = model->as_context().find(node.key)) return found;
        }
    }
    return context.as_context().find(node.key);
}

Value input_value(const detail::ProgramData& data, const Plan::Input& input, const Value& context,
                  const EvaluationOptions& options, feel::Evaluation& evaluation) {
    const auto& node = data.nodes[input.node];
    const auto* found = find_input(data, input, context, options);
    if (found == nullptr) {
        return evaluation.note(fmt::format("there is no value for '{}'", node.name));
    }
    return node.type->conform_or_null(*found, node.name, evaluation);
}

Value call_with(const Value& function, const Value& input, feel::Evaluation& evaluation) {
    std::vector<Value> arguments;
    for (const auto& parameter : function.as_function().parameters()) {
        const auto* found = input.is_context() ? input.as_context().find(parameter.name) : nullptr;
        arguments.push_back(found != nullptr ? *found
                                             : evaluation.note(fmt::format(
                                                   "there is no value for '{}'", parameter.name)));
    }
    return feel::invoke(function, std::span<const Value>(arguments), evaluation);
}

}  // namespace

Program::Program(std::shared_ptr<const detail::ProgramData> data) : data_(std::move(data)) {}

Result<Program> Program::load_set(std::vector<SourceFile> files, const ImportResolver& resolver,
                                  const LoadLimits& limits) {
    SCHWARM_TRY(data, detail::compile_set(std::move(files), resolver, limits));
    return Program(std::move(data));
}

Result<Program> Program::load(SourceFile file, const ImportResolver& resolver,
                              const LoadLimits& limits) {
    std::vector<SourceFile> files;
    files.push_back(std::move(file));
    return load_set(std::move(files), resolver, limits);
}

const std::vector<Invocable>& Program::invocables() const {
    return data_->invocables;
}
const std::vector<Finding>& Program::findings() const {
    return data_->findings;
}
const std::string& Program::fingerprint() const {
    return data_->fingerprint;
}

namespace {
Result<const detail::TableLogic*> find_table(const detail::ProgramData& data,
                                             std::string_view key) {
    const auto found = data.tables.find(key);
    if (found == data.tables.end()) {
        return fail(ErrorCode::not_found, fmt::format("there is no table '{}'", key));
    }
    return found->second;
}
}  // namespace

Result<TableText> Program::table(std::string_view key) const {
    SCHWARM_TRY(table, find_table(*data_, key));
    return table->text();
}

Result<RuleMatch> Program::rule(std::string_view key, std::size_t number) const {
    SCHWARM_TRY(table, find_table(*data_, key));
    if (number == 0 || number > table->rules.size()) {
        return fail(ErrorCode::not_found,
                    fmt::format("the table '{}' has no rule {}", key, number));
    }
    return table->rule_match(static_cast<std::uint32_t>(number - 1));
}

Result<std::size_t> Program::find(std::string_view name) const {
    const auto found = data_->by_name.find(name);
    if (found == data_->by_name.end()) {
        return fail(ErrorCode::not_found, fmt::format("there is no decision '{}'", name));
    }
    if (found->second.size() > 1) {
        return fail(ErrorCode::conflict,
                    fmt::format("several decisions are called '{}'; write namespace#id", name));
    }
    return found->second.front();
}

Result<Outcome> Program::evaluate(std::string_view name, const Value& input,
                                  const EvaluationOptions& options) const {
    SCHWARM_TRY(invocable, find(name));
    return evaluate(invocable, input, options);
}

Outcome Program::evaluate(std::size_t invocable, const Value& input,
                          const EvaluationOptions& options) const {
    CHECK(invocable < data_->invocables.size(), "no such invocable");
    const auto& plan = data_->plans[invocable];
    const auto& node = data_->nodes[data_->invocable_nodes[invocable]];
    Outcome out;
    out.owner = data_;
    feel::Diagnostics diagnostics;
    feel::Evaluation evaluation(options.diagnostics ? &diagnostics : nullptr, options.clock,
                                options.limits);
    evaluation.set_random(options.random);
    detail::Recorder recorder(diagnostics, out.trace, out.trace_nulls, options.trace_max,
                              !options.trace_rules_only);
    const Listening listening(options.trace ? &recorder : nullptr);
    diagnostics.set_subject(node.name);
    if (data_->invocables[invocable].kind == InvocableKind::decision) {
        feel::Slots values(evaluation, plan.size);
        for (const auto& source : plan.inputs) {
            values[source.slot] = input_value(*data_, source, input, options, evaluation);
        }
        detail::run_steps(*data_, plan, values, input, evaluation);
        out.value = values[plan.results.front()];
        if (options.decisions) {
            feel::ContextBuilder decisions;
            for (const auto& step : plan.steps) {
                decisions.set(data_->nodes[step.node].key, values[step.slot]);
            }
            out.decisions = decisions.build();
        }
    } else {
        out.value = call_with(node.value, input, evaluation);
    }
    if (options.trace) recorder.settle();
    out.trace_dropped = recorder.dropped();
    out.diagnostics_dropped = diagnostics.dropped();
    out.diagnostics = diagnostics.take();
    return out;
}

}  // namespace schwarm::dmn
