// Constants, names, paths, lists, contexts, ranges.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "node.hpp"

namespace schwarm::feel {

class ConstantNode final : public Node {
  public:
    ConstantNode(std::size_t position, Value value) : Node(position), value_(std::move(value)) {
        set_type(Type::of(value_));
    }
    Value eval(Frame&) const override { return value_; }
    const Value& ref(Frame&, Value&) const override { return value_; }
    const Value* constant() const override { return &value_; }

  private:
    Value value_;
};

// Null for a reason known at compile time.
class NullNode final : public Node {
  public:
    NullNode(std::size_t position, std::string reason)
        : Node(position), reason_(std::move(reason)) {}
    Value eval(Frame& frame) const override { return fail(frame, reason_); }

  private:
    std::string reason_;
};

class LocalNode final : public Node {
  public:
    LocalNode(std::size_t position, std::size_t slot) : Node(position), slot_(slot) {}
    Value eval(Frame& frame) const override { return frame.locals[slot_]; }
    const Value& ref(Frame& frame, Value&) const override { return frame.locals[slot_]; }

  private:
    std::size_t slot_;
};

class ExternalNode final : public Node {
  public:
    ExternalNode(std::size_t position, std::size_t slot) : Node(position), slot_(slot) {}
    Value eval(Frame& frame) const override { return frame.name(slot_); }
    const Value& ref(Frame& frame, Value&) const override { return frame.name(slot_); }

  private:
    std::size_t slot_;
};

// A name inside of filters: an entry of the innermost item that has it, else the outer meaning.
class FilterNameNode final : public Node {
  public:
    FilterNameNode(std::size_t position, std::string_view name, std::vector<std::size_t> items,
                   NodePtr outer)
        : Node(position),
          key_(Key::kept(name)),
          items_(std::move(items)),
          outer_(std::move(outer)) {}
    Value eval(Frame& frame) const override {
        Value buffer;
        return ref(frame, buffer);
    }
    const Value& ref(Frame& frame, Value& buffer) const override;

  private:
    Key key_;
    std::vector<std::size_t> items_;
    NodePtr outer_;
};

class PathNode final : public Node {
  public:
    PathNode(std::size_t position, NodePtr base, std::string_view name)
        : Node(position), base_(std::move(base)), key_(Key::kept(name)) {}
    Value eval(Frame& frame) const override;
    const Value& ref(Frame& frame, Value& buffer) const override;

  private:
    NodePtr base_;
    Key key_;
};

class ListNode final : public Node {
  public:
    ListNode(std::size_t position, std::vector<NodePtr> items);
    Value eval(Frame& frame) const override;

  private:
    std::vector<NodePtr> items_;
};

class ContextNode final : public Node {
  public:
    struct Entry {
        Key key;
        std::size_t slot;
        NodePtr value;
    };
    ContextNode(std::size_t position, std::vector<Entry> entries);
    Value eval(Frame& frame) const override;

  private:
    std::vector<Entry> entries_;
};

class RangeNode final : public Node {
  public:
    struct Ends {
        NodePtr start;  // empty for comparisons without one
        NodePtr end;
        bool start_included = false;
        bool end_included = false;
        Range::Form form = Range::Form::interval;
    };
    RangeNode(std::size_t position, Ends ends) : Node(position), ends_(std::move(ends)) {
        set_type(Type::simple(TypeKind::range));
    }
    Value eval(Frame& frame) const override;
    const Ends& ends() const { return ends_; }

  private:
    Ends ends_;
};

}  // namespace schwarm::feel
