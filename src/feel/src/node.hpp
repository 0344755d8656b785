// The compiled form of an expression: a tree of nodes whose names are slots already.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/feel/evaluation.hpp"
#include "schwarm/feel/type.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::feel {

// What a node sees while it is evaluated.
struct Frame {
    Evaluation& evaluation;
    const Value* external;  // names from outside
    Value* locals;          // names bound inside
    std::string_view source;
    const std::uint32_t* places = nullptr;  // where in `external` each name stands; null: in order

    const Value& name(std::size_t i) const { return external[places != nullptr ? places[i] : i]; }
};

class Node {
  public:
    explicit Node(std::size_t position) : position_(static_cast<std::uint32_t>(position)) {}
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    virtual ~Node() = default;

    virtual Value eval(Frame& frame) const = 0;
    // Like eval, but without copying where the value stands somewhere already; `buffer` holds it
    // otherwise. What is returned stays until a local is written.
    virtual const Value& ref(Frame& frame, Value& buffer) const {
        buffer = eval(frame);
        return buffer;
    }
    // The value, if it is known without running.
    virtual const Value* constant() const { return nullptr; }

    // What is known of the type; never empty.
    const TypePtr& type() const { return type_; }
    void set_type(TypePtr type) { type_ = std::move(type); }
    std::size_t position() const { return position_; }

  protected:
    void mark(Frame& frame) const { frame.evaluation.set_position(frame.source, position_); }
    Value fail(Frame& frame, std::string_view reason) const {
        if (frame.evaluation.diagnostics() == nullptr) return {};
        mark(frame);
        return frame.evaluation.null(reason);
    }
    // Null without an error.
    Value note(Frame& frame, std::string_view reason) const {
        if (frame.evaluation.diagnostics() == nullptr) return {};
        mark(frame);
        return frame.evaluation.note(std::string(reason));
    }

  private:
    TypePtr type_ = Type::any();
    std::uint32_t position_;
};

using NodePtr = std::unique_ptr<Node>;

// What evaluating an expression of this many nodes once counts: eight nodes are a step. Loops,
// functions and whole expressions count theirs, so that no step is more than a little work.
constexpr std::uint64_t steps_of_nodes(std::size_t nodes) {
    return nodes / 8;
}

}  // namespace schwarm::feel
