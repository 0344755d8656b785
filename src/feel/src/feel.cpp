#include "schwarm/feel/feel.hpp"

#include "parser.hpp"
#include "program.hpp"
#include "schwarm/base/check.hpp"

namespace schwarm::feel {

NameScope& NameScope::add(std::string_view name, TypePtr type) {
    names_.push_back({std::string(name), type == nullptr ? Type::any() : std::move(type)});
    return *this;
}

NameScope& NameScope::add_entries(const Value& context) {
    if (!context.is_context()) return *this;
    for (const Context::Entry& entry : context.as_context()) {
        add(entry.key.text(), Type::of(entry.value));
    }
    return *this;
}

const std::string& Expression::text() const {
    return program_->text;
}
std::span<const std::string> Expression::references() const {
    return program_->references;
}
bool Expression::needs_reference(std::size_t i) const {
    return program_->reference_required[i];
}
bool Expression::is_unary_tests() const {
    return program_->is_unary_tests;
}
TypePtr Expression::static_type() const {
    return program_->root->type();
}
const Value* Expression::constant() const {
    return program_->root->constant();
}
Expression::TestShape Expression::test_shape() const {
    return program_->shape;
}
std::span<const Value> Expression::test_values() const {
    return program_->test_values;
}

void Expression::keep_constants_forever() const {
    for (const Value& value : program_->constants) value.make_immortal();
}

Result<Expression> compile_expression(std::string_view text, const NameScope& scope,
                                      const CompileLimits& limits) {
    return compile(text, scope, limits, false);
}

Result<Expression> compile_unary_tests(std::string_view text, const NameScope& scope,
                                       const CompileLimits& limits) {
    return compile(text, scope, limits, true);
}

namespace {

Value run(const Program& program, const Value* external, const Value* input, Evaluation& evaluation,
          const std::uint32_t* places = nullptr) {
    if (program.cost != 0 && !evaluation.step(program.cost)) return {};
    Slots locals(evaluation, program.frame_size);
    Frame frame{evaluation, external, locals.data(), program.text, places};
    if (input != nullptr) frame.locals[0] = *input;
    return program.root->eval(frame);
}

Value run_in(const Program& program, const Environment& environment, const Value* input,
             Evaluation& evaluation) {
    const std::size_t size = program.references.size();
    Slots external(evaluation, size);
    for (std::size_t i = 0; i < size; ++i) {
        if (const Value* value = environment.find(program.reference_keys[i])) {
            external[i] = *value;
        } else if (program.reference_required[i] && evaluation.diagnostics() != nullptr) {
            evaluation.set_position(program.text, 0);
            evaluation.null("there is no \"" + program.references[i] + "\"");
        }
    }
    return run(program, external.data(), input, evaluation);
}

}  // namespace

Value evaluate(const Expression& expression, const Value& context, Diagnostics* diagnostics,
               const Clock* clock) {
    Evaluation evaluation(diagnostics, clock);
    return run_in(expression.program(), ContextEnvironment(context), nullptr, evaluation);
}

Value evaluate(const Expression& expression, const Environment& environment,
               Evaluation& evaluation) {
    return run_in(expression.program(), environment, nullptr, evaluation);
}

Value evaluate(const Expression& expression, std::span<const Value> slots, Evaluation& evaluation) {
    CHECK(slots.size() >= expression.program().references.size(), "a slot is missing");
    return run(expression.program(), slots.data(), nullptr, evaluation);
}

Value evaluate(const Expression& expression, const NamePlaces& names, Evaluation& evaluation) {
    CHECK(names.places.size() >= expression.program().references.size(), "a place is missing");
    return run(expression.program(), names.values.data(), nullptr, evaluation, names.places.data());
}

Value evaluate_tests(const Expression& tests, const Value& input, const NamePlaces& names,
                     Evaluation& evaluation) {
    CHECK(tests.is_unary_tests(), "not compiled as unary tests");
    CHECK(names.places.size() >= tests.program().references.size(), "a place is missing");
    return run(tests.program(), names.values.data(), &input, evaluation, names.places.data());
}

Value evaluate_tests(const Expression& tests, const Value& input, const Environment& environment,
                     Evaluation& evaluation) {
    CHECK(tests.is_unary_tests(), "not compiled as unary tests");
    return run_in(tests.program(), environment, &input, evaluation);
}

Value evaluate_tests(const Expression& tests, const Value& input, std::span<const Value> slots,
                     Evaluation& evaluation) {
    CHECK(tests.is_unary_tests(), "not compiled as unary tests");
    CHECK(slots.size() >= tests.program().references.size(), "a slot is missing");
    return run(tests.program(), slots.data(), &input, evaluation);
}

}  // namespace schwarm::feel
