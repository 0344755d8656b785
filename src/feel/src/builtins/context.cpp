// Context functions: DMN 1.5 clause 10.3.4.10.
#include <array>
#include <unordered_map>
#include <vector>

#include "arguments.hpp"

namespace schwarm::feel {
namespace {

Value get_value_at(const Value& context, std::span<const Value> path, Evaluation& ev) {
    Value here = context;
    for (const Value& step : path) {
        if (!here.is_context() || !step.is_string()) {
            return wrong_kind(ev, "get value", "a context and names");
        }
        const Value* entry = here.as_context().find(step.as_string());
        if (entry == nullptr) return ev.null("there is no such entry");
        Value next = *entry;
        here = std::move(next);
    }
    return here;
}

Value get_value(Arguments a, Evaluation& ev) {
    if (!a[0].is_context()) return wrong_kind(ev, "get value", "a context");
    if (a[1].is_list()) {
        if (a[1].as_list().empty()) return ev.null("the list of names is empty");
        return get_value_at(a[0], a[1].as_list(), ev);
    }
    return get_value_at(a[0], std::span<const Value>(&a[1], 1), ev);
}

Value get_entries(Arguments a, Evaluation& ev) {
    const Value& m = single(a[0]);
    if (!m.is_context()) return wrong_kind(ev, "get entries", "a context");
    static const Key kKey("key");
    static const Key kValue("value");
    if (!ev.step(m.as_context().size())) return {};
    Value::List out;
    for (const Context::Entry& entry : m.as_context()) {
        ContextBuilder builder;
        builder.append(kKey, Value(entry.key.text()));
        builder.append(kValue, entry.value);
        out.push_back(builder.build());
    }
    return Value::list(std::move(out));
}

// Entries found by their names in constant time, however many there are.
class ManyEntries {
  public:
    // False if the name was there and has got the new value.
    bool set(const Key& key, const Value& value) {
        const auto [known, is_new] = places_.try_emplace(key.text(), entries_.size());
        if (is_new) {
            entries_.push_back({key, value});
        } else {
            entries_[known->second].value = value;
        }
        return is_new;
    }
    std::size_t size() const { return entries_.size(); }
    Value build() {
        ContextBuilder out;
        out.reserve(entries_.size());
        for (Context::Entry& entry : entries_) {
            out.append(std::move(entry.key), std::move(entry.value));
        }
        return out.build();
    }

  private:
    std::vector<Context::Entry> entries_;
    std::unordered_map<std::string_view, std::size_t> places_;  // of texts that the entries hold
};

Value context(Arguments a, Evaluation& ev) {
    const auto entries = list_of(a[0]);
    if (!entries) return wrong_kind(ev, "context", "a list of entries");
    ManyEntries out;
    for (const Value& entry : *entries) {
        if (!ev.step()) return {};
        if (!entry.is_context()) return wrong_kind(ev, "context", "a list of entries");
        const Value* key = entry.as_context().find("key");
        const Value* value = entry.as_context().find("value");
        if (key == nullptr || value == nullptr || !key->is_string()) {
            return wrong_kind(ev, "context", "entries with key and value");
        }
        if (!step_text(ev, key->as_string().size())) return {};
        if (!out.set(Key(key->as_string()), *value)) {
            return ev.null("an entry stands here twice");
        }
        if (!fits(out.size(), ev)) return {};
    }
    return out.build();
}

Value put(const Value& into, std::span<const Value> path, const Value& value, Evaluation& ev) {
    if (!into.is_context() || path.empty() || !path[0].is_string()) {
        return wrong_kind(ev, "context put", "a context and a name or a list of names");
    }
    if (!ev.step(1 + into.as_context().size())) return {};
    ContextBuilder out(into.as_context());
    const std::string_view name = path[0].as_string();
    if (path.size() == 1) {
        out.set(name, value);
        return out.build();
    }
    const Value* inner = into.as_context().find(name);
    Value changed = put(inner == nullptr ? Value() : *inner, path.subspan(1), value, ev);
    if (changed.is_null()) return {};
    out.set(name, std::move(changed));
    return out.build();
}

Value context_put(Arguments a, Evaluation& ev) {
    constexpr std::size_t kMaxPath = 100;
    if (a[1].is_list()) {
        if (a[1].as_list().size() > kMaxPath) return ev.null("the path is too long");
        return put(a[0], a[1].as_list(), a[2], ev);
    }
    return put(a[0], std::span<const Value>(&a[1], 1), a[2], ev);
}

Value context_merge(Arguments a, Evaluation& ev) {
    const auto contexts = list_of(a[0]);
    if (!contexts) return wrong_kind(ev, "context merge", "a list of contexts");
    ManyEntries out;
    for (const Value& c : *contexts) {
        if (!c.is_context()) return wrong_kind(ev, "context merge", "a list of contexts");
        if (!ev.step(1 + c.as_context().size())) return {};
        for (const Context::Entry& entry : c.as_context()) out.set(entry.key, entry.value);
        if (!fits(out.size(), ev)) return {};
    }
    return out.build();
}

Value not_(Arguments a, Evaluation& ev) {
    const Value& v = single(a[0]);
    if (v.is_boolean()) return !v.as_boolean();
    if (v.is_null()) return {};
    return wrong_kind(ev, "not", "a boolean");
}

constexpr std::array kTable = {
    // Names of parameters as in DMN, then as Camunda also knows them.
    Builtin{"get value", "m,key|context,key|context,keys", get_value},
    Builtin{"get entries", "m|context", get_entries},
    Builtin{"context", "entries", context},
    Builtin{"context put", "context,key:string,value|context,keys,value", context_put},
    Builtin{"context merge", "contexts", context_merge},
    Builtin{"not", "negand", not_},
};

}  // namespace

std::span<const Builtin> context_builtins() {
    return kTable;
}

}  // namespace schwarm::feel
