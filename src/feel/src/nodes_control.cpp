#include "nodes_control.hpp"

#include <functional>

#include "schwarm/feel/operations.hpp"

namespace schwarm::feel {

Value IfNode::eval(Frame& frame) const {
    const bool holds = [&] {
        const Evaluation::NullIsFine null_is_fine(frame.evaluation);
        Value buffer;
        return condition_->ref(frame, buffer).is_true();
    }();
    return holds ? yes_->eval(frame) : no_->eval(frame);
}

namespace {

// Calls `visit` for each element; false from it stops.
using Visit = std::function<bool(const Value&)>;
enum class Walk : std::uint8_t { done, stopped, not_iterable };

Walk walk_whole_numbers(std::int64_t first, std::int64_t last, Evaluation& evaluation,
                        const Visit& visit) {
    const std::int64_t step = first <= last ? 1 : -1;
    for (std::int64_t i = first;; i += step) {
        if (!evaluation.step() || !visit(Value(i))) return Walk::stopped;
        if (i == last) return Walk::done;
    }
}

Walk walk_dates(const Date& first, const Date& last, Evaluation& evaluation, const Visit& visit) {
    const std::int64_t step = first <= last ? 1 : -1;
    for (std::int64_t day = first.days;; day += step) {
        if (!evaluation.step() || !visit(Value(Date{day}))) return Walk::stopped;
        if (day == last.days) return Walk::done;
    }
}

// Decimal ends step by one from the first.
Walk walk_numbers(Decimal first, const Decimal& last, Evaluation& evaluation, const Visit& visit) {
    const auto a = first.to_int64();
    const auto b = last.to_int64();
    if (a && b) return walk_whole_numbers(*a, *b, evaluation, visit);
    const bool up = first <= last;
    const Decimal step(up ? 1 : -1);
    for (; up ? first <= last : first >= last; first = first + step) {
        if (!evaluation.step() || !visit(Value(first))) return Walk::stopped;
    }
    return Walk::done;
}

Walk walk_ends(const Value& first, const Value& last, Evaluation& evaluation, const Visit& visit) {
    if (first.is_number() && last.is_number()) {
        return walk_numbers(first.as_number(), last.as_number(), evaluation, visit);
    }
    if (first.is_date() && last.is_date()) {
        return walk_dates(first.as_date(), last.as_date(), evaluation, visit);
    }
    return Walk::not_iterable;
}

Walk walk_range(const Range& range, Evaluation& evaluation, const Visit& visit) {
    if (range.form != Range::Form::interval) return Walk::not_iterable;
    const auto order = compare(range.start, range.end);
    if (!order || *order > 0) return Walk::not_iterable;
    return walk_ends(range.start, range.end, evaluation, [&](const Value& value) {
        if (!range.start_included && value == range.start) return true;
        if (!range.end_included && value == range.end) return true;
        return visit(value);
    });
}

Walk walk(const Iterator& iterator, Frame& frame, const Visit& visit) {
    const Value domain = iterator.domain->eval(frame);
    if (iterator.last != nullptr) {
        return walk_ends(domain, iterator.last->eval(frame), frame.evaluation, visit);
    }
    if (domain.is_list()) {
        for (const Value& item : domain.as_list()) {
            if (!frame.evaluation.step() || !visit(item)) return Walk::stopped;
        }
        return Walk::done;
    }
    if (domain.is_range()) return walk_range(domain.as_range(), frame.evaluation, visit);
    if (domain.is_null()) return Walk::not_iterable;
    return visit(domain) ? Walk::done : Walk::stopped;
}

// All iterators, the last one innermost.
Walk walk_all(const std::vector<Iterator>& iterators, std::size_t from, Frame& frame,
              const std::function<bool()>& body) {
    if (from == iterators.size()) return body() ? Walk::done : Walk::stopped;
    Walk inner = Walk::done;
    const Walk outer = walk(iterators[from], frame, [&](const Value& item) {
        frame.locals[iterators[from].slot] = item;
        inner = walk_all(iterators, from + 1, frame, body);
        return inner == Walk::done;
    });
    return inner == Walk::done ? outer : inner;
}

}  // namespace

Value ForNode::eval(Frame& frame) const {
    Value::List out;
    const Walk walked = walk_all(iterators_, 0, frame, [&] {
        if (!frame.evaluation.step(cost_)) return false;
        if (partial_slot_) {
            if (!frame.evaluation.step(out.size())) return false;
            frame.locals[*partial_slot_] = Value::list(out);
        }
        if (out.size() >= frame.evaluation.limits().max_items) return false;
        out.push_back(body_->eval(frame));
        return true;
    });
    if (walked == Walk::done) return Value::list(std::move(out));
    return fail(frame, walked == Walk::stopped ? "\"for\" produced too many items"
                                               : "\"for\" needs a list or a range to go through");
}

Value QuantifiedNode::eval(Frame& frame) const {
    bool unknown = false;
    bool decided = false;
    const Walk walked = walk_all(iterators_, 0, frame, [&] {
        if (!frame.evaluation.step(cost_)) return false;
        Value buffer;
        const Value& value = condition_->ref(frame, buffer);
        if (!value.is_boolean()) {
            unknown = true;
        } else if (value.as_boolean() != is_every_) {
            decided = true;
            return false;
        }
        return true;
    });
    if (decided) return !is_every_;
    if (walked == Walk::not_iterable) {
        return fail(frame, "\"some\" and \"every\" need a list or a range to go through");
    }
    if (walked == Walk::stopped) return {};
    if (unknown) return fail(frame, "the condition was not always a boolean");
    return is_every_;
}

namespace {

// Position 1 is the first item, -1 the last.
const Value* item_at(std::span<const Value> items, const Decimal& position) {
    const auto at = position.to_int64();
    const auto size = static_cast<std::int64_t>(items.size());
    if (!at || *at == 0 || *at > size || *at < -size) return nullptr;
    return &items[static_cast<std::size_t>(*at > 0 ? *at - 1 : size + *at)];
}

}  // namespace

Value FilterNode::eval(Frame& frame) const {
    Value base_buffer;
    // A copy: the filter may write locals, and the base may be one.
    const Value base = base_->ref(frame, base_buffer);
    std::span<const Value> items(&base, 1);
    if (base.is_list()) items = base.as_list();
    if (base.is_null()) items = {};
    const auto indexed = [&](const Value& position) -> Value {
        const Value* item = item_at(items, position.as_number());
        return item != nullptr ? *item : note(frame, "there is no item at this position");
    };
    if (const Value* fixed = filter_->constant(); fixed != nullptr && fixed->is_number()) {
        return indexed(*fixed);
    }
    if (items.empty()) {
        frame.locals[item_slot_] = Value();
        if (filter_->type()->kind() == TypeKind::number) {
            // A number is what the type says; it may be null all the same.
            const Value position = filter_->eval(frame);
            if (position.is_number()) return indexed(position);
        }
        return base.is_null() ? Value() : Value::list();
    }
    Value::List out;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!frame.evaluation.step(1 + cost_)) return {};
        frame.locals[item_slot_] = items[i];
        Value buffer;
        const Value& keep = [&]() -> const Value& {
            const Evaluation::NullIsFine null_is_fine(frame.evaluation);
            return filter_->ref(frame, buffer);
        }();
        if (keep.is_true()) {
            out.push_back(items[i]);
        } else if (i == 0 && keep.is_number()) {
            return indexed(keep);
        }
    }
    return Value::list(std::move(out));
}

}  // namespace schwarm::feel
