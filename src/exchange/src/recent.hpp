// A bounded memory of what was made from a text: the entries used last are found again.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace schwarm::exchange {

// Two generations: when the young one is full it becomes the old one, and what is found there moves
// back. So at most twice `limit` are held and nothing needs to be sorted. Thread-safe.
template <class T>
class Recent {
  public:
    explicit Recent(std::size_t limit) : limit_(limit) {}

    std::shared_ptr<const T> find(std::string_view name) const {
        {
            const std::shared_lock lock(mutex_);
            if (const auto known = young_.find(name); known != young_.end()) return known->second;
            const auto known = old_.find(name);
            if (known == old_.end()) return nullptr;
        }
        const std::unique_lock lock(mutex_);
        auto moved = old_.extract(std::string(name));
        if (moved.empty()) {
            const auto known = young_.find(name);
            return known != young_.end() ? known->second : nullptr;
        }
        auto value = moved.mapped();
        make_room();
        young_.insert(std::move(moved));
        return value;
    }

    std::shared_ptr<const T> keep(std::string name, T made) const {
        auto value = std::make_shared<const T>(std::move(made));
        const std::unique_lock lock(mutex_);
        make_room();
        young_.insert_or_assign(std::move(name), value);
        return value;
    }

    std::size_t size() const {
        const std::shared_lock lock(mutex_);
        return young_.size() + old_.size();
    }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    using Map = std::unordered_map<std::string, std::shared_ptr<const T>, Hash, std::equal_to<>>;

    void make_room() const {
        if (young_.size() < limit_) return;
        old_ = std::move(young_);
        young_.clear();
    }

    std::size_t limit_;
    mutable std::shared_mutex mutex_;
    mutable Map young_;
    mutable Map old_;
};

}  // namespace schwarm::exchange
