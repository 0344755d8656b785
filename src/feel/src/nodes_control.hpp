// if, for, some, every, filters.
#pragma once

#include <optional>

#include "node.hpp"

namespace schwarm::feel {

class IfNode final : public Node {
  public:
    IfNode(std::size_t position, NodePtr condition, NodePtr yes, NodePtr no)
        : Node(position),
          condition_(std::move(condition)),
          yes_(std::move(yes)),
          no_(std::move(no)) {
        if (yes_->type()->conforms_to(*no_->type()))
            set_type(no_->type());
        else if (no_->type()->conforms_to(*yes_->type()))
            set_type(yes_->type());
    }
    Value eval(Frame& frame) const override;

  private:
    NodePtr condition_;
    NodePtr yes_;
    NodePtr no_;
};

// "name in domain" or "name in first..last".
struct Iterator {
    std::size_t slot;
    NodePtr domain;
    NodePtr last;  // empty unless two ends are given
};

class ForNode final : public Node {
  public:
    // partial_slot: where the results so far are kept; only if the body asks for them.
    // cost: steps that evaluating the body once counts; also of the other loops.
    ForNode(std::size_t position, std::vector<Iterator> iterators, NodePtr body,
            std::optional<std::size_t> partial_slot, std::uint64_t cost)
        : Node(position),
          iterators_(std::move(iterators)),
          body_(std::move(body)),
          partial_slot_(partial_slot),
          cost_(cost) {
        set_type(Type::list(body_->type()));
    }
    Value eval(Frame& frame) const override;

  private:
    std::vector<Iterator> iterators_;
    NodePtr body_;
    std::optional<std::size_t> partial_slot_;
    std::uint64_t cost_;
};

class QuantifiedNode final : public Node {
  public:
    QuantifiedNode(std::size_t position, bool is_every, std::vector<Iterator> iterators,
                   NodePtr condition, std::uint64_t cost)
        : Node(position),
          is_every_(is_every),
          iterators_(std::move(iterators)),
          condition_(std::move(condition)),
          cost_(cost) {
        set_type(Type::simple(TypeKind::boolean));
    }
    Value eval(Frame& frame) const override;

  private:
    bool is_every_;
    std::vector<Iterator> iterators_;
    NodePtr condition_;
    std::uint64_t cost_;
};

class FilterNode final : public Node {
  public:
    FilterNode(std::size_t position, NodePtr base, NodePtr filter, std::size_t item_slot,
               std::uint64_t cost)
        : Node(position),
          base_(std::move(base)),
          filter_(std::move(filter)),
          item_slot_(item_slot),
          cost_(cost) {
        if (base_->type()->kind() == TypeKind::list) {
            set_type(filter_->type()->kind() == TypeKind::number ? base_->type()->element()
                                                                 : base_->type());
        }
    }
    Value eval(Frame& frame) const override;

  private:
    NodePtr base_;
    NodePtr filter_;
    std::size_t item_slot_;
    std::uint64_t cost_;
};

}  // namespace schwarm::feel
