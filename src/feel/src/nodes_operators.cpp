#include "nodes_operators.hpp"

#include <algorithm>

#include "schwarm/feel/operations.hpp"

namespace schwarm::feel {

ArithmeticNode::ArithmeticNode(std::size_t position, Operator op, NodePtr left, NodePtr right)
    : Node(position), op_(op), left_(std::move(left)), right_(std::move(right)) {
    if (left_->type()->kind() == TypeKind::number && right_->type()->kind() == TypeKind::number) {
        set_type(Type::simple(TypeKind::number));
    }
}

Value ArithmeticNode::eval(Frame& frame) const {
    Value left_buffer;
    Value right_buffer;
    const Value& left = left_->ref(frame, left_buffer);
    const Value& right = right_->ref(frame, right_buffer);
    mark(frame);
    switch (op_) {
        case Operator::add:
            return add(left, right, frame.evaluation);
        case Operator::subtract:
            return subtract(left, right, frame.evaluation);
        case Operator::multiply:
            return multiply(left, right, frame.evaluation);
        case Operator::divide:
            return divide(left, right, frame.evaluation);
        case Operator::power:
            return power(left, right, frame.evaluation);
        default:
            return {};
    }
}

Value NegateNode::eval(Frame& frame) const {
    Value buffer;
    const Value& operand = operand_->ref(frame, buffer);
    mark(frame);
    return negate(operand, frame.evaluation);
}

namespace {

bool holds(Operator op, std::strong_ordering order) {
    switch (op) {
        case Operator::less:
            return order < 0;
        case Operator::less_equal:
            return order <= 0;
        case Operator::greater:
            return order > 0;
        default:
            return order >= 0;
    }
}

}  // namespace

namespace {

// Comparing what has parts is as much work as the smaller one has parts.
bool step_for(const Value& a, const Value& b, Frame& frame) {
    const std::uint32_t weight = std::min(a.weight(), b.weight());
    return weight <= 2 || frame.evaluation.step(weight);
}

}  // namespace

Value ComparisonNode::eval(Frame& frame) const {
    Value left_buffer;
    Value right_buffer;
    const Value& left = left_->ref(frame, left_buffer);
    const Value& right = right_->ref(frame, right_buffer);
    if (!step_for(left, right, frame)) return {};
    if (op_ == Operator::equal || op_ == Operator::not_equal) {
        const auto same = equal(left, right);
        if (same) return *same == (op_ == Operator::equal);
    } else {
        const auto order = compare(left, right);
        if (order) return holds(op_, *order);
    }
    if (frame.evaluation.diagnostics() == nullptr) return {};
    return fail(frame, "cannot compare " + std::string(name_of(left.kind())) + " with " +
                           std::string(name_of(right.kind())));
}

Value BetweenNode::eval(Frame& frame) const {
    const Value value = value_->eval(frame);
    const Value low = low_->eval(frame);
    const Value high = high_->eval(frame);
    if (!step_for(value, low, frame) || !step_for(value, high, frame)) return {};
    const auto from = compare(value, low);
    const auto to = compare(value, high);
    if (!from || !to) return fail(frame, "\"between\" needs values that compare");
    return *from >= 0 && *to <= 0;
}

Value LogicNode::eval(Frame& frame) const {
    bool unknown = false;
    for (const NodePtr& operand : operands_) {
        Value buffer;
        const Value& value = operand->ref(frame, buffer);
        if (!value.is_boolean()) {
            unknown = true;
        } else if (value.as_boolean() != is_and_) {
            return !is_and_;
        }
    }
    // Three-valued logic: what is no boolean counts as unknown, and unknown is an answer.
    if (unknown) return note(frame, is_and_ ? "\"and\" needs booleans" : "\"or\" needs booleans");
    return is_and_;
}

Value InstanceOfNode::eval(Frame& frame) const {
    Value buffer;
    const Value& operand = operand_->ref(frame, buffer);
    if (operand.weight() > 2 && !frame.evaluation.step(operand.weight())) return {};
    return is_instance(operand, *tested_);
}

}  // namespace schwarm::feel
