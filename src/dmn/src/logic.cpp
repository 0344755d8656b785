#include "logic.hpp"

#include <fmt/format.h>

#include <array>

#include "boxed.hpp"
#include "checker.hpp"
#include "schwarm/base/check.hpp"

namespace schwarm::dmn::detail {

void Bound::report_unknown(feel::Evaluation& evaluation) const {
    if (evaluation.diagnostics() == nullptr) return;
    for (const auto& name : unknown_) {
        static_cast<void>(evaluation.null(fmt::format("there is no '{}' here", name)));
    }
}

feel::Value Bound::run(Frame frame, feel::Evaluation& evaluation) const {
    const At at(place_);
    if (!unknown_.empty()) report_unknown(evaluation);
    return feel::evaluate(expression_, feel::NamePlaces{frame, slots_}, evaluation);
}

feel::Value Bound::test(const feel::Value& input, Frame frame, feel::Evaluation& evaluation) const {
    const At at(place_);
    if (!unknown_.empty()) report_unknown(evaluation);
    return feel::evaluate_tests(expression_, input, feel::NamePlaces{frame, slots_}, evaluation);
}

feel::Value FunctionValue::call(std::span<const feel::Value> arguments,
                                feel::Evaluation& evaluation) const {
    CHECK(logic_ != nullptr, "a function without logic");
    return logic_->call(arguments, captured_, evaluation);
}

feel::Value FunctionLogic::run(Frame frame, feel::Evaluation&) const {
    auto value = std::make_unique<FunctionValue>(name, parameters, result->type);
    value->set_logic(this);
    for (const auto& capture : captures) value->add_captured(capture.to, frame[capture.from]);
    return feel::Value(std::unique_ptr<feel::Function>(std::move(value)));
}

feel::Value FunctionLogic::call(std::span<const feel::Value> arguments,
                                std::span<const std::pair<std::uint32_t, feel::Value>> captured,
                                feel::Evaluation& evaluation) const {
    CHECK(arguments.size() == parameters.size(), "arguments do not match the parameters");
    auto* const recorder = current_recorder();
    // Functions within a boxed expression belong to the step they are called in.
    if (recorder == nullptr || !recorder->full() || id.empty())
        return call_body(arguments, captured, evaluation);
    Recording recording(*recorder, StepKind::knowledge_model, name, id, &place);
    recording.set_inputs(parameters, arguments);
    auto value = call_body(arguments, captured, evaluation);
    recording.set_result(value);
    return value;
}

feel::Value FunctionLogic::call_body(
    std::span<const feel::Value> arguments,
    std::span<const std::pair<std::uint32_t, feel::Value>> captured,
    feel::Evaluation& evaluation) const {
    feel::Slots storage(evaluation, frame_size);
    const Frame frame = storage;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& type = *parameter_types[i];
        if (type.is_any()) {
            frame[i] = arguments[i];
            continue;
        }
        auto value = type.conform(arguments[i], evaluation);
        if (!value) {
            return evaluation.null(fmt::format("the argument '{}' of {} does not fit its type",
                                               parameters[i].name, name));
        }
        frame[i] = std::move(*value);
    }
    for (const auto& [slot, value] : captured) frame[slot] = value;
    if (!body) return evaluation.null(fmt::format("{} has no logic", name));
    return result->conform_or_null(body->run(frame, evaluation), "the result", evaluation);
}

Result<> LogicCompiler::count(xml::Element at) {
    if (*context_.expressions_left == 0) {
        return bad(ErrorCode::limit_exceeded, "the models have too many expressions", at);
    }
    --*context_.expressions_left;
    return {};
}

Result<ItemTypePtr> LogicCompiler::type_of(xml::Element element) {
    return context_.types->resolve(element.attribute_or("typeRef", ""), element);
}

Place* LogicCompiler::place_of(xml::Element element) {
    return context_.places->add(element, context_.file);
}

Result<> LogicCompiler::check_language(xml::Element element) const {
    auto language = element.attribute("expressionLanguage");
    if (!language) return {};
    if (language->empty() || *language == "feel" || *language == "FEEL" ||
        is_feel_namespace(*language)) {
        return {};
    }
    return bad(ErrorCode::unsupported,
               fmt::format("the expression language '{}' is not supported; use FEEL", *language),
               element);
}

Result<Bound> LogicCompiler::bind(Result<feel::Expression> compiled, std::string_view text,
                                  Scope& scope, xml::Element at) {
    SCHWARM_TRY_VOID(count(at));
    if (!compiled) {
        const auto& error = compiled.error();
        return bad(ErrorCode::invalid_input,
                   fmt::format("the expression does not parse: {}{}{}: {}", error.message,
                               error.where.empty() ? "" : " at ", error.where, text),
                   at);
    }
    Bound out;
    out.expression_ = std::move(*compiled);
    const auto references = out.expression_.references();
    for (std::size_t i = 0; i < references.size(); ++i) {
        const auto& name = references[i];
        const bool needed = out.expression_.needs_reference(i);
        if (const auto slot = scope.resolve(name, needed)) {
            out.slots_.push_back(*slot);
            continue;
        }
        out.slots_.push_back(scope.layout().add());
        if (!needed) continue;
        out.unknown_.push_back(name);
        context_.findings->push_back({Finding::Severity::warning, at.where(),
                                      fmt::format("nothing provides '{}' to {}", name, owner_),
                                      Finding::Kind::name});
    }
    return out;
}

Result<Bound> LogicCompiler::bind_expression(std::string_view text, Scope& scope, xml::Element at) {
    auto compiled = feel::compile_expression(text, scope.names(), context_.limits);
    if (context_.checker != nullptr && compiled) context_.checker->expression(*compiled, at);
    return bind(std::move(compiled), text, scope, at);
}

Result<Bound> LogicCompiler::bind_tests(std::string_view text, Scope& scope, xml::Element at) {
    return bind(feel::compile_unary_tests(text, scope.names(), context_.limits), text, scope, at);
}

Result<LogicPtr> LogicCompiler::compile(xml::Element expression, Scope& scope) {
    constexpr std::size_t kMaxDepth = 100;
    if (++depth_ > kMaxDepth) {
        return bad(ErrorCode::limit_exceeded, "the boxed expressions are nested too deeply",
                   expression);
    }
    SCHWARM_TRY_VOID(count(expression));
    auto out = [&]() -> Result<LogicPtr> {
        const auto name = expression.name();
        if (name == "literalExpression") return literal(expression, scope);
        if (name == "decisionTable") return compile_table(*this, expression, scope);
        if (name == "context") return boxed_context(expression, scope);
        if (name == "invocation") return invocation(expression, scope);
        if (name == "functionDefinition") return function(expression, scope);
        if (name == "relation") return relation(expression, scope);
        if (name == "list") return list(expression, scope);
        if (name == "conditional") return conditional(expression, scope);
        if (name == "filter") return filter(expression, scope);
        if (name == "for" || name == "some" || name == "every") {
            return iteration(expression, scope);
        }
        return bad(ErrorCode::unsupported, fmt::format("'{}' is not supported here", name),
                   expression);
    }();
    --depth_;
    return out;
}

Result<LogicPtr> LogicCompiler::child(xml::Element parent, std::string_view name, Scope& scope) {
    const auto holder = parent.child(name);
    if (!holder) {
        return bad(ErrorCode::invalid_input, fmt::format("the element '{}' is missing", name),
                   parent);
    }
    const auto expression = expression_in(holder);
    if (!expression) return bad(ErrorCode::invalid_input, "the expression is missing", holder);
    SCHWARM_TRY(logic, compile(expression, scope));
    SCHWARM_TRY(type, type_of(holder));
    return typed_here(std::move(logic), std::move(type), "the value", holder);
}

Result<std::unique_ptr<FunctionLogic>> LogicCompiler::compile_function(xml::Element definition,
                                                                       std::string name,
                                                                       Layout& layout,
                                                                       Scope& scope) {
    auto out = std::make_unique<FunctionLogic>();
    out->name = std::move(name);
    std::vector<feel::Type::Member> parameters;
    for (const auto child : definition.children()) {
        if (child.name() != "formalParameter") continue;
        SCHWARM_TRY(type, type_of(child));
        auto parameter = normalized_name(child.attribute_or("name", ""));
        scope.declare(parameter, type->type);
        parameters.push_back({parameter, type->type});
        out->parameters.push_back({std::move(parameter), type->type});
        out->parameter_types.push_back(std::move(type));
    }
    const auto kind = definition.attribute_or("kind", "FEEL");
    if (kind == "Java" || kind == "J") {
        SCHWARM_TRY(body, external(definition, kind, scope));
        out->body = std::move(body);
    } else if (kind == "PMML" || kind == "P") {
        return bad(ErrorCode::unsupported, "PMML functions are not supported", definition);
    } else if (const auto body_element = expression_in(definition)) {
        SCHWARM_TRY(body, compile(body_element, scope));
        out->body = std::move(body);
    }
    SCHWARM_TRY(result, type_of(definition));
    out->result = result->type->kind() == feel::TypeKind::function ? any_type() : result;
    auto result_type = out->result->type;
    if (result_type->is_any() && out->body) result_type = out->body->static_type();
    out->type_ = feel::Type::function(std::move(parameters), std::move(result_type));
    out->captures = layout.captures();
    out->frame_size = layout.size();
    return out;
}

Result<LogicPtr> LogicCompiler::function(xml::Element element, Scope& outer) {
    Layout layout(&outer);
    Scope scope(layout, &outer.names());
    SCHWARM_TRY(out, compile_function(element, "function", layout, scope));
    return LogicPtr(std::move(out));
}

}  // namespace schwarm::dmn::detail
