#include "case_cache.hpp"

namespace schwarm::runtime {

const CaseEntry* CaseCache::find(const CaseName& name) {
    const auto it = entries_.find(name);
    if (it == entries_.end()) return nullptr;
    order_.splice(order_.begin(), order_, it->second);
    return &it->second->second;
}

void CaseCache::put(const CaseName& name, CaseEntry entry) {
    if (const auto it = entries_.find(name); it != entries_.end()) {
        it->second->second = std::move(entry);
        order_.splice(order_.begin(), order_, it->second);
        return;
    }
    order_.emplace_front(name, std::move(entry));
    entries_.emplace(name, order_.begin());
    while (entries_.size() > limit_) {
        entries_.erase(order_.back().first);
        order_.pop_back();
    }
}

void CaseCache::erase(const CaseName& name) {
    const auto it = entries_.find(name);
    if (it == entries_.end()) return;
    order_.erase(it->second);
    entries_.erase(it);
}

void CaseCache::clear() {
    entries_.clear();
    order_.clear();
}

}  // namespace schwarm::runtime
