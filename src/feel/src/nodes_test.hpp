// "in" and unary tests.
#pragma once

#include <vector>

#include "node.hpp"

namespace schwarm::feel {

// One test: a comparison or interval (its value is a range), or any expression.
struct Test {
    NodePtr expression;
    bool uses_input = false;  // it mentions "?", so its own boolean decides
    bool is_range = false;    // written as one: null then means that it is none
};

// True if any test holds for the value, three-valued.
class InNode final : public Node {
  public:
    // input_slot: the local that "?" stands for. negated: not(...).
    InNode(std::size_t position, NodePtr input, std::vector<Test> tests, std::size_t input_slot,
           bool negated)
        : Node(position),
          input_(std::move(input)),
          tests_(std::move(tests)),
          input_slot_(input_slot),
          negated_(negated) {
        set_type(Type::simple(TypeKind::boolean));
    }
    Value eval(Frame& frame) const override;
    const std::vector<Test>& tests() const { return tests_; }
    bool negated() const { return negated_; }

  private:
    NodePtr input_;
    std::vector<Test> tests_;
    std::size_t input_slot_;
    bool negated_;
};

}  // namespace schwarm::feel
