// Reading a form-js schema into a Form.
#include <algorithm>
#include <map>
#include <set>

#include "impl.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::forms {
namespace {

using json::Value;

const std::map<std::string, Kind, std::less<>> kKinds = {
    {"textfield", Kind::textfield}, {"textarea", Kind::textarea},   {"number", Kind::number},
    {"datetime", Kind::date},       {"checkbox", Kind::checkbox},   {"radio", Kind::radio},
    {"select", Kind::select},       {"checklist", Kind::checklist}, {"filepicker", Kind::file},
    {"text", Kind::text},           {"separator", Kind::separator}, {"group", Kind::group},
    {"dynamiclist", Kind::list},
};

class SchemaReader {
  public:
    SchemaReader(Form::Impl& form, std::string_view file, const ParseOptions& options)
        : form_(form), file_(file), options_(options) {}

    Result<void> read(const Value& schema) {
        if (!schema.is_object()) {
            return error("the schema must be an object");
        }
        form_.id = schema.string_or("id", "");
        if (schema.string_or("type", "default") != "default") {
            return error("type must be \"default\"");
        }
        if (schema.int_or("schemaVersion", 1) > 19) {
            return error("schemaVersion is newer than 19");
        }
        const Value* components = schema.find("components");
        if (!components || !components->is_array() || components->items().empty()) {
            return error("the list \"components\" is missing or empty");
        }
        Names names;
        SCHWARM_TRY_VOID(read_components(*components, form_.fields, names, 0));
        for (Field& field : form_.fields) {
            SCHWARM_TRY_VOID(compile_field(field, {&names}, names.earlier));
        }
        return make_pages(*components);
    }

  private:
    // The names of one scope: all of it, and those read so far.
    struct Names {
        std::set<std::string, std::less<>> all;
        std::set<std::string, std::less<>> earlier;
    };
    using Scopes = std::vector<Names*>;

    Error error(std::string reason, const std::string& component = {}) const {
        return fail(ErrorCode::invalid_input,
                    component.empty() ? reason : "component " + component + ": " + reason,
                    std::string(file_));
    }

    Result<void> read_components(const Value& components, std::vector<Field>& out, Names& names,
                                 std::size_t depth) {
        if (depth > options_.limits.depth_max) {
            return error("components are nested too deeply");
        }
        for (const Value& component : components.items()) {
            const std::string type = component.string_or("type", "");
            if (type == "spacer" || type == "button") {
                continue;  // layout of the editor, and the submit button that pages have anyway
            }
            SCHWARM_TRY(field, read_component(component, type, names, depth));
            out.push_back(std::move(field));
            if (++count_ > options_.limits.fields_max) {
                return error("too many components");
            }
        }
        return {};
    }

    Result<Field> read_component(const Value& component, const std::string& type, Names& names,
                                 std::size_t depth) {
        Field field;
        field.id = component.string_or("id", "");
        const auto kind = kKinds.find(type);
        std::string name = component.string_or("key", component.string_or("path", field.id));
        if (name.empty()) {
            name = "(without key or id)";
        }
        if (kind == kKinds.end()) {
            return error("type \"" + type + "\" is not supported", name);
        }
        field.kind = kind->second;
        const bool structure = field.kind == Kind::group || field.kind == Kind::list;
        field.key = component.string_or(structure ? "path" : "key", "");
        if (field.kind == Kind::text || field.kind == Kind::separator) {
            field.key.clear();
        } else if (field.key.empty() && field.kind != Kind::group) {
            return error(structure ? "\"path\" is missing" : "\"key\" is missing", name);
        }
        SCHWARM_TRY_VOID(read_key(field, names, name));
        SCHWARM_TRY_VOID(read_texts(field, component, name));
        SCHWARM_TRY_VOID(read_rules(field, component, name));
        SCHWARM_TRY_VOID(read_options(field, component, name));
        SCHWARM_TRY_VOID(read_children(field, component, names, depth, name));
        return field;
    }

    Result<void> read_key(Field& field, Names& names, const std::string& name) {
        if (field.key.empty()) {
            return {};
        }
        std::string_view rest = field.key;
        while (true) {
            const std::size_t dot = rest.find('.');
            const std::string_view step = rest.substr(0, dot);
            const bool good = !step.empty() && step.size() <= 64 && step[0] != '_' &&
                              !(step[0] >= '0' && step[0] <= '9') &&
                              std::all_of(step.begin(), step.end(), [](char c) {
                                  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                         (c >= '0' && c <= '9') || c == '_';
                              });
            if (!good) {
                return error(
                    "the key must consist of letters, digits and _, and begin with a "
                    "letter; steps are separated by a point",
                    name);
            }
            field.path.emplace_back(step);
            if (dot == std::string_view::npos) {
                break;
            }
            rest.remove_prefix(dot + 1);
        }
        if (!names.all.insert(field.key).second) {
            return error("the key stands twice in the form", name);
        }
        return {};
    }

    Label label(const Value& component, std::string_view de, std::string_view en,
                const std::string& text_key) const {
        Label out;
        out.de = component.string_or(de, "");
        const Value* properties = component.find("properties");
        if (properties) {
            if (out.de.empty()) {
                out.de = properties->string_or(de, "");
            }
            out.en = properties->string_or(en, "");
        }
        if (out.en.empty() && options_.english) {
            out.en = options_.english(text_key);
        }
        return out;
    }

    Result<void> read_texts(Field& field, const Value& component, const std::string& name) {
        const std::string key = "form." + form_.id + "." + name;
        std::string_view label_name = field.kind == Kind::text ? "text" : "label";
        if (field.kind == Kind::date && component.find("dateLabel")) {
            label_name = "dateLabel";
        }
        field.label = label(component, label_name, "label_en", key);
        field.hint = label(component, "description", "description_en", key + ".description");
        field.help = label(component, "help", "help_en", key + ".help");
        field.item = label(component, "item", "item_en", key + ".item");
        field.check_message = label(component, "check_message", "check_message_en", key + ".check");
        field.pattern_message =
            label(component, "pattern_message", "pattern_message_en", key + ".pattern");
        const Value empty = Value::object();
        const Value* properties = component.find("properties");
        const Value& extra = properties ? *properties : empty;
        field.legal = extra.string_or("legal", "");
        field.autocomplete = extra.string_or("autocomplete", "");
        field.inputmode = extra.string_or("inputmode", "");
        if (const Value* appearance = component.find("appearance")) {
            field.prefix = appearance->string_or("prefixAdorner", "");
            field.suffix = appearance->string_or("suffixAdorner", "");
        }
        const bool needs_label =
            is_answer(field.kind) || field.kind == Kind::text || field.kind == Kind::list;
        if (needs_label && field.label.de.empty()) {
            return error("the label is missing", name);
        }
        return {};
    }

    static std::optional<std::uint32_t> count(const Value& from, std::string_view name) {
        const Value* value = from.find(name);
        const auto number = value ? value->as_int64() : std::nullopt;
        if (!number || *number < 0 || *number > 1'000'000) {
            return std::nullopt;
        }
        return static_cast<std::uint32_t>(*number);
    }

    // "=feel", or a constant that is made FEEL.
    std::string rule(const Value* value) const {
        if (!value || value->is_null()) {
            return {};
        }
        if (value->is_number()) {
            return value->number_text();
        }
        if (!value->is_string() || value->as_string().empty()) {
            return {};
        }
        const std::string& text = value->as_string();
        if (text[0] == '=') {
            return text.substr(1);
        }
        if (Decimal::parse(text)) {
            return text;
        }
        return "@\"" + text + "\"";
    }

    Result<void> read_rules(Field& field, const Value& component, const std::string& name) {
        const Value empty = Value::object();
        const Value* found = component.find("validate");
        const Value& validate = found ? *found : empty;
        const Value* properties = component.find("properties");
        const Value& extra = properties ? *properties : empty;
        field.required = validate.boolean_or("required", false);
        field.length_min = count(validate, "minLength");
        field.length_max = count(validate, "maxLength");
        field.rows_min = count(validate, "minItems");
        field.rows_max = count(validate, "maxItems");
        if (const auto rows = count(component, "defaultRepetitions")) {
            field.rows_shown = *rows;
        }
        if (const auto decimals = count(component, "decimalDigits")) {
            field.decimals = static_cast<int>(*decimals);
        }
        if (field.kind == Kind::date && component.string_or("subtype", "date") != "date") {
            return error("only the subtype \"date\" is supported", name);
        }
        field.multiple = component.boolean_or("multiple", false);
        field.accept = component.string_or("accept", "");
        field.format = validate.string_or("validationType", "");
        if (field.format == "custom") {
            field.format.clear();
        }
        if (const std::string own = extra.string_or("format", ""); !own.empty()) {
            field.format = own;
        }
        if (!field.format.empty() && field.format != "email" && field.format != "phone" &&
            field.format != "iban") {
            return error("unknown format \"" + field.format + "\"", name);
        }
        const Value* conditional = component.find("conditional");
        Pending pending;
        pending.hide = conditional ? rule(conditional->find("hide")) : "";
        pending.check = rule(extra.find("check"));
        const bool date = field.kind == Kind::date;
        pending.min = rule(date ? extra.find("date_min") : validate.find("min"));
        pending.max = rule(date ? extra.find("date_max") : validate.find("max"));
        if (date && component.boolean_or("disallowPassedDates", false) && pending.min.empty()) {
            pending.min = "today()";
        }
        if (const std::string pattern = validate.string_or("pattern", ""); !pattern.empty()) {
            pending.pattern = "matches(wert, " + feel::Value(pattern).to_feel() + ")";
        }
        pending.options = rule(component.find("valuesExpression"));
        pending.name = name;
        pending_.push_back(std::move(pending));
        return {};
    }

    Result<void> read_options(Field& field, const Value& component, const std::string& name) {
        const bool chosen = field.kind == Kind::radio || field.kind == Kind::select ||
                            field.kind == Kind::checklist;
        if (!chosen) {
            return {};
        }
        if (component.find("valuesKey")) {
            return error("valuesKey is not supported, use valuesExpression", name);
        }
        const Value* values = component.find("values");
        const bool computed = !pending_.back().options.empty();
        if (!values || !values->is_array() || values->items().empty()) {
            return computed ? Result<void>() : Result<void>(error("it has no values", name));
        }
        std::set<std::string> seen;
        for (const Value& value : values->items()) {
            Option option;
            const Value* typed = value.find("value");
            if (!typed || typed->is_null() || typed->is_array() || typed->is_object()) {
                return error("an option has no value", name);
            }
            SCHWARM_TRY(converted, feel::from_json(*typed));
            option.typed = std::move(converted);
            option.value = option.typed.to_string();
            option.label.de = value.string_or("label", option.value);
            const Value* extra = value.find("properties");
            option.label.en =
                value.string_or("label_en", extra ? extra->string_or("label_en", "") : "");
            if (option.label.en.empty() && options_.english) {
                option.label.en =
                    options_.english("form." + form_.id + "." + name + "." + option.value);
            }
            if (!seen.insert(option.value).second) {
                return error("the option \"" + option.value + "\" stands twice", name);
            }
            field.options.push_back(std::move(option));
        }
        return {};
    }

    Result<void> read_children(Field& field, const Value& component, Names& names,
                               std::size_t depth, const std::string& name) {
        if (field.kind != Kind::group && field.kind != Kind::list) {
            return {};
        }
        const Value* components = component.find("components");
        if (!components || !components->is_array() || components->items().empty()) {
            return error("it has no components", name);
        }
        if (field.key.empty()) {
            return read_components(*components, field.children, names, depth + 1);
        }
        Names inner;
        return read_components(*components, field.children, inner, depth + 1);
    }

    // Second pass: all names are known now.
    Result<void> compile_field(Field& field, Scopes scopes,
                               std::set<std::string, std::less<>>& earlier) {
        // The fields come in the order in which they were read.
        const Pending pending = pending_[compiled_++];
        const std::string& name = pending.name;
        const bool date = field.kind == Kind::date;
        SCHWARM_TRY(hide, compile(pending.hide, "conditional.hide", name, scopes, false));
        field.hide = hide;
        if (!field.key.empty()) {
            earlier.insert(field.key);
        }
        SCHWARM_TRY(options, compile(pending.options, "valuesExpression", name, scopes, false));
        field.options_expression = options;
        SCHWARM_TRY(check, compile(pending.check, "check", name, scopes, true));
        field.check = check;
        SCHWARM_TRY(pattern, compile(pending.pattern, "pattern", name, scopes, true));
        field.pattern = pattern;
        SCHWARM_TRY(min, compile(pending.min, date ? "date_min" : "min", name, scopes, false));
        (date ? field.date_min : field.number_min) = min;
        SCHWARM_TRY(max, compile(pending.max, date ? "date_max" : "max", name, scopes, false));
        (date ? field.date_max : field.number_max) = max;
        if (field.key.empty()) {
            for (Field& child : field.children) {
                SCHWARM_TRY_VOID(compile_field(child, scopes, earlier));
            }
            return {};
        }
        Names inner;
        collect(field.children, inner.all);
        scopes.push_back(&inner);
        for (Field& child : field.children) {
            SCHWARM_TRY_VOID(compile_field(child, scopes, inner.earlier));
        }
        return {};
    }

    static void collect(const std::vector<Field>& fields,
                        std::set<std::string, std::less<>>& names) {
        for (const Field& field : fields) {
            if (!field.key.empty()) {
                names.insert(field.key);
            } else {
                collect(field.children, names);
            }
        }
    }

    static std::string head(const std::string& key) { return key.substr(0, key.find('.')); }

    Result<std::int32_t> compile(const std::string& text, const char* what, const std::string& name,
                                 const Scopes& scopes, bool with_answer) {
        if (text.empty()) {
            return -1;
        }
        feel::NameScope scope;
        scope.set_open();
        std::set<std::string> later;
        std::set<std::string> known;
        for (const Names* names : scopes) {
            for (const std::string& key : names->all) {
                (names->earlier.contains(key) ? known : later).insert(head(key));
            }
        }
        for (const std::string& known_name : known) {
            scope.add(known_name);
        }
        if (with_answer) {
            scope.add("wert");
        }
        auto compiled = feel::compile_expression(text, scope);
        if (compiled.has_error()) {
            return error(std::string(what) + " \"=" + text + "\": " + compiled.error().text(),
                         name);
        }
        CompiledExpression expression{std::move(*compiled), {}};
        for (const std::string& reference : expression.expression.references()) {
            expression.names.emplace_back(reference);
            if (known.contains(reference) || (with_answer && reference == "wert")) {
                continue;
            }
            if (later.contains(reference)) {
                return error(
                    std::string(what) + " uses " + reference + ", which stands later in the form",
                    name);
            }
            if (options_.known_names &&
                std::find(options_.known_names->begin(), options_.known_names->end(), reference) ==
                    options_.known_names->end()) {
                return error(
                    std::string(what) + " uses " + reference + ", which is no field of the form",
                    name);
            }
        }
        form_.expressions.push_back(std::move(expression));
        return static_cast<std::int32_t>(form_.expressions.size() - 1);
    }

    Result<void> make_pages(const Value& components) {
        std::vector<const Value*> top;
        for (const Value& component : components.items()) {
            const std::string type = component.string_or("type", "");
            if (type != "spacer" && type != "button") {
                top.push_back(&component);
            }
        }
        for (std::size_t i = 0; i < form_.fields.size(); ++i) {
            const Value* properties = top[i]->find("properties");
            const std::string id = properties ? properties->string_or("page", "") : "";
            if (!id.empty() || form_.pages.empty()) {
                const std::string page_id = id.empty() ? "1" : id;
                if (form_.page_named(page_id)) {
                    return error("the page \"" + page_id + "\" begins twice", page_id);
                }
                if (!std::all_of(page_id.begin(), page_id.end(), [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                    })) {
                    return error("the page \"" + page_id +
                                     "\" must be named with small letters, digits and -",
                                 page_id);
                }
                const bool titled = form_.fields[i].kind == Kind::group;
                form_.pages.push_back({page_id, titled ? form_.fields[i].label : Label{}, {}});
            }
            form_.pages.back().fields.push_back(i);
            form_.page_of.push_back(form_.pages.size() - 1);
        }
        return {};
    }

    struct Pending {
        std::string name, hide, check, min, max, pattern, options;
    };

    Form::Impl& form_;
    std::string_view file_;
    const ParseOptions& options_;
    std::vector<Pending> pending_;
    std::size_t compiled_ = 0;
    std::size_t count_ = 0;
};

}  // namespace

Result<Form> Form::parse(std::string_view json, std::string_view file,
                         const ParseOptions& options) {
    if (json.size() > options.limits.schema_bytes_max) {
        return fail(ErrorCode::limit_exceeded, "the schema is too large", std::string(file));
    }
    auto document = json::parse(json);
    if (document.has_error()) {
        Error error = document.error();
        error.where = std::string(file) + (error.where.empty() ? "" : ":" + error.where);
        return error;
    }
    auto impl = std::make_unique<Impl>();
    impl->limits = options.limits;
    SCHWARM_TRY_VOID(SchemaReader(*impl, file, options).read(*document));
    return Form(std::move(impl));
}

}  // namespace schwarm::forms
