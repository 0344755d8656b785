#include "schwarm/feel/value.hpp"

namespace schwarm::feel {
namespace {

constexpr std::size_t kLinear = 8;  // up to here comparing hashes one by one is faster

}  // namespace

Context::Context(Entries entries) : entries_(std::move(entries)) {
    weigh(entries_.size());
    for (const Entry& entry : entries_) {
        weigh_text(entry.key.text().size());
        hold(entry.value);
    }
    if (entries_.size() > kLinear) build_index();
}

void Context::build_index() {
    std::size_t size = 32;
    while (size < entries_.size() * 2) size *= 2;
    index_.assign(size, 0);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        std::size_t slot = entries_[i].key.hash() & (size - 1);
        while (index_[slot] != 0) slot = (slot + 1) & (size - 1);
        index_[slot] = static_cast<std::uint32_t>(i + 1);
    }
}

const Value* Context::find(const Key& key) const {
    if (!index_.empty()) return find(key.text(), key.hash());
    for (const Entry& entry : entries_) {
        if (entry.key == key) return &entry.value;
    }
    return nullptr;
}

const Value* Context::find(std::string_view name, std::uint64_t hash) const {
    if (index_.empty()) {
        for (const Entry& entry : entries_) {
            if (entry.key.hash() == hash && entry.key == name) return &entry.value;
        }
        return nullptr;
    }
    const std::size_t mask = index_.size() - 1;
    for (std::size_t slot = hash & mask; index_[slot] != 0; slot = (slot + 1) & mask) {
        const Entry& entry = entries_[index_[slot] - 1];
        if (entry.key.hash() == hash && entry.key == name) return &entry.value;
    }
    return nullptr;
}

ContextBuilder::ContextBuilder(const Context& base) {
    entries_.reserve(base.size() + 1);
    for (const Context::Entry& entry : base) entries_.push_back(entry);
}

const Value* ContextBuilder::find(std::string_view name) const {
    for (const Context::Entry& entry : entries_) {
        if (entry.key == name) return &entry.value;
    }
    return nullptr;
}

ContextBuilder& ContextBuilder::set(std::string_view name, Value value) {
    for (Context::Entry& entry : entries_) {
        if (entry.key == name) {
            entry.value = std::move(value);
            return *this;
        }
    }
    return append(Key(name), std::move(value));
}

ContextBuilder& ContextBuilder::set(const Key& key, Value value) {
    for (Context::Entry& entry : entries_) {
        if (entry.key == key) {
            entry.value = std::move(value);
            return *this;
        }
    }
    return append(key, std::move(value));
}

ContextBuilder& ContextBuilder::append(Key key, Value value) {
    entries_.push_back(Context::Entry{std::move(key), std::move(value)});
    return *this;
}

ContextBuilder& ContextBuilder::remove(std::string_view name) {
    std::erase_if(entries_, [&](const Context::Entry& entry) { return entry.key == name; });
    return *this;
}

Value ContextBuilder::build() {
    Value out(Kind::context, new Context(std::move(entries_)));
    if (out.is_too_large()) return {};
    return out;
}

}  // namespace schwarm::feel
