#include "nodes_basic.hpp"

#include "schwarm/feel/operations.hpp"

namespace schwarm::feel {

const Value& FilterNameNode::ref(Frame& frame, Value& buffer) const {
    for (const std::size_t slot : items_) {
        const Value& item = frame.locals[slot];
        if (!item.is_context()) continue;
        if (const Value* entry = item.as_context().find(key_)) return *entry;
    }
    if (outer_ != nullptr) return outer_->ref(frame, buffer);
    // Dates and durations have no entries, but properties.
    for (const std::size_t slot : items_) {
        const Value& item = frame.locals[slot];
        if (item.is_null() || item.is_context() || item.is_list()) continue;
        Evaluation silent;
        buffer = property(item, key_, silent);
        if (!buffer.is_null()) return buffer;
    }
    buffer = Value();
    return buffer;
}

Value PathNode::eval(Frame& frame) const {
    Value buffer;
    const Value& base = base_->ref(frame, buffer);
    if (base.is_context()) {
        if (const Value* entry = base.as_context().find(key_)) return *entry;
    }
    mark(frame);
    return property(base, key_, frame.evaluation);
}

const Value& PathNode::ref(Frame& frame, Value& buffer) const {
    const Value& base = base_->ref(frame, buffer);
    if (base.is_context()) {
        if (const Value* entry = base.as_context().find(key_)) {
            if (&base != &buffer) return *entry;
            Value copy = *entry;
            buffer = std::move(copy);
            return buffer;
        }
    }
    mark(frame);
    Value out = property(base, key_, frame.evaluation);
    buffer = std::move(out);
    return buffer;
}

ListNode::ListNode(std::size_t position, std::vector<NodePtr> items)
    : Node(position), items_(std::move(items)) {
    TypePtr element;
    for (const NodePtr& item : items_) {
        if (element == nullptr || element->conforms_to(*item->type())) {
            element = item->type();
        } else if (!item->type()->conforms_to(*element)) {
            element = Type::any();
            break;
        }
    }
    set_type(Type::list(element == nullptr ? Type::any() : element));
}

Value ListNode::eval(Frame& frame) const {
    Value::List out;
    out.reserve(items_.size());
    for (const NodePtr& item : items_) out.push_back(item->eval(frame));
    return Value::list(std::move(out));
}

ContextNode::ContextNode(std::size_t position, std::vector<Entry> entries)
    : Node(position), entries_(std::move(entries)) {
    std::vector<Type::Member> members;
    for (const Entry& entry : entries_) {
        members.push_back({std::string(entry.key.text()), entry.value->type()});
    }
    set_type(Type::context(std::move(members)));
}

Value ContextNode::eval(Frame& frame) const {
    ContextBuilder out;
    out.reserve(entries_.size());
    for (const Entry& entry : entries_) {
        Value value = entry.value->eval(frame);
        frame.locals[entry.slot] = value;
        out.append(entry.key, std::move(value));
    }
    return out.build();
}

Value RangeNode::eval(Frame& frame) const {
    Range out;
    if (ends_.start != nullptr) out.start = ends_.start->eval(frame);
    if (ends_.end != nullptr) out.end = ends_.end->eval(frame);
    out.start_included = ends_.start_included;
    out.end_included = ends_.end_included;
    out.form = ends_.form;
    if (out.form == Range::Form::interval) {
        if ((out.start.is_null() && out.start_included) ||
            (out.end.is_null() && out.end_included)) {
            return fail(frame, "an included end of a range is null");
        }
        if (!out.start.is_null() && !out.end.is_null() && !compare(out.start, out.end)) {
            return fail(frame, "the ends of a range cannot be compared");
        }
    }
    return Value(std::move(out));
}

}  // namespace schwarm::feel
