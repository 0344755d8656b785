// Unary tests and "in".
#include "parser.hpp"
#include "typing.hpp"

namespace schwarm::feel {

Test Parser::parse_test(bool whole_expression) {
    const std::size_t input = [&] {
        for (std::size_t i = level().bindings.size(); i-- > 0;) {
            if (level().bindings[i].name == "?") return i;
        }
        return level().bindings.size();
    }();
    const auto set_used = [&](bool used) {
        if (input < level().bindings.size()) level().bindings[input].used = used;
    };
    const bool used_before = input < level().bindings.size() && level().bindings[input].used;
    set_used(false);
    Test test;
    bool comparison = false;
    test.expression = parse_comparison_range(comparison);
    if (!comparison) test.expression = whole_expression ? parse_expression() : parse_additive();
    test.is_range = dynamic_cast<const RangeNode*>(test.expression.get()) != nullptr;
    test.uses_input =
        !comparison && input < level().bindings.size() && level().bindings[input].used;
    // A comparison that mentions "?" needs the slot, too, but its range decides.
    set_used(used_before || test.uses_input);
    return test;
}

std::vector<Test> Parser::parse_tests(std::string_view closing) {
    std::vector<Test> tests;
    do {
        tests.push_back(parse_test(true));
        if (tests.size() == 1 && closing == ")" && take("..")) {
            Test interval;
            const std::size_t position = tests.front().expression->position();
            interval.expression =
                parse_interval_end(position, std::move(tests.front().expression), false);
            tests.clear();
            tests.push_back(std::move(interval));
            return tests;
        }
    } while (take(","));
    if (!closing.empty()) expect(closing);
    return tests;
}

void Parser::check_tests(const Type& input, const std::vector<Test>& tests) const {
    for (const Test& test : tests) {
        const Node& node = *test.expression;
        const auto* range = dynamic_cast<const RangeNode*>(&node);
        if (range == nullptr) {
            note(node.position(), test_fault(input, *node.type()));
            continue;
        }
        for (const NodePtr* end : {&range->ends().start, &range->ends().end}) {
            if (*end != nullptr) note(node.position(), test_fault(input, *(*end)->type()));
        }
    }
}

NodePtr Parser::parse_in(NodePtr input) {
    skip();
    const std::size_t position = at_;
    const Block block(*this);
    const std::size_t slot = new_slot();
    bind("?", slot, input->type());
    std::vector<Test> tests;
    const std::size_t start = at_;
    if (take("(")) tests = parse_tests(")");
    // "(function() 1)()" and "(l)[1]" are one test that begins with a parenthesis.
    const bool goes_on =
        at_symbol("(") || (!no_filter_ && at_symbol("[")) || (at_symbol(".") && !at_symbol(".."));
    if (tests.empty() || (goes_on && tests.size() == 1)) {
        at_ = start;
        tests.clear();
        tests.push_back(parse_test(false));
    }
    check_tests(*input->type(), tests);
    return make<InNode>(position, std::move(input), std::move(tests), slot, false);
}

namespace {

bool is_literal(const Value& value) {
    return !value.is_list() && !value.is_range() && !value.is_function();
}

void describe(Program& program, const std::vector<Test>& tests, bool negated) {
    std::vector<Value> constants;
    for (const Test& test : tests) {
        const Value* value = test.expression->constant();
        if (value == nullptr || value->is_function() || value->is_context()) return;
        constants.push_back(*value);
    }
    program.constant_tests = std::move(constants);
    program.negated = negated;
    if (negated) return;
    if (tests.size() == 1) {
        const Value* only = tests[0].expression->constant();
        if (only != nullptr && only->is_range() &&
            only->as_range().form != Range::Form::not_equal) {
            program.shape = Expression::TestShape::interval;
            program.test_values = {*only};
            return;
        }
    }
    std::vector<Value> values;
    for (const Test& test : tests) {
        const Value* value = test.expression->constant();
        if (value == nullptr || !is_literal(*value)) return;
        values.push_back(*value);
    }
    program.shape = Expression::TestShape::equality;
    program.test_values = std::move(values);
}

}  // namespace

void Parser::parse_whole_tests() {
    const std::size_t slot = new_slot();
    // A caller that knows the type of what is tested declares it under this name.
    const NameScope::Name* input = find_outer("?");
    const TypePtr type = input == nullptr ? Type::any() : input->type;
    bind("?", slot, type);
    skip();
    const std::size_t start = at_;
    if (take("-") && skip_space(at_) == text_.size()) {
        program_.shape = Expression::TestShape::any;
        program_.root = make<ConstantNode>(start, Value(true));
        program_.frame_size = level().frame_size;
        return;
    }
    at_ = start;
    bool negated = false;
    std::vector<Test> tests;
    if (take_keyword("not") && take("(")) {
        tests = parse_tests(")");
        negated = skip_space(at_) == text_.size();
    }
    if (!negated) {
        at_ = start;
        tests = parse_tests("");
    }
    skip();
    if (at_ < text_.size()) error("unexpected " + describe_here());
    describe(program_, tests, negated);
    if (program_.constant_tests.empty()) check_tests(*type, tests);
    if (program_.shape != Expression::TestShape::general) program_.constant_tests.clear();
    program_.root =
        make<InNode>(start, make<LocalNode>(start, slot), std::move(tests), slot, negated);
    program_.frame_size = level().frame_size;
    program_.cost = steps_of_nodes(nodes_);
}

}  // namespace schwarm::feel
