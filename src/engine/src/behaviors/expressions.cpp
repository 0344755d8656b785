#include "behaviors/expressions.hpp"

#include "schwarm/bpmn/timer_text.hpp"

namespace schwarm::engine {

ScopeView::ScopeView(const CaseState& state, ElementKey scope, const Variables* overlay) {
    if (overlay != nullptr) add(*overlay);
    while (const ElementInstance* at = state.element(scope)) {
        if (at->scope == ElementKey()) break;
        add(at->variables);
        if (at->node == bpmn::kProcessNode) return;
        scope = at->scope;
    }
    add(state.variables);
}

void ScopeView::add(const Variables& variables) {
    if (variables.empty()) return;
    if (size_ < near_.size())
        near_[size_] = &variables;
    else
        far_.push_back(&variables);
    ++size_;
}

const feel::Value* ScopeView::find(const feel::Key& name) const {
    for (std::size_t i = 0; i < size_; ++i) {
        if (const feel::Value* found = layer(i).find(name.text())) return found;
    }
    return nullptr;
}

Variables ScopeView::all() const {
    if (size_ == 0) return {};
    Variables out = layer(size_ - 1);
    for (std::size_t i = size_ - 1; i-- > 0;) {
        for (const Variables::Entry& entry : layer(i)) out.set(entry.name, entry.value);
    }
    return out;
}

feel::Value ScopeView::to_context() const {
    return all().to_context();
}

namespace expressions {
namespace {

feel::Value run(const Transition& t, const bpmn::Expression& expression, ElementKey scope,
                const Variables* overlay, feel::Diagnostics* diagnostics) {
    if (expression.is_static) return feel::Value(expression.source);
    if (!expression.compiled) return {};
    if (const feel::Value* constant = expression.compiled.constant()) return *constant;
    const ScopeView view(t.state(), scope, overlay);
    feel::Evaluation evaluation(diagnostics, &t.clock());
    return feel::evaluate(expression.compiled, view, evaluation);
}

Failure failure(std::string reason) {
    return {IncidentKind::expression, std::move(reason), {}};
}

}  // namespace

feel::Value evaluate(const Transition& t, const bpmn::Expression& expression, ElementKey scope,
                     const Variables* overlay) {
    return run(t, expression, scope, overlay, nullptr);
}

std::string explain(const Transition& t, const bpmn::Expression& expression, ElementKey scope,
                    std::string_view problem, const Variables* overlay) {
    std::string out = "'" + expression.source + "' " + std::string(problem);
    feel::Diagnostics diagnostics;
    static_cast<void>(run(t, expression, scope, overlay, &diagnostics));
    if (!diagnostics.empty()) out += ": " + diagnostics.items().front().reason;
    return out;
}

Outcome<bool> boolean(const Transition& t, const bpmn::Expression& e, ElementKey scope,
                      const std::string& what) {
    const feel::Value value = evaluate(t, e, scope);
    if (value.is_boolean()) return value.is_true();
    const std::string problem =
        value.is_null() ? "is null" : "is a " + std::string(feel::name_of(value.kind()));
    return failure(what + " must be true or false, but " + explain(t, e, scope, problem));
}

Outcome<std::string> text(const Transition& t, const bpmn::Expression& e, ElementKey scope,
                          const std::string& what) {
    const feel::Value value = evaluate(t, e, scope);
    if (value.is_string()) return std::string(value.as_string());
    if (value.is_number()) return value.to_string();
    return failure(
        what + " must be a text, but " +
        explain(t, e, scope,
                value.is_null() ? "is null" : "is a " + std::string(feel::name_of(value.kind()))));
}

Outcome<std::string> optional_text(const Transition& t, const bpmn::Expression& e, ElementKey scope,
                                   const std::string& what) {
    if (!e.present()) return std::string();
    if (evaluate(t, e, scope).is_null()) return std::string();
    return text(t, e, scope, what);
}

Outcome<std::vector<std::string>> texts(const Transition& t, const bpmn::Expression& e,
                                        ElementKey scope, const std::string& what) {
    std::vector<std::string> out;
    if (!e.present()) return out;
    const feel::Value value = evaluate(t, e, scope);
    if (value.is_null()) return out;
    if (value.is_list()) {
        for (const feel::Value& item : value.as_list()) {
            if (!item.is_string()) return failure(what + " must be a list of texts");
            out.emplace_back(item.as_string());
        }
        return out;
    }
    if (!value.is_string()) {
        return failure(what + " must be a text or a list of texts, but " +
                       explain(t, e, scope, "is a " + std::string(feel::name_of(value.kind()))));
    }
    std::string_view rest = value.as_string();
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        std::string_view item = rest.substr(0, comma);
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        if (!item.empty()) out.emplace_back(item);
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    return out;
}

std::optional<Instant> to_instant(const feel::Value& value) {
    if (value.is_date_time()) return value.as_date_time().to_instant();
    if (value.is_date()) return DateTime{value.as_date(), Time{}}.to_instant();
    if (value.is_string()) return bpmn::parse_instant(value.as_string());
    return std::nullopt;
}

Outcome<std::optional<Instant>> optional_instant(const Transition& t, const bpmn::Expression& e,
                                                 ElementKey scope, const std::string& what) {
    if (!e.present()) return std::optional<Instant>();
    const feel::Value value = evaluate(t, e, scope);
    if (value.is_null()) return std::optional<Instant>();
    const auto at = to_instant(value);
    if (!at) {
        return failure(what + " must be a date and time, but " +
                       explain(t, e, scope, "is " + value.to_string()));
    }
    return at;
}

Outcome<std::uint32_t> number(const Transition& t, const bpmn::Expression& e, ElementKey scope,
                              const std::string& what, std::uint32_t fallback) {
    if (!e.present()) return fallback;
    const feel::Value value = evaluate(t, e, scope);
    std::optional<std::int64_t> n;
    if (value.is_number()) n = value.as_number().to_int64();
    if (value.is_string()) {
        if (const auto parsed = Decimal::parse(value.as_string())) n = parsed->to_int64();
    }
    if (!n || *n < 0 || *n > 1'000'000) {
        return failure(what + " must be a whole number, but " +
                       explain(t, e, scope, "is " + value.to_string()));
    }
    return static_cast<std::uint32_t>(*n);
}

}  // namespace expressions
}  // namespace schwarm::engine
