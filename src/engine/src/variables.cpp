#include "schwarm/engine/variables.hpp"

#include <algorithm>
#include <atomic>

namespace schwarm::engine {
namespace {

const auto kByName = [](const Variables::Entry& entry, std::string_view name) {
    return entry.name.text() < name;
};

}  // namespace

Variables::Variables(std::initializer_list<std::pair<std::string_view, feel::Value>> entries) {
    for (const auto& [name, value] : entries) set(name, value);
}

Variables Variables::from_context(const feel::Value& context) {
    Variables out;
    if (!context.is_context() || context.as_context().empty()) return out;
    auto data = std::make_shared<std::vector<Entry>>();
    data->reserve(context.as_context().size());
    for (const auto& entry : context.as_context()) data->push_back({entry.key, entry.value});
    std::sort(data->begin(), data->end(),
              [](const Entry& a, const Entry& b) { return a.name.text() < b.name.text(); });
    out.data_ = std::move(data);
    return out;
}

feel::Value Variables::to_context() const {
    feel::ContextBuilder builder;
    builder.reserve(size());
    for (const Entry& entry : *this) builder.append(entry.name, entry.value);
    return builder.build();
}

const feel::Value* Variables::find(std::string_view name) const {
    if (!data_) return nullptr;
    const auto at = std::lower_bound(data_->begin(), data_->end(), name, kByName);
    return at != data_->end() && at->name.text() == name ? &at->value : nullptr;
}

void Variables::set(const feel::Key& name, feel::Value value) {
    if (!data_)
        data_ = std::make_shared<std::vector<Entry>>();
    else if (data_.use_count() > 1)
        data_ = std::make_shared<std::vector<Entry>>(*data_);
    // The last other owner may have let go on another thread: see all that it did before.
    else
        std::atomic_thread_fence(std::memory_order_acquire);
    const auto at = std::lower_bound(data_->begin(), data_->end(), name.text(), kByName);
    if (at != data_->end() && at->name == name)
        at->value = std::move(value);
    else
        data_->insert(at, Entry{name, std::move(value)});
}

bool operator==(const Variables& a, const Variables& b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(),
                      [](const Variables::Entry& x, const Variables::Entry& y) {
                          return x.name == y.name && x.value == y.value;
                      });
}

}  // namespace schwarm::engine
