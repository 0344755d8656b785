// List functions: DMN 1.5 clause 10.3.4.4.
#include <algorithm>
#include <array>
#include <unordered_set>

#include "arguments.hpp"
#include "schwarm/feel/operations.hpp"

namespace schwarm::feel {
namespace {

constexpr const char* kList = "a list";

bool same(const Value& a, const Value& b, Evaluation& ev) {
    return ev.step(std::min(a.weight(), b.weight())) && equal(a, b) == std::optional<bool>(true);
}

Value::List copy(std::span<const Value> items) {
    return {items.begin(), items.end()};
}

// The list's items, counted, for a list of `more` items more; nullopt if that is too much.
std::optional<std::span<const Value>> counted(std::span<const Value> items, std::size_t more,
                                              Evaluation& ev) {
    if (!ev.step(items.size()) || !fits(items.size() + more, ev)) return std::nullopt;
    return items;
}

// The index of position 1..n or -1..-n; nullopt outside.
std::optional<std::size_t> index_of_position(const Value& position, std::size_t size) {
    const auto at = whole_of(position);
    const auto n = static_cast<std::int64_t>(size);
    if (!at || *at == 0 || *at > n || *at < -n) return std::nullopt;
    return static_cast<std::size_t>(*at > 0 ? *at - 1 : n + *at);
}

Value list_contains(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "list contains", kList);
    for (const Value& item : *list) {
        if (same(item, a[1], ev)) return true;
        if (!ev.step(0)) return {};  // same() counts
    }
    return false;
}

Value count(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "count", kList);
    return static_cast<std::int64_t>(list->size());
}

Value sublist(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "sublist", kList);
    const auto first = index_of_position(a[1], list->size());
    if (!first) return ev.null("there is no item at this position");
    std::size_t length = list->size() - *first;
    if (a.size() > 2 && !a[2].is_null()) {
        const auto wanted = whole_of(a[2]);
        if (!wanted || *wanted < 0 || static_cast<std::size_t>(*wanted) > length) {
            return ev.null("the list is shorter than the length asked for");
        }
        length = static_cast<std::size_t>(*wanted);
    }
    if (!ev.step(length)) return {};
    return Value::list(copy(list->subspan(*first, length)));
}

Value append(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "append", kList);
    if (!counted(*list, a.size() - 1, ev)) return {};
    Value::List out = copy(*list);
    for (const Value& item : a.subspan(1)) out.push_back(item);
    return Value::list(std::move(out));
}

Value concatenate(Arguments a, Evaluation& ev) {
    Value::List out;
    for (const Value& part : a) {
        const auto list = list_of(part);
        if (!list) return wrong_kind(ev, "concatenate", "lists");
        if (!counted(*list, out.size(), ev)) return {};
        out.insert(out.end(), list->begin(), list->end());
    }
    return Value::list(std::move(out));
}

Value insert_before(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "insert before", kList);
    const auto at = index_of_position(a[1], list->size());
    const auto whole = whole_of(a[1]);
    const bool behind = whole && *whole == static_cast<std::int64_t>(list->size()) + 1;
    if (!at && !behind) return ev.null("there is no such position");
    if (!counted(*list, 1, ev)) return {};
    Value::List out = copy(*list);
    const std::size_t index = at ? *at : out.size();
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(index), a[2]);
    return Value::list(std::move(out));
}

Value remove(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "remove", kList);
    const auto at = index_of_position(a[1], list->size());
    if (!at) return ev.null("there is no item at this position");
    if (!ev.step(list->size())) return {};
    Value::List out = copy(*list);
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(*at));
    return Value::list(std::move(out));
}

Value list_replace(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "list replace", kList);
    if (!ev.step(list->size())) return {};
    Value::List out = copy(*list);
    if (!a[1].is_function()) {
        const auto at = index_of_position(a[1], out.size());
        if (!at) return ev.null("there is no item at this position");
        out[*at] = a[2];
        return Value::list(std::move(out));
    }
    for (Value& item : out) {
        const std::array<Value, 2> pair = {item, a[2]};
        const Value replace = invoke(a[1], pair, ev);
        if (!replace.is_boolean()) return ev.null("the function must answer true or false");
        if (replace.as_boolean()) item = a[2];
    }
    return Value::list(std::move(out));
}

Value reverse(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "reverse", kList);
    if (!ev.step(list->size())) return {};
    return Value::list(Value::List(list->rbegin(), list->rend()));
}

Value index_of(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "index of", kList);
    Value::List out;
    for (std::size_t i = 0; i < list->size(); ++i) {
        if (same((*list)[i], a[1], ev)) out.emplace_back(static_cast<std::int64_t>(i) + 1);
        if (!ev.step(0)) return {};  // same() counts
    }
    return Value::list(std::move(out));
}

// Strings are looked up by hash; everything else is compared one by one.
class Distinct {
  public:
    explicit Distinct(Evaluation& ev) : ev_(ev) {}
    bool add(const Value& item) {
        if (item.is_string()) {
            if (strings_.insert(item.as_string()).second) out_.push_back(item);
            return ev_.step(item.weight()) && fits(out_.size(), ev_);
        }
        for (const Value& known : others_) {
            if (same(known, item, ev_)) return true;
            if (!ev_.step(0)) return false;  // same() counts
        }
        others_.push_back(item);
        out_.push_back(item);
        return ev_.step() && fits(out_.size(), ev_);
    }
    Value take() { return Value::list(std::move(out_)); }

  private:
    Evaluation& ev_;
    std::unordered_set<std::string_view> strings_;
    Value::List others_;
    Value::List out_;
};

Value union_(Arguments a, Evaluation& ev) {
    Distinct distinct(ev);
    for (const Value& part : a) {
        const auto list = list_of(part);
        if (!list) return wrong_kind(ev, "union", "lists");
        for (const Value& item : *list) {
            if (!distinct.add(item)) return {};
        }
    }
    return distinct.take();
}

Value distinct_values(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "distinct values", kList);
    Distinct distinct(ev);
    for (const Value& item : *list) {
        if (!distinct.add(item)) return {};
    }
    return distinct.take();
}

bool flatten_into(std::span<const Value> items, Value::List& out, int depth, Evaluation& ev) {
    constexpr int kMaxDepth = 1000;
    if (depth > kMaxDepth) return false;
    for (const Value& item : items) {
        if (!ev.step()) return false;
        if (item.is_list()) {
            if (!flatten_into(item.as_list(), out, depth + 1, ev)) return false;
        } else {
            if (out.size() >= ev.limits().max_items) return false;
            out.push_back(item);
        }
    }
    return true;
}

Value flatten(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    if (!list) return wrong_kind(ev, "flatten", kList);
    Value::List out;
    if (!flatten_into(*list, out, 0, ev)) return ev.null("the list is too large");
    return Value::list(std::move(out));
}

// An own merge sort: the order comes from a model and may contradict itself.
bool merge_sort(Value::List& items, Value::List& buffer, std::size_t first, std::size_t last,
                const Value& precedes, Evaluation& ev) {
    if (last - first < 2) return true;
    const std::size_t middle = first + (last - first) / 2;
    if (!merge_sort(items, buffer, first, middle, precedes, ev) ||
        !merge_sort(items, buffer, middle, last, precedes, ev)) {
        return false;
    }
    std::size_t left = first;
    std::size_t right = middle;
    for (std::size_t to = first; to < last; ++to) {
        bool take_right = left == middle;
        if (left < middle && right < last) {
            bool less = false;
            if (precedes.is_null()) {
                if (!ev.step(std::min(items[right].weight(), items[left].weight()))) return false;
                const auto order = compare(items[right], items[left]);
                if (!order) return false;
                less = *order < 0;
            } else {
                const std::array<Value, 2> pair = {items[right], items[left]};
                const Value answer = invoke(precedes, pair, ev);
                if (!answer.is_boolean()) return false;
                less = answer.as_boolean();
            }
            take_right = less;
        }
        buffer[to] = take_right ? items[right++] : items[left++];
    }
    for (std::size_t i = first; i < last; ++i) items[i] = buffer[i];
    return true;
}

Value sort(Arguments a, Evaluation& ev) {
    const auto list = list_of(a[0]);
    const Value precedes = a.size() > 1 ? a[1] : Value();
    if (!list) return wrong_kind(ev, "sort", kList);
    if (!precedes.is_null() && !precedes.is_function()) {
        return wrong_kind(ev, "sort", "a function of two items");
    }
    if (!ev.step(list->size())) return {};
    Value::List items = copy(*list);
    Value::List buffer(items.size());
    if (!merge_sort(items, buffer, 0, items.size(), precedes, ev)) {
        return ev.null("the items cannot be brought into an order");
    }
    return Value::list(std::move(items));
}

constexpr std::array kTable = {
    Builtin{"list contains", "list,element", list_contains},
    Builtin{"count", "list", count},
    Builtin{"sublist", "list,start position,length?", sublist},
    Builtin{"append", "list,item...", append},
    Builtin{"concatenate", "list...", concatenate},
    Builtin{"insert before", "list,position,newItem", insert_before},
    Builtin{"remove", "list,position", remove},
    Builtin{"list replace", "list,position,newItem|list,match,newItem", list_replace},
    Builtin{"reverse", "list", reverse},
    Builtin{"index of", "list,match", index_of},
    Builtin{"union", "list...", union_},
    Builtin{"distinct values", "list", distinct_values},
    Builtin{"flatten", "list", flatten},
    Builtin{"sort", "list,precedes?", sort},
};

}  // namespace

std::span<const Builtin> list_builtins() {
    return kTable;
}

}  // namespace schwarm::feel
