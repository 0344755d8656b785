#include "scope.hpp"

namespace schwarm::dmn::detail {

std::optional<std::uint32_t> Layout::from_outside(std::string_view name, bool needed) {
    for (const auto& [known, slot] : resolved_) {
        if (known == name) return slot;
    }
    std::optional<std::uint32_t> slot;
    if (outer_ != nullptr) {
        const auto from = outer_->resolve(name, needed);
        if (!from) return std::nullopt;
        slot = add();
        captures_.push_back({*from, *slot});
    } else if (unknown_) {
        slot = unknown_(name, needed);
    }
    if (slot) resolved_.emplace_back(name, *slot);
    return slot;
}

std::uint32_t Scope::declare(std::string_view name, feel::TypePtr type) {
    names_.add(name, std::move(type));
    const auto slot = layout_.add();
    variables_.emplace_back(name, slot);
    return slot;
}

std::optional<std::uint32_t> Scope::resolve(std::string_view name, bool needed) {
    for (auto* scope = this; scope != nullptr; scope = scope->parent_) {
        for (auto at = scope->variables_.rbegin(); at != scope->variables_.rend(); ++at) {
            if (at->first == name) return at->second;
        }
        if (scope->hook_) {
            const auto outside = scope->parent_ != nullptr ? scope->parent_->resolve(name, false)
                                                           : layout_.from_outside(name, false);
            const auto slot = scope->hook_(name, outside);
            scope->variables_.emplace_back(name, slot);
            return slot;
        }
    }
    return layout_.from_outside(name, needed);
}

}  // namespace schwarm::dmn::detail
