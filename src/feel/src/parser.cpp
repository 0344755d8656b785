#include "parser.hpp"

#include <algorithm>
#include <memory>

#include "nodes_operators.hpp"
#include "schwarm/base/utf8.hpp"
#include "text.hpp"
#include "type_parser.hpp"
#include "typing.hpp"

namespace schwarm::feel {

Parser::Parser(const NameScope& scope, const CompileLimits& limits, Program& program)
    : scope_(scope), limits_(limits), program_(program), text_(program.text), levels_(1) {
    for (const NameScope* s = &scope; s != nullptr; s = s->parent()) {
        for (const NameScope::Name& name : s->names()) learn_members(*name.type, 0);
    }
}

std::size_t Parser::skip_space(std::size_t at) const {
    return feel::skip_space(text_, at);
}

bool Parser::at_symbol(std::string_view symbol) {
    skip();
    return text_.substr(at_, symbol.size()) == symbol;
}

bool Parser::take(std::string_view symbol) {
    if (!at_symbol(symbol)) return false;
    at_ += symbol.size();
    return true;
}

std::string Parser::describe_here() const {
    if (at_ >= text_.size()) return "the end";
    std::size_t end = simple_name_end(text_, at_);
    if (end == at_) utf8::next(text_, end);
    return "\"" + std::string(text_.substr(at_, end - at_)) + "\"";
}

void Parser::expect(std::string_view symbol) {
    if (!take(symbol)) {
        error("expected \"" + std::string(symbol) + "\" instead of " + describe_here());
    }
}

bool Parser::at_keyword(std::string_view keyword) {
    skip();
    return text_.substr(at_, keyword.size()) == keyword &&
           simple_name_end(text_, at_) == at_ + keyword.size();
}

bool Parser::take_keyword(std::string_view keyword) {
    if (!at_keyword(keyword)) return false;
    at_ += keyword.size();
    return true;
}

void Parser::expect_keyword(std::string_view keyword) {
    if (!take_keyword(keyword)) {
        error("expected \"" + std::string(keyword) + "\" instead of " + describe_here());
    }
}

void Parser::count_node() {
    if (++nodes_ > limits_.max_nodes) {
        throw SyntaxError{at_, "the expression has too many parts", ErrorCode::limit_exceeded};
    }
}

void Parser::count_link(std::size_t link) {
    constexpr std::size_t kMaxLinks = 4'000;
    if (link > 1 && ++links_ > kMaxLinks) {
        throw SyntaxError{at_, "too many operators stand in a row", ErrorCode::limit_exceeded};
    }
}

NodePtr Parser::fold(NodePtr node) const {
    if (!limits_.fold_constants) return node;
    Diagnostics diagnostics;
    Evaluation evaluation(&diagnostics);
    Frame frame{evaluation, nullptr, nullptr, {}};
    Value value = node->eval(frame);
    if (value.is_null()) {
        if (diagnostics.empty()) return node;
        const Diagnostic& first = diagnostics.items().front();
        note(node->position(), first.reason);
        const bool always = evaluation.step() && diagnostics.items().size() == 1 &&
                            first.severity == Diagnostic::Severity::error;
        // "in" asks whether a test is written as a range, whatever its value is.
        if (!always || dynamic_cast<const RangeNode*>(node.get()) != nullptr) return node;
        auto failure = std::make_unique<NullNode>(node->position(), first.reason);
        failure->set_type(node->type());
        return failure;
    }
    const std::size_t position = node->position();
    return keep(std::make_unique<ConstantNode>(position, std::move(value)));
}

NodePtr Parser::keep(NodePtr node) const {
    const Value* value = node->constant();
    if (value != nullptr && value->shared_object() != nullptr) {
        program_.constants.push_back(*value);
    }
    return node;
}

void Parser::note(std::size_t position, std::string reason) const {
    constexpr std::size_t kMaxNotes = 100;
    if (reason.empty() || program_.notes.size() >= kMaxNotes) return;
    program_.notes.push_back({position, std::move(reason)});
}

void Parser::note_unless(TypeKind wanted, const Node& node, const char* what) const {
    const Type& type = *node.type();
    if (!is_known(type) || type.kind() == wanted) return;
    note(node.position(), std::string(what) + " must be a " + Type::simple(wanted)->to_string() +
                              ", not " + Type::simple(type.kind())->to_string());
}

NodePtr Parser::arithmetic(std::size_t position, Operator op, NodePtr left, NodePtr right) {
    Typing typing = type_arithmetic(op, *left->type(), *right->type());
    note(position, std::move(typing.fault));
    NodePtr node = make<ArithmeticNode>(position, op, std::move(left), std::move(right));
    node->set_type(std::move(typing.type));
    return node;
}

void Parser::parse_whole_expression() {
    program_.root = parse_expression();
    skip();
    if (at_ < text_.size()) error("unexpected " + describe_here());
    program_.frame_size = level().frame_size;
    program_.cost = steps_of_nodes(nodes_);
}

NodePtr Parser::parse_expression() {
    const Nesting nesting(*this, no_filter_);
    return parse_or();
}

NodePtr Parser::parse_or() {
    NodePtr first = parse_and();
    if (!at_keyword("or")) return first;
    const std::size_t position = at_;
    std::vector<NodePtr> operands;
    operands.push_back(std::move(first));
    while (take_keyword("or")) operands.push_back(parse_and());
    for (const NodePtr& operand : operands) {
        note_unless(TypeKind::boolean, *operand, "an operand of \"or\"");
    }
    return make<LogicNode>(position, false, std::move(operands));
}

NodePtr Parser::parse_and() {
    NodePtr first = parse_comparison();
    if (!at_keyword("and")) return first;
    const std::size_t position = at_;
    std::vector<NodePtr> operands;
    operands.push_back(std::move(first));
    while (take_keyword("and")) operands.push_back(parse_comparison());
    for (const NodePtr& operand : operands) {
        note_unless(TypeKind::boolean, *operand, "an operand of \"and\"");
    }
    return make<LogicNode>(position, true, std::move(operands));
}

namespace {

struct Symbol {
    std::string_view text;
    Operator op;
};
// Longer ones first.
constexpr Symbol kComparisons[] = {
    {"<=", Operator::less_equal}, {">=", Operator::greater_equal}, {"!=", Operator::not_equal},
    {"=", Operator::equal},       {"<", Operator::less},           {">", Operator::greater},
};

Range::Form form_of(Operator op) {
    switch (op) {
        case Operator::less:
            return Range::Form::less;
        case Operator::less_equal:
            return Range::Form::less_equal;
        case Operator::greater:
            return Range::Form::greater;
        case Operator::greater_equal:
            return Range::Form::greater_equal;
        case Operator::equal:
            return Range::Form::equal;
        default:
            return Range::Form::not_equal;
    }
}

}  // namespace

NodePtr Parser::parse_comparison() {
    NodePtr left = parse_additive();
    for (std::size_t link = 0;; ++link) {
        count_link(link);
        skip();
        const std::size_t position = at_;
        if (take_keyword("between")) {
            NodePtr low = parse_additive();
            expect_keyword("and");
            NodePtr high = parse_additive();
            for (const NodePtr* end : {&low, &high}) {
                note(position, comparison_fault(Operator::less, *left->type(), *(*end)->type()));
            }
            left = make<BetweenNode>(position, std::move(left), std::move(low), std::move(high));
            continue;
        }
        if (take_keyword("in")) {
            left = parse_in(std::move(left));
            continue;
        }
        const Symbol* found = nullptr;
        for (const Symbol& symbol : kComparisons) {
            if (take(symbol.text)) {
                found = &symbol;
                break;
            }
        }
        if (found == nullptr) return left;
        NodePtr right = parse_additive();
        note(position, comparison_fault(found->op, *left->type(), *right->type()));
        left = make<ComparisonNode>(position, found->op, std::move(left), std::move(right));
    }
}

NodePtr Parser::parse_additive() {
    NodePtr left = parse_multiplicative();
    for (std::size_t link = 0;; ++link) {
        count_link(link);
        skip();
        const std::size_t position = at_;
        Operator op = Operator::add;
        if (take("-")) {
            op = Operator::subtract;
        } else if (!take("+")) {
            return left;
        }
        NodePtr right = parse_multiplicative();
        left = arithmetic(position, op, std::move(left), std::move(right));
    }
}

NodePtr Parser::parse_multiplicative() {
    NodePtr left = parse_power();
    for (std::size_t link = 0;; ++link) {
        count_link(link);
        skip();
        const std::size_t position = at_;
        Operator op = Operator::multiply;
        if (take("/")) {
            op = Operator::divide;
        } else if (at_symbol("**") || !take("*")) {
            return left;
        }
        NodePtr right = parse_power();
        left = arithmetic(position, op, std::move(left), std::move(right));
    }
}

NodePtr Parser::parse_power() {
    NodePtr left = parse_unary();
    for (std::size_t link = 0; at_symbol("**"); ++link) {
        count_link(link);
        const std::size_t position = at_;
        take("**");
        NodePtr right = parse_unary();
        left = arithmetic(position, Operator::power, std::move(left), std::move(right));
    }
    return left;
}

NodePtr Parser::parse_unary() {
    skip();
    const std::size_t position = at_;
    // The sign of a literal belongs to it (grammar rule 37): -9 instance of number.
    if (!at_symbol("-") || at_negative_literal()) return parse_instance();
    take("-");
    const Nesting nesting(*this, no_filter_);
    NodePtr operand = parse_unary();
    const Type& type = *operand->type();
    if (is_known(type) && type.kind() != TypeKind::number &&
        type.kind() != TypeKind::days_time_duration &&
        type.kind() != TypeKind::years_months_duration && operand->constant() == nullptr) {
        note(position, "cannot negate " + Type::simple(type.kind())->to_string());
    }
    const bool constant = operand->constant() != nullptr;
    NodePtr node = make<NegateNode>(position, std::move(operand));
    return constant ? fold(std::move(node)) : std::move(node);
}

NodePtr Parser::parse_instance() {
    NodePtr operand = parse_postfix();
    for (std::size_t link = 0;; ++link) {
        count_link(link);
        skip();
        const std::size_t position = at_;
        if (!take_keyword("instance")) return operand;
        expect_keyword("of");
        skip();
        TypeParser parser(text_, at_, scope_.type_resolver());
        TypePtr type = parser.parse();
        if (type == nullptr) {
            throw SyntaxError{at_, "this is no known type: " + describe_here(),
                              ErrorCode::unresolved};
        }
        at_ = parser.position();
        operand = make<InstanceOfNode>(position, std::move(operand), std::move(type));
    }
}

NodePtr Parser::parse_postfix() {
    NodePtr node = parse_primary();
    for (std::size_t link = 0;; ++link) {
        count_link(link);
        if (at_symbol(".") && !at_symbol("..")) {
            node = parse_path(std::move(node));
        } else if (at_symbol("[") && (!no_filter_ || opens_filter())) {
            node = parse_filter(std::move(node));
        } else if (at_symbol("(")) {
            node = parse_call(std::move(node));
        } else {
            return node;
        }
    }
}

bool Parser::at_negative_literal() const {
    const auto digit = [&](std::size_t i) {
        return i < text_.size() && text_[i] >= '0' && text_[i] <= '9';
    };
    return digit(at_ + 1) || (text_.substr(at_ + 1, 1) == "." && digit(at_ + 2));
}

// At "[" behind the end of a range: "]1..n[" ends there, "[1..l[2]]" goes on. What begins an
// expression cannot follow a range.
bool Parser::opens_filter() {
    const std::size_t start = at_;
    ++at_;
    skip();
    bool ends = at_ >= text_.size() ||
                std::string_view(")]},=<>!+*/.:").find(text_[at_]) != std::string_view::npos;
    for (const std::string_view word :
         {"and", "or", "then", "else", "return", "satisfies", "in", "between", "instance"}) {
        ends = ends || at_keyword(word);
    }
    at_ = start;
    return !ends;
}

NodePtr Parser::parse_primary() {
    skip();
    if (at_ >= text_.size()) error("something is missing at the end");
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    const bool digit_next = next >= '0' && next <= '9';
    if ((c >= '0' && c <= '9') || (c == '.' && digit_next)) return parse_number();
    switch (c) {
        case '-': {
            if (!at_negative_literal()) error("unexpected \"-\"");
            const std::size_t position = at_++;
            return fold(make<NegateNode>(position, parse_number()));
        }
        case '"':
            return parse_string_literal();
        case '@':
            return parse_at_literal();
        case '(':
            return parse_parenthesis();
        case '[':
        case ']':
            return parse_bracket();
        case '{':
            return parse_context();
        default:
            return parse_name();
    }
}

NodePtr Parser::parse_comparison_range(bool& found) {
    skip();
    const std::size_t position = at_;
    for (const Symbol& symbol : kComparisons) {
        if (!take(symbol.text)) continue;
        found = true;
        NodePtr bound = parse_additive();
        const bool constant = bound->constant() != nullptr;
        RangeNode::Ends ends;
        ends.form = form_of(symbol.op);
        ends.start_included = symbol.op == Operator::greater_equal || symbol.op == Operator::equal;
        ends.end_included = symbol.op == Operator::less_equal || symbol.op == Operator::equal;
        if (symbol.op == Operator::less || symbol.op == Operator::less_equal) {
            ends.end = std::move(bound);
        } else {
            ends.start = std::move(bound);
        }
        NodePtr node = make<RangeNode>(position, std::move(ends));
        return constant ? fold(std::move(node)) : std::move(node);
    }
    found = false;
    return nullptr;
}

NodePtr Parser::parse_parenthesis() {
    const std::size_t position = at_;
    expect("(");
    const Nesting nesting(*this);
    bool comparison = false;
    NodePtr node = parse_comparison_range(comparison);
    if (!comparison) {
        node = parse_expression();
        if (take("..")) return parse_interval_end(position, std::move(node), false);
    }
    expect(")");
    return node;
}

NodePtr Parser::parse_bracket() {
    const std::size_t position = at_;
    const Nesting nesting(*this);
    if (take("]")) {
        NodePtr start = parse_expression();
        expect("..");
        return parse_interval_end(position, std::move(start), false);
    }
    expect("[");
    std::vector<NodePtr> items;
    bool constant = true;
    if (!at_symbol("]")) {
        do {
            items.push_back(parse_expression());
            if (items.size() == 1 && take("..")) {
                return parse_interval_end(position, std::move(items.front()), true);
            }
            constant = constant && items.back()->constant() != nullptr;
        } while (take(","));
    }
    expect("]");
    bool alike = true;
    for (const NodePtr& item : items) alike = alike && *item->type() == *items[0]->type();
    NodePtr node = make<ListNode>(position, std::move(items));
    // The type of contexts that differ does not say which members there are.
    if (!alike && node->type()->element()->kind() == TypeKind::context) {
        node->set_type(Type::list(Type::any()));
    }
    return constant ? fold(std::move(node)) : std::move(node);
}

NodePtr Parser::parse_interval_end(std::size_t position, NodePtr start, bool start_included) {
    RangeNode::Ends ends;
    {
        const Nesting nesting(*this, true);
        ends.end = parse_additive();
    }
    ends.start = std::move(start);
    ends.start_included = start_included;
    if (take("]")) {
        ends.end_included = true;
    } else if (!take(")") && !take("[")) {
        error("expected the end of the range instead of " + describe_here());
    }
    const bool constant = ends.start->constant() != nullptr && ends.end->constant() != nullptr;
    NodePtr node = make<RangeNode>(position, std::move(ends));
    return constant ? fold(std::move(node)) : std::move(node);
}

std::string Parser::parse_context_key() {
    skip();
    if (at_symbol("\"")) return parse_string();
    const std::size_t first = at_;
    while (at_ < text_.size() && text_[at_] != ':') {
        std::size_t next = at_;
        const char32_t c = utf8::next(text_, next);
        if (!is_name_start(c) && !is_name_part(c) && !is_name_symbol(c) && !is_space(c)) {
            error("unexpected " + describe_here() + " in the name of an entry");
        }
        at_ = next;
    }
    std::string name = normalize_name(text_.substr(first, at_ - first));
    if (name.empty()) error("the name of an entry is missing");
    return name;
}

NodePtr Parser::parse_context() {
    const std::size_t position = at_;
    const Nesting nesting(*this);
    const Block block(*this);
    expect("{");
    std::vector<ContextNode::Entry> entries;
    std::set<std::string> seen;
    std::string duplicate;
    if (!at_symbol("}")) {
        do {
            std::string name = parse_context_key();
            expect(":");
            const std::size_t slot = new_slot();
            skip();
            NodePtr value = at_keyword("function") ? parse_function(name) : parse_expression();
            if (!seen.insert(name).second) duplicate = name;
            member_names_.insert(name);
            bind(name, slot, value->type());
            entries.push_back({Key::kept(name), slot, std::move(value)});
        } while (take(","));
    }
    expect("}");
    if (!duplicate.empty()) {
        note(position, "the entry \"" + duplicate + "\" stands here twice");
        return make<NullNode>(position, "the entry \"" + duplicate + "\" stands here twice");
    }
    return make<ContextNode>(position, std::move(entries));
}

NodePtr Parser::parse_if() {
    const std::size_t position = at_;
    expect_keyword("if");
    NodePtr condition = parse_expression();
    expect_keyword("then");
    NodePtr yes = parse_expression();
    expect_keyword("else");
    NodePtr no = parse_expression();
    note_unless(TypeKind::boolean, *condition, "the condition");
    const bool alike = *yes->type() == *no->type();
    NodePtr node = make<IfNode>(position, std::move(condition), std::move(yes), std::move(no));
    if (!alike && (node->type()->kind() == TypeKind::context ||
                   node->type()->element()->kind() == TypeKind::context)) {
        node->set_type(Type::any());
    }
    return node;
}

std::vector<Iterator> Parser::parse_iterators() {
    std::vector<Iterator> out;
    do {
        std::string name = parse_binding_name("in");
        expect_keyword("in");
        Iterator iterator{0, parse_expression(), nullptr};
        TypePtr type = iterator.domain->type();
        if (take("..")) {
            iterator.last = parse_expression();
        } else if (type->kind() == TypeKind::list || type->kind() == TypeKind::range) {
            type = type->element();
        } else {
            type = Type::any();
        }
        iterator.slot = new_slot();
        bind(std::move(name), iterator.slot, std::move(type));
        out.push_back(std::move(iterator));
    } while (take(","));
    return out;
}

NodePtr Parser::parse_for() {
    const std::size_t position = at_;
    const Block block(*this);
    expect_keyword("for");
    std::vector<Iterator> iterators = parse_iterators();
    expect_keyword("return");
    const std::size_t partial_slot = new_slot();
    bind("partial", partial_slot, Type::list(Type::any()));
    const std::size_t partial = level().bindings.size() - 1;
    const std::size_t nodes_before = nodes_;
    NodePtr body = parse_expression();
    const bool uses_partial = level().bindings[partial].used;
    return make<ForNode>(position, std::move(iterators), std::move(body),
                         uses_partial ? std::optional(partial_slot) : std::nullopt,
                         steps_of_nodes(nodes_ - nodes_before));
}

NodePtr Parser::parse_quantified(bool is_every) {
    const std::size_t position = at_;
    const Block block(*this);
    expect_keyword(is_every ? "every" : "some");
    std::vector<Iterator> iterators = parse_iterators();
    expect_keyword("satisfies");
    const std::size_t nodes_before = nodes_;
    NodePtr condition = parse_expression();
    note_unless(TypeKind::boolean, *condition, "the condition");
    return make<QuantifiedNode>(position, is_every, std::move(iterators), std::move(condition),
                                steps_of_nodes(nodes_ - nodes_before));
}

namespace {

Error to_error(std::string_view text, const SyntaxError& e) {
    const std::string_view before = text.substr(0, std::min(e.position, text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t column = utf8::length(before.substr(before.rfind('\n') + 1)) + 1;
    return Error(e.code, e.reason, std::to_string(line) + ":" + std::to_string(column));
}

}  // namespace

Result<Expression> compile(std::string_view text, const NameScope& scope,
                           const CompileLimits& limits, bool unary_tests) {
    if (text.size() > limits.max_bytes) {
        return fail(ErrorCode::limit_exceeded, "the expression is too long", "1:1");
    }
    if (const std::size_t bad = utf8::first_invalid(text); bad != std::string_view::npos) {
        return to_error(text.substr(0, bad), SyntaxError{bad, "not valid UTF-8"});
    }
    auto program = std::make_shared<Program>();
    program->text = std::string(text);
    program->is_unary_tests = unary_tests;
    try {
        Parser parser(scope, limits, *program);
        if (unary_tests) {
            parser.parse_whole_tests();
        } else {
            parser.parse_whole_expression();
        }
    } catch (const SyntaxError& e) {
        return to_error(text, e);
    }
    return Expression(std::move(program));
}

}  // namespace schwarm::feel
