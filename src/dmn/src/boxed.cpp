#include "boxed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checker.hpp"
#include "schwarm/base/check.hpp"

namespace schwarm::dmn::detail {

namespace {

using feel::Evaluation;
using feel::Value;

class TypedLogic final : public Logic {
  public:
    TypedLogic(LogicPtr inner, ItemTypePtr type)
        : inner_(std::move(inner)), type_(std::move(type)) {}
    Value run(Frame frame, Evaluation& evaluation) const override {
        return type_->conform_or_null(inner_->run(frame, evaluation), "the result", evaluation);
    }
    feel::TypePtr static_type() const override { return type_->type; }

  private:
    LogicPtr inner_;
    ItemTypePtr type_;
};

class NullLogic final : public Logic {
  public:
    Value run(Frame, Evaluation&) const override { return {}; }
};

class LiteralLogic final : public Logic {
  public:
    explicit LiteralLogic(Bound bound) : bound_(std::move(bound)) {}
    Value run(Frame frame, Evaluation& evaluation) const override {
        return bound_.run(frame, evaluation);
    }
    feel::TypePtr static_type() const override { return bound_.expression().static_type(); }

  private:
    Bound bound_;
};

class ContextLogic final : public Logic {
  public:
    struct Entry {
        std::string name;
        feel::Key key;
        std::uint32_t slot = 0;
        LogicPtr logic;
    };
    Value run(Frame frame, Evaluation& evaluation) const override {
        for (const auto& entry : entries) {
            frame[entry.slot] = entry.logic->run(frame, evaluation);
        }
        if (result) {
            record_entries(frame);
            return result->run(frame, evaluation);
        }
        feel::ContextBuilder out;
        out.reserve(entries.size());
        for (const auto& entry : entries) out.append(entry.key, frame[entry.slot]);
        return out.build();
    }
    feel::TypePtr static_type() const override {
        if (result) return result->static_type();
        std::vector<feel::Type::Member> members;
        members.reserve(entries.size());
        for (const auto& entry : entries)
            members.push_back({entry.name, entry.logic->static_type()});
        return feel::Type::context(std::move(members));
    }

    std::vector<Entry> entries;
    LogicPtr result;

  private:
    void record_entries(Frame frame) const {
        auto* const recorder = current_recorder();
        if (recorder == nullptr || !recorder->full() || recorder->step() == nullptr) return;
        for (const auto& entry : entries) {
            if (!recorder->take()) return;
            recorder->step()->entries.emplace_back(entry.name, frame[entry.slot]);
        }
    }
};

class ListLogic final : public Logic {
  public:
    Value run(Frame frame, Evaluation& evaluation) const override {
        Value::List out;
        out.reserve(items.size());
        for (const auto& item : items) out.push_back(item->run(frame, evaluation));
        return Value::list(std::move(out));
    }
    feel::TypePtr static_type() const override {
        return feel::Type::list(items.size() == 1 ? items.front()->static_type()
                                                  : feel::Type::any());
    }

    std::vector<LogicPtr> items;
};

class RelationLogic final : public Logic {
  public:
    Value run(Frame frame, Evaluation& evaluation) const override {
        Value::List out;
        out.reserve(rows.size());
        for (const auto& row : rows) {
            feel::ContextBuilder context;
            context.reserve(columns.size());
            for (std::size_t i = 0; i < columns.size(); ++i) {
                context.append(columns[i].first, row[i]->run(frame, evaluation));
            }
            out.push_back(context.build());
        }
        return Value::list(std::move(out));
    }
    feel::TypePtr static_type() const override {
        std::vector<feel::Type::Member> members;
        for (const auto& [key, type] : columns) {
            members.push_back({std::string(key.text()), type->type});
        }
        return feel::Type::list(feel::Type::context(std::move(members)));
    }

    std::vector<std::pair<feel::Key, ItemTypePtr>> columns;
    std::vector<std::vector<LogicPtr>> rows;
};

class InvocationLogic final : public Logic {
  public:
    Value run(Frame frame, Evaluation& evaluation) const override {
        const auto called = function->run(frame, evaluation);
        if (!called.is_function()) {
            return evaluation.null("what is invoked is not a function");
        }
        std::vector<feel::NamedArgument> arguments;
        arguments.reserve(bindings.size());
        for (const auto& binding : bindings) {
            arguments.push_back({binding.name, binding.logic->run(frame, evaluation)});
        }
        return feel::invoke(called, std::span<const feel::NamedArgument>(arguments), evaluation);
    }
    feel::TypePtr static_type() const override {
        const auto type = function->static_type();
        return type->kind() == feel::TypeKind::function && type->result() ? type->result()
                                                                          : feel::Type::any();
    }

    struct Binding {
        std::string name;
        LogicPtr logic;
    };
    LogicPtr function;
    std::vector<Binding> bindings;
};

class ConditionalLogic final : public Logic {
  public:
    Value run(Frame frame, Evaluation& evaluation) const override {
        const auto value = condition->run(frame, evaluation);
        if (!value.is_boolean() && !value.is_null()) {
            return evaluation.null("the condition is not a boolean");
        }
        return (value.is_true() ? then : otherwise)->run(frame, evaluation);
    }

    LogicPtr condition;
    LogicPtr then;
    LogicPtr otherwise;
};

// The values an iteration goes through: a list's items, a range's numbers or days, or the one
// value itself.
std::optional<Value::List> items_of(const Value& value, Evaluation& evaluation) {
    if (value.is_list()) {
        const auto items = value.as_list();
        if (!evaluation.step(items.size())) return std::nullopt;
        return Value::List(items.begin(), items.end());
    }
    if (value.is_range()) {
        static const feel::Expression kUnfold = [] {
            feel::NameScope scope;
            scope.add("range");
            auto compiled = feel::compile_expression("for item in range return item", scope);
            CHECK(compiled.has_value(), "the unfolding of ranges does not parse");
            return *compiled;
        }();
        const std::array<Value, 1> slots = {value};
        const auto unfolded = feel::evaluate(kUnfold, std::span<const Value>(slots), evaluation);
        if (!unfolded.is_list()) return std::nullopt;
        return items_of(unfolded, evaluation);
    }
    if (value.is_null()) {
        static_cast<void>(evaluation.null("the collection is null"));
        return std::nullopt;
    }
    return Value::List{value};
}

class FilterLogic final : public Logic {
  public:
    Value run(Frame frame, Evaluation& evaluation) const override {
        auto items = items_of(collection->run(frame, evaluation), evaluation);
        if (!items) return {};
        Value::List out;
        for (auto& value : *items) {
            if (!evaluation.step()) return {};
            frame[item] = value;
            for (const auto& member : members) {
                const auto* found =
                    value.is_context() ? value.as_context().find(member.key) : nullptr;
                frame[member.slot] = found != nullptr ? *found
                                     : member.outside ? frame[*member.outside]
                                                      : Value();
            }
            const auto matched = match->run(frame, evaluation);
            if (!matched.is_boolean()) {
                return evaluation.null("the condition of the filter is not a boolean");
            }
            if (matched.is_true()) out.push_back(std::move(value));
        }
        return Value::list(std::move(out));
    }
    feel::TypePtr static_type() const override {
        const auto type = collection->static_type();
        return type->kind() == feel::TypeKind::list ? type : feel::Type::list(feel::Type::any());
    }

    // A name in the condition: an entry of the item, else what it means outside.
    struct Member {
        feel::Key key;
        std::uint32_t slot;
        std::optional<std::uint32_t> outside;
    };
    LogicPtr collection;
    LogicPtr match;
    std::uint32_t item = 0;
    std::vector<Member> members;
};

class ForLogic final : public Logic {
  public:
    Value run(Frame frame, Evaluation& evaluation) const override {
        auto items = items_of(collection->run(frame, evaluation), evaluation);
        if (!items) return {};
        Value::List out;
        out.reserve(items->size());
        for (auto& value : *items) {
            if (!evaluation.step()) return {};
            frame[item] = std::move(value);
            if (uses_partial) {
                if (!evaluation.step(out.size())) return {};
                frame[partial] = Value::list(out);
            }
            out.push_back(body->run(frame, evaluation));
        }
        return Value::list(std::move(out));
    }
    feel::TypePtr static_type() const override { return feel::Type::list(body->static_type()); }

    LogicPtr collection;
    LogicPtr body;
    std::uint32_t item = 0;
    std::uint32_t partial = 0;
    bool uses_partial = false;
};

class QuantifiedLogic final : public Logic {
  public:
    Value run(Frame frame, Evaluation& evaluation) const override {
        auto items = items_of(collection->run(frame, evaluation), evaluation);
        if (!items) return {};
        bool unknown = false;
        for (auto& value : *items) {
            if (!evaluation.step()) return {};
            frame[item] = std::move(value);
            const auto satisfied = body->run(frame, evaluation);
            if (satisfied.is_null()) {
                unknown = true;
            } else if (!satisfied.is_boolean()) {
                return evaluation.null("the condition is not a boolean");
            } else if (satisfied.is_true() != every) {
                return !every;
            }
        }
        if (unknown) return {};
        return every;
    }
    feel::TypePtr static_type() const override {
        return feel::Type::simple(feel::TypeKind::boolean);
    }

    LogicPtr collection;
    LogicPtr body;
    std::uint32_t item = 0;
    bool every = false;
};

feel::TypePtr element_type(const LogicPtr& collection) {
    const auto type = collection->static_type();
    if (type->kind() == feel::TypeKind::list || type->kind() == feel::TypeKind::range) {
        return type->element() ? type->element() : feel::Type::any();
    }
    return feel::Type::any();
}

}  // namespace

LogicPtr typed(LogicPtr logic, ItemTypePtr type) {
    if (type->is_any()) return logic;
    return std::make_unique<TypedLogic>(std::move(logic), std::move(type));
}

LogicPtr LogicCompiler::typed_here(LogicPtr logic, ItemTypePtr type, std::string_view what,
                                   xml::Element at) {
    if (context_.checker != nullptr) context_.checker->fit(*logic->static_type(), *type, what, at);
    return typed(std::move(logic), std::move(type));
}

Result<LogicPtr> LogicCompiler::literal(xml::Element element, Scope& scope) {
    SCHWARM_TRY_VOID(check_language(element));
    if (element.child("importedValues")) {
        return bad(ErrorCode::unsupported, "imported values are not supported", element);
    }
    SCHWARM_TRY(type, type_of(element));
    const auto text = element.child("text").trimmed_text();
    if (text.empty()) return LogicPtr(std::make_unique<NullLogic>());
    SCHWARM_TRY(bound, bind_expression(text, scope, element));
    auto* const place = place_of(element);
    place->part = Place::Part::expression;
    bound.set_place(place);
    return typed_here(std::make_unique<LiteralLogic>(std::move(bound)), std::move(type),
                      "the result", element);
}

Result<LogicPtr> LogicCompiler::boxed_context(xml::Element element, Scope& outer) {
    Scope scope(outer);
    auto out = std::make_unique<ContextLogic>();
    for (const auto child : element.children()) {
        if (child.name() != "contextEntry") continue;
        if (out->result) {
            return bad(ErrorCode::invalid_input, "the entry without a name must be the last one",
                       child);
        }
        const auto expression = expression_in(child);
        const auto variable = child.child("variable");
        const auto name = normalized_name(variable.attribute_or("name", ""));
        if (!expression) return bad(ErrorCode::invalid_input, "the expression is missing", child);
        SCHWARM_TRY(logic, compile(expression, scope));
        if (name.empty()) {
            out->result = std::move(logic);
            continue;
        }
        SCHWARM_TRY(type, type_of(variable));
        logic = typed_here(std::move(logic), std::move(type), fmt::format("the entry '{}'", name),
                           child);
        const auto slot = scope.declare(name, logic->static_type());
        for (const auto& entry : out->entries) {
            if (entry.name == name) {
                return bad(ErrorCode::invalid_input,
                           fmt::format("the entry '{}' stands here twice", name), child);
            }
        }
        out->entries.push_back({name, feel::Key::kept(name), slot, std::move(logic)});
    }
    SCHWARM_TRY(type, type_of(element));
    return typed_here(std::move(out), std::move(type), "the result", element);
}

Result<LogicPtr> LogicCompiler::list(xml::Element element, Scope& scope) {
    auto out = std::make_unique<ListLogic>();
    for (const auto child : element.children()) {
        if (!is_expression(child)) continue;
        SCHWARM_TRY(item, compile(child, scope));
        out->items.push_back(std::move(item));
    }
    SCHWARM_TRY(type, type_of(element));
    return typed_here(std::move(out), std::move(type), "the result", element);
}

Result<LogicPtr> LogicCompiler::relation(xml::Element element, Scope& scope) {
    auto out = std::make_unique<RelationLogic>();
    for (const auto child : element.children()) {
        if (child.name() == "column") {
            SCHWARM_TRY(type, type_of(child));
            out->columns.emplace_back(
                feel::Key::kept(normalized_name(child.attribute_or("name", ""))), std::move(type));
        } else if (child.name() == "row") {
            std::vector<LogicPtr> row;
            for (const auto cell : child.children()) {
                if (!is_expression(cell)) continue;
                if (row.size() >= out->columns.size()) break;
                SCHWARM_TRY(logic, compile(cell, scope));
                const auto& [key, type] = out->columns[row.size()];
                row.push_back(typed_here(std::move(logic), type,
                                         fmt::format("the cell of '{}'", key.text()), cell));
            }
            if (row.size() != out->columns.size()) {
                return bad(ErrorCode::invalid_input,
                           fmt::format("the row has {} cells for {} columns", row.size(),
                                       out->columns.size()),
                           child);
            }
            out->rows.push_back(std::move(row));
        }
    }
    SCHWARM_TRY(type, type_of(element));
    return typed_here(std::move(out), std::move(type), "the result", element);
}

Result<LogicPtr> LogicCompiler::invocation(xml::Element element, Scope& scope) {
    auto out = std::make_unique<InvocationLogic>();
    const auto called = expression_in(element);
    if (!called) return bad(ErrorCode::invalid_input, "nothing is invoked here", element);
    SCHWARM_TRY(function, compile(called, scope));
    out->function = std::move(function);
    for (const auto child : element.children()) {
        if (child.name() != "binding") continue;
        const auto parameter = child.child("parameter");
        if (!parameter) return bad(ErrorCode::invalid_input, "the parameter is missing", child);
        const auto expression = expression_in(child);
        LogicPtr logic = std::make_unique<NullLogic>();
        if (expression) {
            SCHWARM_TRY(compiled, compile(expression, scope));
            SCHWARM_TRY(type, type_of(parameter));
            logic = typed_here(std::move(compiled), std::move(type), "the argument", child);
        }
        out->bindings.push_back(
            {normalized_name(parameter.attribute_or("name", "")), std::move(logic)});
    }
    if (context_.checker != nullptr) {
        Checker::Arguments arguments;
        for (const auto& binding : out->bindings) {
            arguments.emplace_back(binding.name, binding.logic->static_type());
        }
        context_.checker->invocation(*out->function->static_type(), arguments, element);
    }
    SCHWARM_TRY(type, type_of(element));
    return typed_here(std::move(out), std::move(type), "the result", element);
}

Result<LogicPtr> LogicCompiler::conditional(xml::Element element, Scope& scope) {
    auto out = std::make_unique<ConditionalLogic>();
    SCHWARM_TRY(condition, child(element, "if", scope));
    SCHWARM_TRY(then, child(element, "then", scope));
    SCHWARM_TRY(otherwise, child(element, "else", scope));
    out->condition = std::move(condition);
    out->then = std::move(then);
    out->otherwise = std::move(otherwise);
    SCHWARM_TRY(type, type_of(element));
    return typed_here(std::move(out), std::move(type), "the result", element);
}

Result<LogicPtr> LogicCompiler::filter(xml::Element element, Scope& outer) {
    auto out = std::make_unique<FilterLogic>();
    SCHWARM_TRY(collection, child(element, "in", outer));
    out->collection = std::move(collection);
    Scope scope(outer);
    const auto item_type = element_type(out->collection);
    for (const auto& member : item_type->members()) scope.names().add(member.name, member.type);
    out->item = scope.declare("item", item_type);
    scope.set_hook(
        [&scope, logic = out.get()](std::string_view name, std::optional<std::uint32_t> outside) {
            const auto slot = scope.layout().add();
            logic->members.push_back({feel::Key::kept(name), slot, outside});
            return slot;
        });
    SCHWARM_TRY(match, child(element, "match", scope));
    out->match = std::move(match);
    SCHWARM_TRY(type, type_of(element));
    return typed_here(std::move(out), std::move(type), "the result", element);
}

Result<LogicPtr> LogicCompiler::iteration(xml::Element element, Scope& outer) {
    SCHWARM_TRY(collection, child(element, "in", outer));
    const auto variable = normalized_name(element.attribute_or("iteratorVariable", ""));
    if (variable.empty()) {
        return bad(ErrorCode::invalid_input, "the iterator variable has no name", element);
    }
    Scope scope(outer);
    const auto item = scope.declare(variable, element_type(collection));
    SCHWARM_TRY(type, type_of(element));
    if (element.name() == "for") {
        auto out = std::make_unique<ForLogic>();
        out->partial = scope.declare("partial", feel::Type::list(feel::Type::any()));
        SCHWARM_TRY(body, child(element, "return", scope));
        out->uses_partial = element.source().find("partial") != std::string_view::npos;
        out->item = item;
        out->collection = std::move(collection);
        out->body = std::move(body);
        return typed_here(std::move(out), std::move(type), "the result", element);
    }
    auto out = std::make_unique<QuantifiedLogic>();
    SCHWARM_TRY(body, child(element, "satisfies", scope));
    out->every = element.name() == "every";
    out->item = item;
    out->collection = std::move(collection);
    out->body = std::move(body);
    return typed_here(std::move(out), std::move(type), "the result", element);
}

// A boxed external function says the same as FEEL's "external", which the language implements.
Result<LogicPtr> LogicCompiler::external(xml::Element definition, std::string_view, Scope& scope) {
    const auto body = expression_in(definition);
    std::string class_name;
    std::string signature;
    for (const auto entry : body.children()) {
        const auto name = normalized_name(entry.child("variable").attribute_or("name", ""));
        const auto text = entry.child("literalExpression").child("text").trimmed_text();
        if (name == "class") class_name = text;
        if (name == "method signature") signature = text;
    }
    if (class_name.empty() || signature.empty()) {
        return bad(ErrorCode::invalid_input,
                   "an external function needs the entries 'class' and 'method signature'",
                   definition);
    }
    std::string parameters;
    std::string arguments;
    for (const auto parameter : definition.children()) {
        if (parameter.name() != "formalParameter") continue;
        const auto name = normalized_name(parameter.attribute_or("name", ""));
        const auto* comma = parameters.empty() ? "" : ", ";
        parameters += fmt::format("{}p{}", comma, parameters.size());
        arguments += comma + name;
    }
    const auto text =
        fmt::format("(function({}) external {{java: {{class: {}, method signature: {}}}}})({})",
                    parameters, class_name, signature, arguments);
    SCHWARM_TRY(bound, bind_expression(text, scope, definition));
    auto* const place = place_of(definition);
    place->part = Place::Part::expression;
    bound.set_place(place);
    return LogicPtr(std::make_unique<LiteralLogic>(std::move(bound)));
}

}  // namespace schwarm::dmn::detail
