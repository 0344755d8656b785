#include "schwarm/feel/function.hpp"

#include "builtins/builtins.hpp"
#include "schwarm/feel/evaluation.hpp"

namespace schwarm::feel {
namespace {

Value call_checked(const Function& function, std::span<const Value> arguments,
                   Evaluation& evaluation) {
    if (!evaluation.step() || !evaluation.enter()) return {};
    Value result = function.call(arguments, evaluation);
    evaluation.leave();
    if (function.checks_arguments() || result.is_null()) return result;
    const TypePtr type = function.result_type();
    if (type->is_any()) return result;
    if (!evaluation.step(result.weight())) return {};
    auto converted = coerce(result, *type);
    if (converted) return std::move(*converted);
    return evaluation.null("the result of " + function.name() + " is not of type " +
                           type->to_string());
}

}  // namespace

Value invoke(const Value& function, std::span<const Value> arguments, Evaluation& evaluation) {
    if (!function.is_function()) return evaluation.null("this is no function");
    const Function& callee = function.as_function();
    if (callee.checks_arguments()) return call_checked(callee, arguments, evaluation);
    const auto parameters = callee.parameters();
    if (!callee.is_variadic() && arguments.size() != parameters.size()) {
        return evaluation.null(callee.name() + " takes " + std::to_string(parameters.size()) +
                               " arguments, not " + std::to_string(arguments.size()));
    }
    std::vector<Value> converted;
    bool changed = false;
    for (std::size_t i = 0; i < arguments.size() && i < parameters.size(); ++i) {
        const Type& type = *parameters[i].type;
        if (!type.is_any() && !evaluation.step(arguments[i].weight())) return {};
        if (type.is_any() || is_instance(arguments[i], type)) {
            if (changed) converted.push_back(arguments[i]);
            continue;
        }
        auto value = coerce(arguments[i], type);
        if (!value) {
            return evaluation.null("the argument \"" + parameters[i].name + "\" of " +
                                   callee.name() + " is not of type " + type.to_string());
        }
        if (!changed) {
            converted.assign(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(i));
            changed = true;
        }
        converted.push_back(std::move(*value));
    }
    return call_checked(callee, changed ? std::span<const Value>(converted) : arguments,
                        evaluation);
}

Value invoke(const Value& function, std::span<const NamedArgument> arguments,
             Evaluation& evaluation) {
    if (!function.is_function()) return evaluation.null("this is no function");
    const Function& callee = function.as_function();
    std::vector<std::size_t> positions;
    if (callee.checks_arguments()) {
        const Builtin* builtin = find_builtin(callee.name());
        std::vector<std::string> names;
        for (const NamedArgument& argument : arguments) names.push_back(argument.name);
        const auto matched = builtin == nullptr ? std::nullopt : match_names(*builtin, names);
        if (!matched) return evaluation.null(callee.name() + " has no such parameters");
        for (const NamedPlace& place : *matched) positions.push_back(place.position);
    } else {
        const auto parameters = callee.parameters();
        if (arguments.size() != parameters.size()) {
            return evaluation.null(callee.name() + " takes " + std::to_string(parameters.size()) +
                                   " arguments, not " + std::to_string(arguments.size()));
        }
        std::vector<bool> given(parameters.size(), false);
        for (const NamedArgument& argument : arguments) {
            std::size_t at = 0;
            while (at < parameters.size() && parameters[at].name != argument.name) ++at;
            if (at == parameters.size() || given[at]) {
                return evaluation.null(callee.name() + " has no parameter \"" + argument.name +
                                       "\" left");
            }
            given[at] = true;
            positions.push_back(at);
        }
    }
    std::size_t size = 0;
    for (const std::size_t at : positions) size = std::max(size, at + 1);
    std::vector<Value> ordered(size);
    for (std::size_t i = 0; i < positions.size(); ++i) {
        ordered[positions[i]] = arguments[i].value;
    }
    return invoke(function, std::span<const Value>(ordered), evaluation);
}

}  // namespace schwarm::feel
