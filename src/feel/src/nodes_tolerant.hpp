// An operand for which null is an ordinary answer: "is defined(loan.rate)".
#pragma once

#include <utility>

#include "node.hpp"

namespace schwarm::feel {

// What goes wrong inside is recorded as a note, not as an error.
class TolerantNode final : public Node {
  public:
    TolerantNode(std::size_t position, NodePtr operand)
        : Node(position), operand_(std::move(operand)) {
        set_type(operand_->type());
    }
    Value eval(Frame& frame) const override {
        const Evaluation::NullIsFine null_is_fine(frame.evaluation);
        return operand_->eval(frame);
    }
    const Value* constant() const override { return operand_->constant(); }

  private:
    NodePtr operand_;
};

}  // namespace schwarm::feel
