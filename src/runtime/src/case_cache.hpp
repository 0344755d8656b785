// Decoded cases, the recently used ones; memory is only a cache, storage (with the overlays) the
// truth. Writer's thread only.
#pragma once

#include <list>
#include <memory>
#include <unordered_map>

#include "key_ring.hpp"
#include "layout.hpp"
#include "schwarm/engine/projection.hpp"
#include "schwarm/engine/state.hpp"

namespace schwarm::runtime {

// Cheap to copy. state and projection are null until a command needs them.
struct CaseEntry {
    CaseRecord record;
    DataKeys keys;
    std::shared_ptr<const engine::CaseState> state;
    std::shared_ptr<const engine::Projection> projection;
    bool changed = false;  // in this stage: its row is to be written
};

struct CaseName {
    TenantId tenant;
    CaseId id;
    bool operator==(const CaseName&) const = default;
    auto operator<=>(const CaseName&) const = default;
};

class CaseCache {
  public:
    explicit CaseCache(std::size_t limit) : limit_(limit) {}

    // Null if it is not cached; valid until the next call of another member.
    const CaseEntry* find(const CaseName& name);
    void put(const CaseName& name, CaseEntry entry);
    void erase(const CaseName& name);
    void clear();
    std::size_t size() const { return entries_.size(); }

  private:
    struct NameHash {
        std::size_t operator()(const CaseName& name) const {
            return std::hash<TenantId>()(name.tenant) * 31 + std::hash<CaseId>()(name.id);
        }
    };
    using Order = std::list<std::pair<CaseName, CaseEntry>>;  // most recently used first

    std::size_t limit_;
    Order order_;
    std::unordered_map<CaseName, Order::iterator, NameHash> entries_;
};

}  // namespace schwarm::runtime
