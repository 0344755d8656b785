#include "types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace schwarm::dmn::detail {

namespace {

// Names tools write beside those of DMN (Camunda 7, DMN 1.0).
std::string_view alias_of(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kAliases = {{
        {"integer", "number"},
        {"long", "number"},
        {"double", "number"},
        {"decimal", "number"},
        {"Undefined", "Any"},
        {"any", "Any"},
        {"dateTime", "date and time"},
        {"dayTimeDuration", "days and time duration"},
        {"yearMonthDuration", "years and months duration"},
    }};
    for (const auto& [from, to] : kAliases) {
        if (name == from) return to;
    }
    return name;
}

ItemTypePtr plain(feel::TypePtr type, std::string name) {
    auto out = std::make_shared<ItemType>();
    out->type = std::move(type);
    out->name = std::move(name);
    return out;
}

}  // namespace

ItemTypePtr any_type() {
    static const ItemTypePtr kAny = plain(feel::Type::any(), "Any");
    return kAny;
}

bool ItemType::allows(const feel::Value& value, feel::Evaluation& evaluation) const {
    if (!constrained || value.is_null()) return true;
    const feel::ContextEnvironment nothing{feel::Value()};
    if (element) {
        if (value.is_list()) {
            for (const auto& item : value.as_list()) {
                if (!element->allows(item, evaluation)) return false;
            }
        }
    } else if (value.is_context()) {
        for (const auto& member : members) {
            const auto* found = value.as_context().find(member.key);
            if (found != nullptr && !member.type->allows(*found, evaluation)) return false;
        }
    }
    for (const auto* tests : {&allowed, &constraint}) {
        if (!*tests) continue;
        if (!feel::evaluate_tests(*tests, value, nothing, evaluation).is_true()) {
            static_cast<void>(
                evaluation.null(fmt::format("{} is not among the allowed values of {}: {}",
                                            value.to_feel(200), name, tests->text())));
            return false;
        }
    }
    return true;
}

std::optional<feel::Value> ItemType::conform(const feel::Value& value,
                                             feel::Evaluation& evaluation) const {
    if (type->is_any() && !constrained) return value;
    // Conversion and allowed values each walk through what has parts.
    const std::uint32_t weight = value.weight();
    if (weight > 2 && !evaluation.step(weight)) return std::nullopt;
    auto converted = feel::coerce(value, *type);
    if (!converted) {
        static_cast<void>(
            evaluation.null(fmt::format("{} is not of the type {}", name_of(value.kind()),
                                        name.empty() ? type->to_string() : name)));
        return std::nullopt;
    }
    if (!allows(*converted, evaluation)) return std::nullopt;
    return converted;
}

feel::Value ItemType::conform_or_null(const feel::Value& value, std::string_view what,
                                      feel::Evaluation& evaluation) const {
    if (value.is_null() || is_any()) return value;
    auto out = conform(value, evaluation);
    if (out) return std::move(*out);
    return evaluation.null(fmt::format("{} does not fit its type", what));
}

void TypeTable::add_import(std::string name, std::string name_space, TypeTable* table) {
    imports_.push_back({std::move(name), std::move(name_space), table});
}

TypeTable* TypeTable::import_of_namespace(std::string_view name_space) {
    for (const auto& import : imports_) {
        if (import.name_space == name_space) return import.table;
    }
    return nullptr;
}

Result<ItemTypePtr> TypeTable::resolve(std::string_view type_ref, xml::Element at) {
    auto name = normalized_name(type_ref);
    if (name.empty()) return any_type();
    // DMN 1.1 writes qualified names: feel:number, tns:tPerson.
    if (const auto colon = name.find(':'); colon != std::string::npos) {
        const auto uri = at.namespace_of_prefix(std::string_view(name).substr(0, colon));
        if (uri && is_feel_namespace(*uri)) {
            name = name.substr(colon + 1);
        } else if (uri && *uri == definitions_->name_space) {
            name = name.substr(colon + 1);
        } else if (uri) {
            if (auto* table = import_of_namespace(*uri)) {
                return table->resolve(std::string_view(name).substr(colon + 1), at);
            }
        } else if (name.starts_with("feel:") || name.starts_with("xsd:")) {
            name = name.substr(colon + 1);
        }
    }
    SCHWARM_TRY(own, named(name));
    if (own) return own;
    for (const auto& import : imports_) {
        if (name.size() > import.name.size() && name.starts_with(import.name) &&
            name[import.name.size()] == '.') {
            const auto rest = std::string_view(name).substr(import.name.size() + 1);
            SCHWARM_TRY(found, import.table->named(rest));
            if (found) return found;
        }
    }
    auto parsed = feel::Type::parse(
        alias_of(name), [this](std::string_view inner) { return find_for_feel(inner); });
    if (parsed) return plain(std::move(*parsed), name);
    return bad(ErrorCode::unresolved, fmt::format("the type '{}' is unknown", name), at);
}

feel::TypePtr TypeTable::find_for_feel(std::string_view name) {
    const auto found = named(name);
    if (found && *found) return (*found)->type;
    for (const auto& import : imports_) {
        if (name.size() > import.name.size() && name.starts_with(import.name) &&
            name[import.name.size()] == '.') {
            return import.table->find_for_feel(name.substr(import.name.size() + 1));
        }
    }
    return nullptr;
}

// Null if there is no such item definition.
Result<ItemTypePtr> TypeTable::named(std::string_view name) {
    if (const auto known = known_.find(name); known != known_.end()) return known->second;
    for (const auto definition : definitions_->item_definitions) {
        if (normalized_name(definition.attribute_or("name", "")) != name) continue;
        // A type that contains itself is open at that place.
        if (std::find(open_.begin(), open_.end(), name) != open_.end()) return any_type();
        open_.emplace_back(name);
        auto built = build(definition, std::string(name));
        open_.pop_back();
        if (built) known_.emplace(name, *built);
        return built;
    }
    return ItemTypePtr();
}

Result<> TypeTable::resolve_all() {
    for (const auto definition : definitions_->item_definitions) {
        SCHWARM_TRY_VOID(named(normalized_name(definition.attribute_or("name", ""))));
    }
    return {};
}

Result<feel::Expression> TypeTable::tests_of(xml::Element definition, std::string_view child) {
    const auto element = definition.child(child);
    if (!element) return feel::Expression();
    const auto text = element.child("text").trimmed_text();
    if (text.empty()) return feel::Expression();
    auto compiled = feel::compile_unary_tests(text);
    if (!compiled) {
        return bad(ErrorCode::invalid_input,
                   fmt::format("the {} do not parse: {}", child, compiled.error().message),
                   element);
    }
    return std::move(*compiled);
}

Result<ItemTypePtr> TypeTable::function_item(xml::Element item) {
    std::vector<feel::Type::Member> parameters;
    for (const auto parameter : item.children()) {
        if (parameter.name() != "parameters") continue;
        SCHWARM_TRY(type, resolve(parameter.attribute_or("typeRef", ""), parameter));
        parameters.push_back({normalized_name(parameter.attribute_or("name", "")), type->type});
    }
    SCHWARM_TRY(result, resolve(item.attribute_or("outputTypeRef", ""), item));
    return plain(feel::Type::function(std::move(parameters), result->type), "function");
}

// Without regard to isCollection.
Result<ItemTypePtr> TypeTable::build_item(xml::Element definition) {
    if (const auto item = definition.child("functionItem")) return function_item(item);
    auto out = std::make_shared<ItemType>();
    std::vector<feel::Type::Member> members;
    for (const auto child : definition.children()) {
        if (child.name() != "itemComponent") continue;
        auto name = normalized_name(child.attribute_or("name", ""));
        SCHWARM_TRY(type, build(child, name));
        members.push_back({name, type->type});
        out->constrained = out->constrained || type->constrained;
        const auto key = feel::Key::kept(name);
        out->members.push_back({std::move(name), std::move(type), key});
    }
    if (!out->members.empty()) {
        out->type = feel::Type::context(std::move(members));
        return ItemTypePtr(std::move(out));
    }
    const auto reference = definition.child("typeRef");
    return resolve(reference ? reference.trimmed_text() : std::string(), definition);
}

Result<ItemTypePtr> TypeTable::build(xml::Element definition, std::string name) {
    SCHWARM_TRY(base, build_item(definition));
    auto item = std::make_shared<ItemType>(*base);
    item->name = name;
    SCHWARM_TRY(allowed, tests_of(definition, "allowedValues"));
    SCHWARM_TRY(constraint, tests_of(definition, "typeConstraint"));
    const auto collection = definition.attribute_or("isCollection", "false");
    if (collection != "true" && collection != "1") {
        // What the base allows stays to be checked through it.
        if (allowed || constraint) {
            if (base->allowed && allowed) {
                item->constraint = base->allowed;
            }
            item->ordering = constraint ? constraint : allowed;
            if (allowed) item->allowed = std::move(allowed);
            if (constraint) item->constraint = std::move(constraint);
            item->constrained = true;
        }
        return ItemTypePtr(std::move(item));
    }
    if (allowed) {
        item->ordering = allowed;
        item->allowed = std::move(allowed);
        item->constrained = true;
    }
    auto list = std::make_shared<ItemType>();
    list->name = std::move(name);
    list->type = feel::Type::list(item->type);
    list->constraint = std::move(constraint);
    list->constrained = item->constrained || list->constraint;
    list->element = std::move(item);
    return ItemTypePtr(std::move(list));
}

}  // namespace schwarm::dmn::detail
