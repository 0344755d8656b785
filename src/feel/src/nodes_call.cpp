#include "nodes_call.hpp"

namespace schwarm::feel {
namespace {

class Closure final : public Function {
  public:
    Closure(std::shared_ptr<const FunctionBody> body, std::vector<Value> captured)
        : body_(std::move(body)), captured_(std::move(captured)) {
        for (const Value& value : captured_) nest(value);
    }

    std::span<const Parameter> parameters() const override { return body_->parameters; }
    TypePtr result_type() const override { return body_->result_type; }
    Value call(std::span<const Value> arguments, Evaluation& evaluation) const override {
        if (!evaluation.step(body_->cost)) return {};
        Slots locals(evaluation, body_->frame_size);
        std::size_t slot = 0;
        for (const Value& argument : arguments) locals[slot++] = argument;
        for (std::size_t i = 0; i < captured_.size(); ++i) {
            locals[body_->captured_slots[i]] = captured_[i];
        }
        if (body_->calls_itself) locals[body_->self_slot] = Value::share(*this);
        Frame frame{evaluation, nullptr, locals.data(), *body_->source};
        return body_->body->eval(frame);
    }

  private:
    std::shared_ptr<const FunctionBody> body_;
    std::vector<Value> captured_;
};

}  // namespace

FunctionNode::FunctionNode(std::size_t position, std::shared_ptr<const FunctionBody> body,
                           std::vector<NodePtr> captured)
    : Node(position), body_(std::move(body)), captured_(std::move(captured)) {
    std::vector<Type::Member> parameters;
    for (const Function::Parameter& p : body_->parameters) parameters.push_back({p.name, p.type});
    set_type(Type::function(std::move(parameters), body_->result_type));
}

Value FunctionNode::eval(Frame& frame) const {
    std::vector<Value> captured;
    captured.reserve(captured_.size());
    for (const NodePtr& value : captured_) captured.push_back(value->eval(frame));
    Value out(std::unique_ptr<Function>(std::make_unique<Closure>(body_, std::move(captured))));
    if (out.shared_object()->nesting() > Value::kMaxNesting) {
        return fail(frame, "functions hold one another too deep");
    }
    return out;
}

Value BuiltinCallNode::eval(Frame& frame) const {
    Slots arguments(frame.evaluation, arguments_.size());
    for (std::size_t i = 0; i < arguments_.size(); ++i) arguments[i] = arguments_[i]->eval(frame);
    if (!frame.evaluation.step()) return {};
    mark(frame);
    return builtin_.call(Arguments(arguments.data(), arguments_.size()), frame.evaluation);
}

CallNode::CallNode(std::size_t position, NodePtr function, std::vector<NodePtr> arguments,
                   std::vector<std::string> names)
    : Node(position),
      function_(std::move(function)),
      arguments_(std::move(arguments)),
      names_(std::move(names)) {
    if (function_->type()->kind() == TypeKind::function) set_type(function_->type()->result());
}

Value CallNode::eval(Frame& frame) const {
    const Value function = function_->eval(frame);
    mark(frame);
    if (!function.is_function()) return frame.evaluation.null("this is no function");
    if (names_.empty()) {
        Slots arguments(frame.evaluation, arguments_.size());
        for (std::size_t i = 0; i < arguments_.size(); ++i) {
            arguments[i] = arguments_[i]->eval(frame);
        }
        mark(frame);
        return invoke(function, std::span<const Value>(arguments.data(), arguments_.size()),
                      frame.evaluation);
    }
    std::vector<NamedArgument> named;
    named.reserve(arguments_.size());
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
        named.push_back({names_[i], arguments_[i]->eval(frame)});
    }
    mark(frame);
    return invoke(function, named, frame.evaluation);
}

Value ExternalFunctionNode::eval(Frame& frame) const {
    const Value mapping = mapping_->eval(frame);
    mark(frame);
    return external_function(mapping, parameters_, frame.evaluation);
}

}  // namespace schwarm::feel
