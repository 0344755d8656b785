#include "type_parser.hpp"

#include <array>

#include "text.hpp"

namespace schwarm::feel {
namespace {

struct NamedKind {
    std::string_view name;
    TypeKind kind;
};

// Longer names first, so that "date and time" wins over "date".
constexpr std::array kBuiltIn = {
    NamedKind{"years and months duration", TypeKind::years_months_duration},
    NamedKind{"days and time duration", TypeKind::days_time_duration},
    NamedKind{"yearMonthDuration", TypeKind::years_months_duration},
    NamedKind{"dayTimeDuration", TypeKind::days_time_duration},
    NamedKind{"date and time", TypeKind::date_time},
    NamedKind{"dateTime", TypeKind::date_time},
    NamedKind{"function", TypeKind::function},
    NamedKind{"boolean", TypeKind::boolean},
    NamedKind{"context", TypeKind::context},
    NamedKind{"number", TypeKind::number},
    NamedKind{"string", TypeKind::string},
    NamedKind{"range", TypeKind::range},
    NamedKind{"date", TypeKind::date},
    NamedKind{"list", TypeKind::list},
    NamedKind{"time", TypeKind::time},
    NamedKind{"Null", TypeKind::null},
    NamedKind{"Any", TypeKind::any},
};

}  // namespace

bool TypeParser::at_end() {
    at_ = skip_space(text_, at_);
    return at_ == text_.size();
}

bool TypeParser::take(std::string_view symbol) {
    at_ = skip_space(text_, at_);
    if (text_.substr(at_, symbol.size()) != symbol) return false;
    at_ += symbol.size();
    return true;
}

TypePtr TypeParser::parse() {
    constexpr int kMaxDepth = 50;
    if (++depth_ > kMaxDepth) return nullptr;
    at_ = skip_space(text_, at_);
    if (text_.substr(at_, 5) == "feel:") at_ += 5;
    TypePtr type = parse_named();
    --depth_;
    return type;
}

TypePtr TypeParser::parse_named() {
    // A name of a model may begin like a built-in one, so the longest wins.
    std::size_t best_end = at_;
    TypePtr best;
    const NamedKind* built_in = nullptr;
    for (const NamedKind& candidate : kBuiltIn) {
        const std::size_t end = match_name(text_, at_, candidate.name);
        if (end != std::string_view::npos && end > best_end) {
            best_end = end;
            built_in = &candidate;
        }
    }
    if (resolver_ != nullptr) {
        std::size_t end = at_;
        std::size_t next = at_;
        while (next < text_.size()) {
            const std::size_t word = simple_name_end(text_, next);
            end = word > next ? word : next + 1;
            if (word == next && !is_name_symbol(static_cast<unsigned char>(text_[next])) &&
                (text_[next] < '0' || text_[next] > '9')) {
                break;
            }
            if (end > best_end) {
                if (TypePtr found = (*resolver_)(normalize_name(text_.substr(at_, end - at_)))) {
                    best = std::move(found);
                    best_end = end;
                }
            }
            next = skip_space(text_, end);
        }
    }
    if (best == nullptr && built_in == nullptr) return nullptr;
    at_ = best_end;
    if (best != nullptr) return best;
    if (built_in->kind == TypeKind::list || built_in->kind == TypeKind::range) {
        return parse_structured(built_in->name);
    }
    if (built_in->kind == TypeKind::context) return parse_context();
    if (built_in->kind == TypeKind::function) return parse_function();
    return Type::simple(built_in->kind);
}

TypePtr TypeParser::parse_structured(std::string_view name) {
    TypePtr element = Type::any();
    if (take("<")) {
        element = parse();
        if (element == nullptr || !take(">")) return nullptr;
    }
    return name == "list" ? Type::list(std::move(element)) : Type::range(std::move(element));
}

TypePtr TypeParser::parse_context() {
    std::vector<Type::Member> members;
    if (take("<")) {
        do {
            at_ = skip_space(text_, at_);
            const std::size_t colon = text_.find_first_of(":,<>", at_);
            if (colon == std::string_view::npos || text_[colon] != ':') return nullptr;
            std::string name = normalize_name(text_.substr(at_, colon - at_));
            at_ = colon + 1;
            TypePtr type = parse();
            if (name.empty() || type == nullptr) return nullptr;
            members.push_back({std::move(name), std::move(type)});
        } while (take(","));
        if (!take(">")) return nullptr;
    }
    return Type::context(std::move(members));
}

TypePtr TypeParser::parse_function() {
    if (!take("<")) return Type::simple(TypeKind::function);
    std::vector<Type::Member> parameters;
    if (!take(">")) {
        do {
            TypePtr type = parse();
            if (type == nullptr) return nullptr;
            parameters.push_back({"", std::move(type)});
        } while (take(","));
        if (!take(">")) return nullptr;
    }
    if (!take("->")) return nullptr;
    TypePtr result = parse();
    if (result == nullptr) return nullptr;
    return Type::function(std::move(parameters), std::move(result));
}

}  // namespace schwarm::feel
