#include "schwarm/feel/type.hpp"

#include <algorithm>
#include <array>

#include "schwarm/feel/function.hpp"
#include "type_parser.hpp"

namespace schwarm::feel {
namespace {

constexpr std::array<std::string_view, 14> kTypeNames = {"Any",
                                                         "Null",
                                                         "boolean",
                                                         "number",
                                                         "string",
                                                         "date",
                                                         "time",
                                                         "date and time",
                                                         "days and time duration",
                                                         "years and months duration",
                                                         "list",
                                                         "context",
                                                         "range",
                                                         "function"};

}  // namespace

TypePtr Type::simple(TypeKind kind) {
    static const auto kTypes = [] {
        std::array<TypePtr, 14> types;
        for (std::size_t i = 0; i < types.size(); ++i) {
            types[i] = std::make_shared<const Type>(static_cast<TypeKind>(i));
        }
        return types;
    }();
    return kTypes.at(static_cast<std::size_t>(kind));
}

TypePtr Type::any() {
    return simple(TypeKind::any);
}

TypePtr Type::list(TypePtr element) {
    auto out = std::make_shared<Type>(TypeKind::list);
    out->element_ = std::move(element);
    return out;
}

TypePtr Type::range(TypePtr element) {
    auto out = std::make_shared<Type>(TypeKind::range);
    out->element_ = std::move(element);
    return out;
}

TypePtr Type::context(std::vector<Member> members) {
    auto out = std::make_shared<Type>(TypeKind::context);
    out->members_ = std::move(members);
    for (const Member& member : out->members_) {
        out->member_hashes_.push_back(Key::hash_of(member.name));
    }
    return out;
}

TypePtr Type::function(std::vector<Member> parameters, TypePtr result) {
    auto out = std::make_shared<Type>(TypeKind::function);
    out->members_ = std::move(parameters);
    out->element_ = std::move(result);
    return out;
}

const TypePtr& Type::element() const {
    static const TypePtr kAny = any();
    return element_ == nullptr ? kAny : element_;
}

TypePtr Type::member(std::string_view name) const {
    for (const Member& member : members_) {
        if (member.name == name) return member.type;
    }
    return nullptr;
}

namespace {

TypePtr type_of_list(std::span<const Value> items) {
    TypePtr element;
    for (const Value& item : items) {
        TypePtr type = Type::of(item);
        if (element == nullptr || element->conforms_to(*type)) {
            element = std::move(type);
        } else if (!type->conforms_to(*element)) {
            return Type::list(Type::any());
        }
    }
    return Type::list(element == nullptr ? Type::any() : element);
}

TypePtr type_of_function(const Function& function) {
    std::vector<Type::Member> parameters;
    for (const Function::Parameter& p : function.parameters()) {
        parameters.push_back({p.name, p.type});
    }
    return Type::function(std::move(parameters), function.result_type());
}

}  // namespace

TypePtr Type::of(const Value& value) {
    switch (value.kind()) {
        case Kind::null:
            return simple(TypeKind::null);
        case Kind::boolean:
            return simple(TypeKind::boolean);
        case Kind::number:
            return simple(TypeKind::number);
        case Kind::string:
            return simple(TypeKind::string);
        case Kind::date:
            return simple(TypeKind::date);
        case Kind::time:
            return simple(TypeKind::time);
        case Kind::date_time:
            return simple(TypeKind::date_time);
        case Kind::days_time_duration:
            return simple(TypeKind::days_time_duration);
        case Kind::years_months_duration:
            return simple(TypeKind::years_months_duration);
        case Kind::list:
            return type_of_list(value.as_list());
        case Kind::context: {
            std::vector<Member> members;
            for (const Context::Entry& entry : value.as_context()) {
                members.push_back({std::string(entry.key.text()), of(entry.value)});
            }
            return context(std::move(members));
        }
        case Kind::range: {
            const Range& r = value.as_range();
            return range(of(r.start.is_null() ? r.end : r.start));
        }
        case Kind::function:
            return type_of_function(value.as_function());
    }
    return any();
}

namespace {

// Types share their parts, so that the text may be exponentially longer than the type: what comes
// behind this many bytes is left out.
constexpr std::size_t kLongestText = 10'000;

}  // namespace

std::string Type::to_string() const {
    std::string out;
    append_to(out);
    return out;
}

void Type::append_to(std::string& out) const {
    if (out.size() > kLongestText) return;
    out += kTypeNames.at(static_cast<std::size_t>(kind_));
    if (kind_ == TypeKind::list || kind_ == TypeKind::range) {
        if (element_ == nullptr) return;
        out += "<";
        element_->append_to(out);
        out += ">";
    } else if (kind_ == TypeKind::context && !members_.empty()) {
        const char* separator = "<";
        for (const Member& member : members_) {
            if (out.size() > kLongestText) return;
            out += separator + member.name + ": ";
            member.type->append_to(out);
            separator = ", ";
        }
        out += ">";
    } else if (kind_ == TypeKind::function && element_ != nullptr) {
        const char* separator = "";
        out += "<";
        for (const Member& member : members_) {
            if (out.size() > kLongestText) return;
            out += separator;
            member.type->append_to(out);
            separator = ", ";
        }
        out += "> -> ";
        element_->append_to(out);
    }
}

bool Type::operator==(const Type& other) const {
    return conforms_to(other) && other.conforms_to(*this);
}

bool Type::conforms_to(const Type& other) const {
    if (this == &other || other.is_any() || kind_ == TypeKind::null) return true;
    if (kind_ != other.kind_) return false;
    switch (kind_) {
        case TypeKind::list:
        case TypeKind::range:
            return element()->conforms_to(*other.element());
        case TypeKind::context:
            return std::all_of(other.members_.begin(), other.members_.end(),
                               [&](const Member& theirs) {
                                   const TypePtr ours = member(theirs.name);
                                   return ours != nullptr && ours->conforms_to(*theirs.type);
                               });
        case TypeKind::function: {
            if (other.element_ == nullptr) return true;
            if (members_.size() != other.members_.size()) return false;
            for (std::size_t i = 0; i < members_.size(); ++i) {
                if (!other.members_[i].type->conforms_to(*members_[i].type)) return false;
            }
            return element()->conforms_to(*other.element());
        }
        default:
            return true;
    }
}

Result<TypePtr> Type::parse(std::string_view text, const Resolver& resolver) {
    TypeParser parser(text, 0, resolver ? &resolver : nullptr);
    TypePtr type = parser.parse();
    if (type == nullptr) {
        return fail(ErrorCode::unresolved, "\"" + std::string(text) + "\" is no type");
    }
    if (!parser.at_end()) {
        return fail(ErrorCode::not_well_formed,
                    "unexpected text after the type in \"" + std::string(text) + "\"");
    }
    return type;
}

namespace {

std::optional<TypeKind> type_kind(Kind kind) {
    switch (kind) {
        case Kind::null:
            return TypeKind::null;
        case Kind::boolean:
            return TypeKind::boolean;
        case Kind::number:
            return TypeKind::number;
        case Kind::string:
            return TypeKind::string;
        case Kind::date:
            return TypeKind::date;
        case Kind::time:
            return TypeKind::time;
        case Kind::date_time:
            return TypeKind::date_time;
        case Kind::days_time_duration:
            return TypeKind::days_time_duration;
        case Kind::years_months_duration:
            return TypeKind::years_months_duration;
        case Kind::list:
            return TypeKind::list;
        case Kind::context:
            return TypeKind::context;
        case Kind::range:
            return TypeKind::range;
        case Kind::function:
            return TypeKind::function;
    }
    return std::nullopt;
}

bool fits(const Value& value, const Type& type) {
    return value.is_null() || is_instance(value, type);
}

}  // namespace

namespace {

// A function whose result nobody declared may answer anything.
bool is_function_instance(const Function& function, const Type& type) {
    const TypePtr own = type_of_function(function);
    if (!own->result()->is_any()) return own->conforms_to(type);
    return Type::function(own->members(), type.result())->conforms_to(type);
}

}  // namespace

bool is_instance(const Value& value, const Type& type) {
    if (value.is_null()) return type.kind() == TypeKind::null;
    if (type.is_any()) return true;
    if (type_kind(value.kind()) != type.kind()) return false;
    switch (type.kind()) {
        case TypeKind::list: {
            const Type& element = *type.element();
            if (element.is_any()) return true;
            const auto items = value.as_list();
            return std::all_of(items.begin(), items.end(),
                               [&](const Value& item) { return fits(item, element); });
        }
        case TypeKind::context: {
            const Context& context = value.as_context();
            for (std::size_t i = 0; i < type.members().size(); ++i) {
                const Type::Member& member = type.members()[i];
                const Value* entry = context.find(member.name, type.member_hashes()[i]);
                if (entry == nullptr || !fits(*entry, *member.type)) return false;
            }
            return true;
        }
        case TypeKind::range: {
            const Range& range = value.as_range();
            return fits(range.start, *type.element()) && fits(range.end, *type.element());
        }
        case TypeKind::function:
            return is_function_instance(value.as_function(), type);
        default:
            return true;
    }
}

std::optional<Value> coerce(const Value& value, const Type& type) {
    if (value.is_null() || is_instance(value, type)) return value;
    if (type.kind() == TypeKind::date_time && value.is_date()) {
        return Value(DateTime{value.as_date(), Time{0, Zone::utc()}});
    }
    if (value.is_list() && type.kind() != TypeKind::list) {
        const auto items = value.as_list();
        if (items.size() == 1 && fits(items[0], type)) return items[0];
    }
    if (!value.is_list() && type.kind() == TypeKind::list) {
        if (auto item = coerce(value, *type.element())) return Value::list({std::move(*item)});
    }
    return std::nullopt;
}

}  // namespace schwarm::feel
