// Function literals and calls.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "builtins/builtins.hpp"
#include "node.hpp"
#include "schwarm/feel/function.hpp"

namespace schwarm::feel {

// What all closures of one function literal share; outlives the expression it stood in.
struct FunctionBody {
    std::vector<Function::Parameter> parameters;
    NodePtr body;
    std::size_t frame_size = 0;               // the parameters come first
    std::vector<std::size_t> captured_slots;  // where the values taken from around it go
    std::size_t self_slot = 0;                // where it finds itself, if it calls itself
    bool calls_itself = false;
    std::shared_ptr<const std::string> source;  // of the whole expression; set_position() views it
    TypePtr result_type;
    std::uint64_t cost = 0;  // steps that evaluating the body once counts
};

// Values it takes from around it are copied when it is created.
class FunctionNode final : public Node {
  public:
    FunctionNode(std::size_t position, std::shared_ptr<const FunctionBody> body,
                 std::vector<NodePtr> captured);
    Value eval(Frame& frame) const override;

  private:
    std::shared_ptr<const FunctionBody> body_;
    std::vector<NodePtr> captured_;
};

class BuiltinCallNode final : public Node {
  public:
    BuiltinCallNode(std::size_t position, const Builtin& builtin, std::vector<NodePtr> arguments)
        : Node(position), builtin_(builtin), arguments_(std::move(arguments)) {}
    Value eval(Frame& frame) const override;

  private:
    const Builtin& builtin_;
    std::vector<NodePtr> arguments_;
};

// An argument that must be a string to mean what its name says; null otherwise.
class StringOnlyNode final : public Node {
  public:
    StringOnlyNode(std::size_t position, NodePtr argument)
        : Node(position), argument_(std::move(argument)) {}
    Value eval(Frame& frame) const override {
        Value value = argument_->eval(frame);
        return value.is_string() ? value : fail(frame, "this argument must be a string");
    }

  private:
    NodePtr argument_;
};

class CallNode final : public Node {
  public:
    // names: empty for positional arguments.
    CallNode(std::size_t position, NodePtr function, std::vector<NodePtr> arguments,
             std::vector<std::string> names);
    Value eval(Frame& frame) const override;

  private:
    NodePtr function_;
    std::vector<NodePtr> arguments_;
    std::vector<std::string> names_;
};

// function(...) external {java: {...}}
class ExternalFunctionNode final : public Node {
  public:
    ExternalFunctionNode(std::size_t position, NodePtr mapping,
                         std::vector<Function::Parameter> parameters)
        : Node(position), mapping_(std::move(mapping)), parameters_(std::move(parameters)) {
        set_type(Type::simple(TypeKind::function));
    }
    Value eval(Frame& frame) const override;

  private:
    NodePtr mapping_;
    std::vector<Function::Parameter> parameters_;
};

}  // namespace schwarm::feel
