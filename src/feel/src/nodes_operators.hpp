// Arithmetic, comparison, logic, "instance of".
#pragma once

#include <compare>

#include "node.hpp"

namespace schwarm::feel {

enum class Operator : std::uint8_t {
    add,
    subtract,
    multiply,
    divide,
    power,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
};

class ArithmeticNode final : public Node {
  public:
    ArithmeticNode(std::size_t position, Operator op, NodePtr left, NodePtr right);
    Value eval(Frame& frame) const override;

  private:
    Operator op_;
    NodePtr left_;
    NodePtr right_;
};

class NegateNode final : public Node {
  public:
    NegateNode(std::size_t position, NodePtr operand)
        : Node(position), operand_(std::move(operand)) {
        set_type(operand_->type());
    }
    Value eval(Frame& frame) const override;

  private:
    NodePtr operand_;
};

class ComparisonNode final : public Node {
  public:
    ComparisonNode(std::size_t position, Operator op, NodePtr left, NodePtr right)
        : Node(position), op_(op), left_(std::move(left)), right_(std::move(right)) {
        set_type(Type::simple(TypeKind::boolean));
    }
    Value eval(Frame& frame) const override;

  private:
    Operator op_;
    NodePtr left_;
    NodePtr right_;
};

class BetweenNode final : public Node {
  public:
    BetweenNode(std::size_t position, NodePtr value, NodePtr low, NodePtr high)
        : Node(position), value_(std::move(value)), low_(std::move(low)), high_(std::move(high)) {
        set_type(Type::simple(TypeKind::boolean));
    }
    Value eval(Frame& frame) const override;

  private:
    NodePtr value_;
    NodePtr low_;
    NodePtr high_;
};

// "and" (stops at false) or "or" (stops at true), three-valued.
class LogicNode final : public Node {
  public:
    LogicNode(std::size_t position, bool is_and, std::vector<NodePtr> operands)
        : Node(position), is_and_(is_and), operands_(std::move(operands)) {
        set_type(Type::simple(TypeKind::boolean));
    }
    Value eval(Frame& frame) const override;

  private:
    bool is_and_;
    std::vector<NodePtr> operands_;
};

class InstanceOfNode final : public Node {
  public:
    InstanceOfNode(std::size_t position, NodePtr operand, TypePtr tested)
        : Node(position), operand_(std::move(operand)), tested_(std::move(tested)) {
        set_type(Type::simple(TypeKind::boolean));
    }
    Value eval(Frame& frame) const override;

  private:
    NodePtr operand_;
    TypePtr tested_;
};

}  // namespace schwarm::feel
