#include "nodes_test.hpp"

#include <optional>

#include "schwarm/feel/operations.hpp"

namespace schwarm::feel {
namespace {

std::optional<bool> in_list(const Value& input, const Value& list) {
    if (input.is_list() && equal(input, list) == std::optional<bool>(true)) return true;
    for (const Value& item : list.as_list()) {
        if (item.is_range() && !input.is_range()) {
            if (in_range(input, item.as_range()) == std::optional<bool>(true)) return true;
        } else if (equal(input, item) == std::optional<bool>(true)) {
            return true;
        }
    }
    return false;
}

std::optional<bool> holds(const Value& input, const Value& tested, const Test& test) {
    if (test.uses_input && (tested.is_boolean() || tested.is_null())) {
        if (tested.is_null()) return std::nullopt;
        return tested.as_boolean();
    }
    if (tested.is_range()) {
        if (input.is_range()) return equal(input, tested);
        return in_range(input, tested.as_range());
    }
    if (test.is_range) return std::nullopt;
    if (tested.is_list()) return in_list(input, tested);
    // A condition that does not mention the input at all.
    if (tested.is_boolean() && !input.is_boolean() && test.expression->constant() == nullptr) {
        return tested.as_boolean();
    }
    return equal(input, tested);
}

// "(null..10]" is a range with an end that nobody knows: whether 5 is in it is unknown, but asking
// is no error.
bool asks_open_end(const Value& input, const Value& tested) {
    if (!tested.is_range() || input.is_null()) return false;
    const Range& range = tested.as_range();
    if (range.form != Range::Form::interval) return false;
    const auto fits = [&](const Value& end) { return end.is_null() || compare(input, end); };
    return (range.start.is_null() || range.end.is_null()) && fits(range.start) && fits(range.end);
}

}  // namespace

Value InNode::eval(Frame& frame) const {
    Value input_buffer;
    const Value& input = input_->ref(frame, input_buffer);
    bool unknown = false;
    bool open_end = false;
    if (&frame.locals[input_slot_] != &input) frame.locals[input_slot_] = input;
    for (const Test& test : tests_) {
        Value buffer;
        const Value& tested = test.expression->ref(frame, buffer);
        // A list is compared as a whole and item by item.
        if (tested.weight() > 2 && !frame.evaluation.step(tested.weight())) return {};
        const auto result = holds(input, tested, test);
        if (!result) {
            unknown = true;
            open_end = open_end || asks_open_end(input, tested);
        } else if (*result) {
            return !negated_;
        }
    }
    if (open_end) return note(frame, "the range has no known end on this side");
    if (unknown) return fail(frame, "the value cannot be compared with what it is tested against");
    return negated_;
}

}  // namespace schwarm::feel
