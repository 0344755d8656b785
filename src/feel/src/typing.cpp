#include "typing.hpp"

#include <algorithm>
#include <array>

#include "schwarm/feel/findings.hpp"

namespace schwarm::feel {
namespace {

std::string name_of_kind(const Type& type) {
    return Type::simple(type.kind())->to_string();
}

bool is_moment(TypeKind kind) {
    return kind == TypeKind::date || kind == TypeKind::date_time;
}
bool is_duration(TypeKind kind) {
    return kind == TypeKind::days_time_duration || kind == TypeKind::years_months_duration;
}
bool has_order(TypeKind kind) {
    return kind == TypeKind::number || kind == TypeKind::string || is_moment(kind) ||
           kind == TypeKind::time || is_duration(kind);
}

// What a value and a duration give; any if they do not go together.
TypeKind plus_duration(TypeKind value, TypeKind duration) {
    const bool shifts = is_moment(value) || value == duration ||
                        (value == TypeKind::time && duration == TypeKind::days_time_duration);
    return is_duration(duration) && shifts ? value : TypeKind::any;
}

TypeKind sum_of(TypeKind a, TypeKind b) {
    if (a == b && (a == TypeKind::number || a == TypeKind::string)) return a;
    const TypeKind first = plus_duration(a, b);
    return first != TypeKind::any ? first : plus_duration(b, a);
}

TypeKind difference_of(TypeKind a, TypeKind b) {
    if (a == TypeKind::number && b == a) return a;
    if ((is_moment(a) && is_moment(b)) || (a == TypeKind::time && b == a)) {
        return TypeKind::days_time_duration;
    }
    return plus_duration(a, b);
}

TypeKind product_of(TypeKind a, TypeKind b) {
    if (a == TypeKind::number && b == a) return a;
    if (a == TypeKind::number && is_duration(b)) return b;
    if (b == TypeKind::number && is_duration(a)) return a;
    return TypeKind::any;
}

TypeKind quotient_of(TypeKind a, TypeKind b) {
    if (b == TypeKind::number && (a == b || is_duration(a))) return a;
    return a == b && is_duration(a) ? TypeKind::number : TypeKind::any;
}

const char* verb_of(Operator op) {
    switch (op) {
        case Operator::add:
            return "add";
        case Operator::subtract:
            return "subtract";
        case Operator::multiply:
            return "multiply";
        case Operator::divide:
            return "divide";
        default:
            return "raise to a power";
    }
}

}  // namespace

bool is_known(const Type& type) {
    return !type.is_any() && type.kind() != TypeKind::null;
}

Typing type_arithmetic(Operator op, const Type& left, const Type& right) {
    if (!is_known(left) || !is_known(right)) return {};
    const TypeKind a = left.kind();
    const TypeKind b = right.kind();
    TypeKind result = TypeKind::any;
    switch (op) {
        case Operator::add:
            result = sum_of(a, b);
            break;
        case Operator::subtract:
            result = difference_of(a, b);
            break;
        case Operator::multiply:
            result = product_of(a, b);
            break;
        case Operator::divide:
            result = quotient_of(a, b);
            break;
        default:
            if (a == TypeKind::number && b == a) result = a;
    }
    if (result != TypeKind::any) return {Type::simple(result), {}};
    return {Type::any(), std::string("cannot ") + verb_of(op) + " " + name_of_kind(left) + " and " +
                             name_of_kind(right)};
}

std::string comparison_fault(Operator op, const Type& left, const Type& right) {
    if (!is_known(left) || !is_known(right)) return {};
    const bool same = left.kind() == right.kind();
    if (same && (op == Operator::equal || op == Operator::not_equal)) return {};
    if (same && has_order(left.kind())) return {};
    if (same) return name_of_kind(left) + " has no order";
    return "cannot compare " + name_of_kind(left) + " with " + name_of_kind(right);
}

std::string test_fault(const Type& input, const Type& test) {
    if (!is_known(input) || !is_known(test)) return {};
    if (input.kind() == TypeKind::list || input.kind() == TypeKind::range) return {};
    const bool holds_others = test.kind() == TypeKind::list || test.kind() == TypeKind::range;
    const Type& tested = holds_others ? *test.element() : test;
    if (!is_known(tested) || tested.kind() == input.kind()) return {};
    // A list may hold ranges; a condition decides by itself.
    if (tested.kind() == TypeKind::range || tested.kind() == TypeKind::list) return {};
    if (!holds_others && tested.kind() == TypeKind::boolean) return {};
    return "cannot compare " + name_of_kind(input) + " with " + name_of_kind(tested);
}

namespace {

// What a built-in function takes and gives. Arguments: n number, s string, b boolean, c context,
// d date or date and time, u days and time duration, D, T, U what can become a date, a time, a
// duration, m number or duration, f function, x anything; behind "*" what all further ones are,
// alone or as one list.
// Result: a kind, or "e" the items of the first argument, "l" a list of those.
struct Signature {
    std::string_view name;
    std::string_view arguments;
    TypeKind result;
    char follows = 0;
};

constexpr auto kAny = TypeKind::any;
constexpr auto kBool = TypeKind::boolean;
constexpr auto kNumber = TypeKind::number;
constexpr auto kString = TypeKind::string;
constexpr auto kList = TypeKind::list;

constexpr std::array kSignatures = {
    Signature{"date", "D", TypeKind::date},
    Signature{"date", "nnn", TypeKind::date},
    Signature{"time", "T", TypeKind::time},
    Signature{"time", "nnnu", TypeKind::time},
    Signature{"date and time", "T", TypeKind::date_time},
    Signature{"date and time", "dx", TypeKind::date_time},
    Signature{"duration", "U", kAny},
    Signature{"years and months duration", "dd", TypeKind::years_months_duration},
    Signature{"number", "N", kNumber},
    Signature{"number", "sss", kNumber},
    Signature{"string", "x", kString},
    Signature{"range", "s", TypeKind::range},
    Signature{"day of year", "d", kNumber},
    Signature{"day of week", "d", kString},
    Signature{"month of year", "d", kString},
    Signature{"week of year", "d", kNumber},
    Signature{"last day of month", "d", TypeKind::date},
    Signature{"now", "", TypeKind::date_time},
    Signature{"today", "", TypeKind::date},
    Signature{"is", "xx", kBool},
    Signature{"substring", "snn", kString},
    Signature{"string length", "s", kNumber},
    Signature{"upper case", "s", kString},
    Signature{"lower case", "s", kString},
    Signature{"substring before", "ss", kString},
    Signature{"substring after", "ss", kString},
    Signature{"contains", "ss", kBool},
    Signature{"starts with", "ss", kBool},
    Signature{"ends with", "ss", kBool},
    Signature{"matches", "sss", kBool},
    Signature{"replace", "ssss", kString},
    Signature{"split", "ss", kList},
    Signature{"string join", "xs", kString},
    Signature{"trim", "s", kString},
    Signature{"is blank", "s", kBool},
    Signature{"decimal", "nn", kNumber},
    Signature{"floor", "nn", kNumber},
    Signature{"ceiling", "nn", kNumber},
    Signature{"round up", "nn", kNumber},
    Signature{"round down", "nn", kNumber},
    Signature{"round half up", "nn", kNumber},
    Signature{"round half down", "nn", kNumber},
    Signature{"abs", "m", kAny, 'e'},
    Signature{"modulo", "nn", kNumber},
    Signature{"sqrt", "n", kNumber},
    Signature{"log", "n", kNumber},
    Signature{"exp", "n", kNumber},
    Signature{"odd", "n", kBool},
    Signature{"even", "n", kBool},
    Signature{"list contains", "xx", kBool},
    Signature{"count", "x", kNumber},
    Signature{"sublist", "xnn", kList, 'l'},
    Signature{"append", "*x", kList},
    Signature{"concatenate", "*x", kList},
    Signature{"insert before", "xnx", kList},
    Signature{"remove", "xn", kList, 'l'},
    Signature{"list replace", "xxx", kList},
    Signature{"reverse", "x", kList, 'l'},
    Signature{"index of", "xx", kList},
    Signature{"union", "*x", kList},
    Signature{"distinct values", "x", kList, 'l'},
    Signature{"flatten", "x", kList},
    Signature{"sort", "xf", kList, 'l'},
    Signature{"min", "*x", kAny, 'e'},
    Signature{"max", "*x", kAny, 'e'},
    Signature{"sum", "*m", kAny, 'e'},
    Signature{"product", "*n", kNumber},
    Signature{"mean", "*n", kNumber},
    Signature{"median", "*n", kNumber},
    Signature{"stddev", "*n", kNumber},
    Signature{"mode", "*n", kList},
    Signature{"all", "*x", kBool},
    Signature{"any", "*x", kBool},
    Signature{"not", "b", kBool},
    Signature{"is defined", "x", kBool},
    Signature{"get or else", "xx", kAny},
    Signature{"get value", "cx", kAny},
    Signature{"get entries", "c", kList},
    Signature{"context", "x", TypeKind::context},
    Signature{"context put", "cxx", TypeKind::context},
    Signature{"context merge", "x", TypeKind::context},
};

bool is_range_relation(std::string_view name) {
    const auto relations = range_builtins();
    return std::any_of(relations.begin(), relations.end(),
                       [&](const Builtin& builtin) { return builtin.name == name; });
}

bool takes(char letter, TypeKind kind) {
    switch (letter) {
        case 'n':
            return kind == TypeKind::number;
        case 's':
            return kind == TypeKind::string;
        case 'b':
            return kind == TypeKind::boolean;
        case 'c':
            return kind == TypeKind::context;
        case 'f':
            return kind == TypeKind::function;
        case 'u':
            return kind == TypeKind::days_time_duration;
        case 'd':
            return is_moment(kind);
        case 'D':
            return kind == TypeKind::string || is_moment(kind);
        case 'T':
            return kind == TypeKind::string || kind == TypeKind::time || is_moment(kind);
        case 'U':
            return kind == TypeKind::string || is_duration(kind);
        case 'N':
            return kind == TypeKind::string || kind == TypeKind::number;
        case 'm':
            return kind == TypeKind::number || is_duration(kind);
        default:
            return true;
    }
}

std::string_view wanted(char letter) {
    switch (letter) {
        case 'n':
            return "a number";
        case 's':
            return "a string";
        case 'b':
            return "a boolean";
        case 'c':
            return "a context";
        case 'f':
            return "a function";
        case 'u':
            return "a days and time duration";
        case 'd':
            return "a date";
        case 'D':
            return "a string or a date";
        case 'T':
            return "a string, a time or a date and time";
        case 'U':
            return "a string or a duration";
        case 'N':
            return "a string or a number";
        default:
            return "numbers or durations";
    }
}

// A list of one item stands for the item.
bool takes(char letter, const Type& type) {
    const Type& single = type.kind() == TypeKind::list ? *type.element() : type;
    return letter == 'x' || !is_known(type) || !is_known(single) || takes(letter, single.kind());
}

Typing try_signature(const Signature& signature, std::span<const TypePtr> arguments) {
    const bool variadic = signature.arguments.starts_with('*');
    const std::string name(signature.name);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const char letter = variadic ? signature.arguments[1] : signature.arguments[i];
        if (takes(letter, *arguments[i])) continue;
        return {Type::any(), name + " needs " + std::string(wanted(letter)) + ", not " +
                                 arguments[i]->to_string()};
    }
    if (signature.follows == 0 || arguments.empty()) return {Type::simple(signature.result), {}};
    const Type& first = *arguments[0];
    if (signature.follows == 'l') {
        return {first.kind() == TypeKind::list ? arguments[0] : Type::list(Type::any()), {}};
    }
    const TypePtr item = first.kind() == TypeKind::list ? first.element() : arguments[0];
    const bool alike = std::all_of(arguments.begin(), arguments.end(), [&](const TypePtr& type) {
        return arguments.size() == 1 || type->kind() == item->kind();
    });
    return {alike && has_order(item->kind()) ? item : Type::any(), {}};
}

}  // namespace

Typing type_builtin(const Builtin& builtin, std::span<const TypePtr> arguments) {
    if (is_range_relation(builtin.name)) return {Type::simple(TypeKind::boolean), {}};
    Typing out;
    for (const Signature& signature : kSignatures) {
        if (signature.name != builtin.name) continue;
        const bool variadic = signature.arguments.starts_with('*');
        if (!variadic && arguments.size() > signature.arguments.size()) continue;
        out = try_signature(signature, arguments);
        if (out.fault.empty()) return out;
    }
    return out;
}

std::string call_fault(const Type& function, std::span<const TypePtr> arguments,
                       const std::vector<std::string>& names) {
    if (!is_known(function)) return {};
    if (function.kind() != TypeKind::function) return name_of_kind(function) + " is no function";
    const auto& parameters = function.members();
    if (parameters.empty() && function.result()->is_any()) return {};
    if (arguments.size() != parameters.size()) {
        return "the function takes " + std::to_string(parameters.size()) + " arguments, not " +
               std::to_string(arguments.size());
    }
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const Type::Member* parameter = &parameters[i];
        if (!names.empty()) {
            const auto found =
                std::find_if(parameters.begin(), parameters.end(),
                             [&](const Type::Member& p) { return p.name == names[i]; });
            if (found == parameters.end()) return "the function has no parameter " + names[i];
            parameter = &*found;
        }
        if (!may_fit(*arguments[i], *parameter->type)) {
            return "the argument " + parameter->name + " must be " + parameter->type->to_string() +
                   ", not " + arguments[i]->to_string();
        }
    }
    return {};
}

std::string member_fault(const Type& owner, std::string_view name) {
    static constexpr std::array<std::string_view, 9> kDateTime = {
        "year", "month", "day", "weekday", "hour", "minute", "second", "time offset", "timezone"};
    static constexpr std::array<std::string_view, 4> kDaysTime = {"days", "hours", "minutes",
                                                                  "seconds"};
    static constexpr std::array<std::string_view, 2> kYearsMonths = {"years", "months"};
    static constexpr std::array<std::string_view, 4> kRange = {"start", "end", "start included",
                                                               "end included"};
    std::span<const std::string_view> known;
    switch (owner.kind()) {
        case TypeKind::context:
            if (owner.members().empty() || owner.member(name)) return {};
            break;
        case TypeKind::date:
            known = std::span(kDateTime).first(4);
            break;
        case TypeKind::time:
            known = std::span(kDateTime).subspan(4);
            break;
        case TypeKind::date_time:
            known = kDateTime;
            break;
        case TypeKind::days_time_duration:
            known = kDaysTime;
            break;
        case TypeKind::years_months_duration:
            known = kYearsMonths;
            break;
        case TypeKind::range:
            known = kRange;
            break;
        case TypeKind::number:
        case TypeKind::string:
        case TypeKind::boolean:
        case TypeKind::function:
            break;
        default:
            return {};
    }
    if (std::find(known.begin(), known.end(), name) != known.end()) return {};
    return "there is no \"" + std::string(name) + "\" in " + owner.to_string();
}

}  // namespace schwarm::feel
