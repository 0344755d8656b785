#include "impl.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::forms {

void Scope::set(const std::vector<feel::Key>& path, feel::Value value) {
    if (path.size() == 1) {
        builder_.set(path[0], std::move(value));
        return;
    }
    const feel::Value* found = builder_.find(path[0].text());
    builder_.set(path[0], with_raw(found ? *found : feel::Value(), path, 1, std::move(value)));
}

feel::Value Scope::snapshot() const {
    feel::ContextBuilder copy = builder_;
    if (open_name_) {
        copy.set(*open_name_, open_scope_->snapshot());
    }
    return copy.build();
}

feel::Value Scope::find(const feel::Key& name) const {
    if (open_name_ && *open_name_ == name) {
        return open_scope_->snapshot();
    }
    if (const feel::Value* found = builder_.find(name.text())) {
        return *found;
    }
    if (outer_) {
        return outer_->find(name);
    }
    if (known_ && known_->is_context()) {
        if (const feel::Value* found = known_->as_context().find(name)) {
            return *found;
        }
    }
    return {};
}

feel::Value run(const Form::Impl& form, std::int32_t expression, const Scope& scope,
                const Context& context, const feel::Value* answer) {
    const CompiledExpression& compiled = form.expressions[static_cast<std::size_t>(expression)];
    if (const feel::Value* constant = compiled.expression.constant()) {
        return *constant;
    }
    std::vector<feel::Value> slots;
    slots.reserve(compiled.names.size());
    for (const feel::Key& name : compiled.names) {
        slots.push_back(answer && name == "wert" ? *answer : scope.find(name));
    }
    feel::EvaluationLimits limits;
    limits.max_steps = 100'000;
    feel::Evaluation evaluation(nullptr, context.clock, limits);
    return feel::evaluate(compiled.expression, slots, evaluation);
}

bool hidden(const Form::Impl& form, const Field& field, const Scope& scope,
            const Context& context) {
    return field.hide >= 0 && run(form, field.hide, scope, context).is_true();
}

std::vector<Option> options_of(const Form::Impl& form, const Field& field, const Scope& scope,
                               const Context& context) {
    if (field.options_expression < 0) {
        return field.options;
    }
    std::vector<Option> out;
    const feel::Value found = run(form, field.options_expression, scope, context);
    if (!found.is_list()) {
        return out;
    }
    for (const feel::Value& item : found.as_list()) {
        Option option;
        option.typed = item.is_context() ? item.get("value") : item;
        option.value = option.typed.to_string();
        const feel::Value label = item.is_context() ? item.get("label") : item;
        option.label.de = label.is_null() ? option.value : label.to_string();
        const feel::Value english = item.is_context() ? item.get("label_en") : feel::Value();
        option.label.en = english.is_string() ? english.to_string() : "";
        out.push_back(std::move(option));
    }
    return out;
}

feel::Value raw_at(const feel::Value& answers, const std::vector<feel::Key>& path) {
    const feel::Value* at = &answers;
    for (const feel::Key& step : path) {
        if (!at->is_context()) {
            return {};
        }
        at = at->as_context().find(step);
        if (!at) {
            return {};
        }
    }
    return *at;
}

feel::Value with_raw(const feel::Value& answers, const std::vector<feel::Key>& path,
                     std::size_t from, feel::Value value) {
    feel::ContextBuilder builder =
        answers.is_context() ? feel::ContextBuilder(answers.as_context()) : feel::ContextBuilder();
    if (from + 1 == path.size()) {
        builder.set(path[from], std::move(value));
    } else {
        const feel::Value* inner = builder.find(path[from].text());
        builder.set(path[from],
                    with_raw(inner ? *inner : feel::Value(), path, from + 1, std::move(value)));
    }
    return builder.build();
}

std::string join(std::string_view prefix, std::string_view key) {
    std::string out(prefix);
    if (!out.empty() && !key.empty()) {
        out += '.';
    }
    out += key;
    return out;
}

bool is_answer(Kind kind) {
    return kind != Kind::text && kind != Kind::separator && kind != Kind::group &&
           kind != Kind::list;
}

}  // namespace schwarm::forms
