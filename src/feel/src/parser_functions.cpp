// Function literals, calls, literals.
#include <utility>

#include "nodes_tolerant.hpp"
#include "parser.hpp"
#include "schwarm/base/utf8.hpp"
#include "text.hpp"
#include "type_parser.hpp"
#include "typing.hpp"

namespace schwarm::feel {

void Parser::parse_parameters(FunctionBody& body) {
    expect("(");
    if (take(")")) return;
    do {
        skip();
        const std::size_t first = at_;
        while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != ')' && text_[at_] != ':') {
            utf8::next(text_, at_);
        }
        std::string name = normalize_name(text_.substr(first, at_ - first));
        if (name.empty()) error("the name of a parameter is missing");
        TypePtr type = Type::any();
        if (take(":")) {
            TypeParser parser(text_, at_, scope_.type_resolver());
            type = parser.parse();
            if (type == nullptr) {
                throw SyntaxError{at_, "this is no known type: " + describe_here(),
                                  ErrorCode::unresolved};
            }
            at_ = parser.position();
        }
        bind(name, new_slot(), type);
        body.parameters.push_back({std::move(name), std::move(type)});
    } while (take(","));
    expect(")");
}

NodePtr Parser::parse_function(std::string self_name) {
    const std::size_t position = at_;
    expect_keyword("function");
    auto body = std::make_shared<FunctionBody>();
    levels_.emplace_back();
    level().self_name = std::move(self_name);
    parse_parameters(*body);
    level().self_slot = new_slot();
    skip();
    if (at_keyword("external")) {
        take_keyword("external");
        levels_.pop_back();
        NodePtr mapping = parse_expression();
        return make<ExternalFunctionNode>(position, std::move(mapping), body->parameters);
    }
    const Nesting nesting(*this);
    const std::size_t nodes_before = nodes_;
    body->body = parse_expression();
    body->result_type = body->body->type();
    body->cost = steps_of_nodes(nodes_ - nodes_before);
    // One copy for all functions of the expression, which may outlive it.
    if (source_ == nullptr) source_ = std::make_shared<const std::string>(text_);
    body->source = source_;
    Level done = std::move(level());
    levels_.pop_back();
    body->frame_size = done.frame_size;
    body->captured_slots = std::move(done.captured_slots);
    body->self_slot = done.self_slot;
    body->calls_itself = done.calls_itself;
    return make<FunctionNode>(position, std::move(body), std::move(done.captured));
}

// "start position:" before an argument.
std::optional<std::string> Parser::take_argument_name() {
    skip();
    std::size_t end = simple_name_end(text_, at_);
    if (end == at_) return std::nullopt;
    while (end < text_.size() && text_[end] != ':') {
        std::size_t next = end;
        const char32_t c = utf8::next(text_, next);
        if (!is_name_part(c) && !is_name_symbol(c) && !is_space(c)) return std::nullopt;
        end = next;
    }
    if (end >= text_.size()) return std::nullopt;
    std::string name = normalize_name(text_.substr(at_, end - at_));
    at_ = end + 1;
    return name;
}

std::vector<NodePtr> Parser::parse_arguments(std::vector<std::string>& names) {
    expect("(");
    const bool saved = no_filter_;
    no_filter_ = false;
    std::vector<NodePtr> out;
    if (!take(")")) {
        do {
            auto name = take_argument_name();
            if (!out.empty() && name.has_value() == names.empty()) {
                error("named and positional arguments are mixed");
            }
            if (name) names.push_back(std::move(*name));
            out.push_back(parse_expression());
        } while (take(","));
        expect(")");
    }
    no_filter_ = saved;
    return out;
}

NodePtr Parser::parse_call(NodePtr function) {
    const std::size_t position = at_;
    std::vector<std::string> names;
    std::vector<NodePtr> arguments = parse_arguments(names);
    std::vector<TypePtr> types;
    for (const NodePtr& argument : arguments) types.push_back(argument->type());
    note(function->position(), call_fault(*function->type(), types, names));
    return make<CallNode>(position, std::move(function), std::move(arguments), std::move(names));
}

NodePtr Parser::parse_builtin_call(const Builtin& builtin, std::size_t position) {
    std::vector<std::string> names;
    const bool saved = std::exchange(names_may_miss_, names_may_miss_ || asks_for_null(builtin));
    std::vector<NodePtr> arguments = parse_arguments(names);
    names_may_miss_ = saved;
    const std::string function(builtin.name);
    if (!names.empty()) {
        const auto places = match_names(builtin, names);
        if (!places) {
            note(position, function + " has no such parameters");
            return make<NullNode>(position, function + " has no such parameters");
        }
        std::vector<NodePtr> ordered;
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            const std::size_t to = (*places)[i].position;
            if ((*places)[i].must_be_string) {
                arguments[i] = make<StringOnlyNode>(position, std::move(arguments[i]));
            }
            while (ordered.size() <= to) ordered.push_back(nullptr);
            ordered[to] = std::move(arguments[i]);
        }
        for (NodePtr& argument : ordered) {
            if (argument == nullptr) argument = make<ConstantNode>(position, Value());
        }
        arguments = std::move(ordered);
    } else if (!accepts_count(builtin, arguments.size())) {
        note(position, "wrong number of arguments for " + function);
        return make<NullNode>(position, "wrong number of arguments for " + function);
    }
    if (asks_for_null(builtin)) {
        arguments.front() = make<TolerantNode>(position, std::move(arguments.front()));
    }
    bool constant = builtin.foldable;
    std::vector<TypePtr> types;
    for (const NodePtr& argument : arguments) {
        constant = constant && argument->constant() != nullptr;
        types.push_back(argument->type());
    }
    Typing typing = type_builtin(builtin, types);
    note(position, std::move(typing.fault));
    NodePtr node = make<BuiltinCallNode>(position, builtin, std::move(arguments));
    node->set_type(std::move(typing.type));
    return constant ? fold(std::move(node)) : std::move(node);
}

NodePtr Parser::parse_number() {
    const std::size_t first = at_;
    const auto digits = [&] {
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    };
    const auto digit_at = [&](std::size_t i) {
        return i < text_.size() && text_[i] >= '0' && text_[i] <= '9';
    };
    digits();
    if (at_ < text_.size() && text_[at_] == '.' && digit_at(at_ + 1)) {
        ++at_;
        digits();
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
        std::size_t exponent = at_ + 1;
        if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) {
            ++exponent;
        }
        if (digit_at(exponent)) {
            at_ = exponent;
            digits();
        }
    }
    const auto number = Decimal::parse(text_.substr(first, at_ - first));
    if (!number) {
        note(first, "this number is out of range");
        return make<NullNode>(first, "this number is out of range");
    }
    return make<ConstantNode>(first, Value(*number));
}

namespace {

std::optional<char32_t> hex(std::string_view digits) {
    char32_t out = 0;
    for (const char c : digits) {
        out <<= 4;
        if (c >= '0' && c <= '9') {
            out |= static_cast<char32_t>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            out |= static_cast<char32_t>(c - 'a' + 10);
        } else if (c >= 'A' && c <= 'F') {
            out |= static_cast<char32_t>(c - 'A' + 10);
        } else {
            return std::nullopt;
        }
    }
    return out;
}

bool is_surrogate(char32_t c, char32_t first) {
    return c >= first && c < first + 0x400;
}

}  // namespace

// Behind the backslash. What is no escape stays as it is, backslash included.
void Parser::parse_escape(std::string& out) {
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    switch (c) {
        case 'n':
            out += '\n';
            break;
        case 'r':
            out += '\r';
            break;
        case 't':
            out += '\t';
            break;
        case '"':
        case '\'':
        case '\\':
            out += c;
            break;
        case 'u':
        case 'U': {
            const std::size_t size = c == 'u' ? 4 : 6;
            if (at_ + size >= text_.size()) error("an escape in a string is cut off");
            auto code = hex(text_.substr(at_ + 1, size));
            if (!code || *code > 0x10ffff) error("not a code point");
            at_ += size;
            if (is_surrogate(*code, 0xd800)) {
                const auto low = text_.substr(at_ + 1, 2) == "\\u" ? hex(text_.substr(at_ + 3, 4))
                                                                   : std::nullopt;
                if (!low || !is_surrogate(*low, 0xdc00)) error("half a surrogate pair");
                code = 0x10000 + ((*code - 0xd800) << 10) + (*low - 0xdc00);
                at_ += 6;
            } else if (is_surrogate(*code, 0xdc00)) {
                error("half a surrogate pair");
            }
            utf8::append(out, *code);
            break;
        }
        default:
            out += '\\';
            return;
    }
    ++at_;
}

std::string Parser::parse_string() {
    const std::size_t first = at_;
    expect("\"");
    std::string out;
    while (true) {
        if (at_ >= text_.size()) {
            at_ = first;
            error("the string does not end");
        }
        const char c = text_[at_++];
        if (c == '"') return out;
        if (c == '\\') {
            parse_escape(out);
        } else {
            out += c;
        }
    }
}

NodePtr Parser::parse_string_literal() {
    const std::size_t position = at_;
    return make<ConstantNode>(position, Value(parse_string()));
}

NodePtr Parser::parse_at_literal() {
    const std::size_t position = at_;
    expect("@");
    skip();
    if (at_ >= text_.size() || text_[at_] != '"') error("expected a string after \"@\"");
    const std::string text = parse_string();
    const auto constant = [&](auto parsed) -> NodePtr {
        return parsed ? make<ConstantNode>(position, Value(*parsed)) : nullptr;
    };
    if (NodePtr node = constant(Date::parse(text))) return node;
    if (NodePtr node = constant(DateTime::parse(text))) return node;
    if (NodePtr node = constant(Time::parse(text))) return node;
    if (NodePtr node = constant(YearsMonths::parse(text))) return node;
    if (NodePtr node = constant(DaysTime::parse(text))) return node;
    const std::string reason = "\"" + text + "\" is no date, time or duration";
    note(position, reason);
    return make<NullNode>(position, reason);
}

}  // namespace schwarm::feel
