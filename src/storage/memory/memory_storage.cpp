#include "schwarm/storage/memory.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <vector>

#include "schwarm/storage/limits.hpp"

namespace schwarm::storage {
namespace {

// Committed values of one key, oldest first; nothing stands for "erased at this version".
struct Version {
    std::uint64_t number = 0;
    std::optional<std::string> value;
};
using History = std::vector<Version>;
using Table = std::map<std::string, History, std::less<>>;
using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;

struct Store {
    std::shared_mutex mutex;
    std::array<Table, kSpaceCount> tables;
    std::uint64_t version = 0;
    std::multiset<std::uint64_t> snapshots;  // versions that open readers look at
    bool writing = false;
};

const std::string* value_at(const History& history, std::uint64_t version) {
    for (auto it = history.rbegin(); it != history.rend(); ++it) {
        if (it->number <= version) return it->value ? &*it->value : nullptr;
    }
    return nullptr;
}

std::size_t index_of(Space space) {
    return static_cast<std::size_t>(space);
}

// Calls visit for the rows of the range as of a version, with `changes` laid over them. The rows
// are copied first so that a visitor may use the storage itself.
void scan_rows(Store& store, std::uint64_t version, const Changes* changes, Space space,
               const ScanRange& range, const Visitor& visit) {
    std::map<std::string, std::string, std::less<>> rows;
    const auto within = [&](const auto& table) {
        auto from = table.lower_bound(range.from);
        auto to = range.to.empty() ? table.end() : table.lower_bound(range.to);
        if (!range.to.empty() && range.to <= range.from) to = from;
        return std::pair(from, to);
    };
    {
        const std::shared_lock lock(store.mutex);
        const auto [from, to] = within(store.tables[index_of(space)]);
        for (auto it = from; it != to; ++it) {
            if (const std::string* value = value_at(it->second, version)) {
                rows.emplace_hint(rows.end(), it->first, *value);
            }
        }
    }
    if (changes != nullptr) {
        const auto [from, to] = within(*changes);
        for (auto it = from; it != to; ++it) {
            if (it->second) {
                rows[it->first] = *it->second;
            } else {
                rows.erase(it->first);
            }
        }
    }
    std::size_t left = range.limit;
    const auto walk = [&](auto begin, auto end) {
        for (auto it = begin; it != end && left > 0; ++it, --left) {
            if (!visit(it->first, it->second)) return;
        }
    };
    if (range.reverse) {
        walk(rows.rbegin(), rows.rend());
    } else {
        walk(rows.begin(), rows.end());
    }
}

class MemoryReader final : public Reader {
  public:
    explicit MemoryReader(Store& store) : store_(store) {
        const std::unique_lock lock(store_.mutex);
        version_ = store_.version;
        store_.snapshots.insert(version_);
    }
    ~MemoryReader() override {
        const std::unique_lock lock(store_.mutex);
        store_.snapshots.erase(store_.snapshots.find(version_));
    }

    Result<std::optional<std::string>> get(Space space, std::string_view key) override {
        const std::shared_lock lock(store_.mutex);
        const Table& table = store_.tables[index_of(space)];
        const auto it = table.find(key);
        if (it == table.end()) return std::optional<std::string>();
        const std::string* value = value_at(it->second, version_);
        return value != nullptr ? std::optional(*value) : std::nullopt;
    }

    Result<void> scan(Space space, const ScanRange& range, const Visitor& visit) override {
        scan_rows(store_, version_, nullptr, space, range, visit);
        return {};
    }

  private:
    Store& store_;
    std::uint64_t version_ = 0;
};

class MemoryWrite final : public WriteTransaction {
  public:
    // The caller has set store.writing.
    explicit MemoryWrite(Store& store) : store_(store) {}
    ~MemoryWrite() override { finish(); }

    Result<std::optional<std::string>> get(Space space, std::string_view key) override {
        const Changes& changes = changes_[index_of(space)];
        if (const auto it = changes.find(key); it != changes.end()) return it->second;
        const std::shared_lock lock(store_.mutex);
        const Table& table = store_.tables[index_of(space)];
        const auto it = table.find(key);
        if (it == table.end()) return std::optional<std::string>();
        return it->second.back().value;
    }

    Result<void> scan(Space space, const ScanRange& range, const Visitor& visit) override {
        scan_rows(store_, UINT64_MAX, &changes_[index_of(space)], space, range, visit);
        return {};
    }

    Result<void> put(Space space, std::string_view key, std::string_view value) override {
        SCHWARM_TRY_VOID(check_sizes(space, key, value));
        changes_[index_of(space)].insert_or_assign(std::string(key),
                                                   std::optional(std::string(value)));
        return {};
    }

    Result<void> erase(Space space, std::string_view key) override {
        SCHWARM_TRY_VOID(check_sizes(space, key));
        changes_[index_of(space)].insert_or_assign(std::string(key), std::nullopt);
        return {};
    }

    Result<void> commit() override {
        if (done_) return fail(ErrorCode::storage_failed, "the transaction is over");
        const std::unique_lock lock(store_.mutex);
        const std::uint64_t version = ++store_.version;
        const std::uint64_t oldest = store_.snapshots.empty() ? version : *store_.snapshots.begin();
        for (std::size_t i = 0; i < kSpaceCount; ++i) {
            for (auto& [key, value] : changes_[i]) {
                apply(store_.tables[i], key, std::move(value), version, oldest);
            }
        }
        done_ = true;
        store_.writing = false;
        return {};
    }

  private:
    // Drops versions no open snapshot can see any more.
    static void apply(Table& table, const std::string& key, std::optional<std::string> value,
                      std::uint64_t version, std::uint64_t oldest) {
        History& history = table[key];
        history.push_back({version, std::move(value)});
        auto keep = history.end() - 1;
        while (keep != history.begin() && keep->number > oldest) --keep;
        history.erase(history.begin(), keep);
        if (history.size() == 1 && !history.front().value) table.erase(key);
    }

    void finish() {
        if (done_) return;
        const std::unique_lock lock(store_.mutex);
        store_.writing = false;
    }

    Store& store_;
    std::array<Changes, kSpaceCount> changes_;
    bool done_ = false;
};

class MemoryStorage final : public Storage {
  public:
    Result<std::unique_ptr<Reader>> begin_read() override {
        return std::unique_ptr<Reader>(std::make_unique<MemoryReader>(store_));
    }

    Result<std::unique_ptr<WriteTransaction>> begin_write() override {
        {
            const std::unique_lock lock(store_.mutex);
            if (store_.writing) {
                return fail(ErrorCode::conflict, "another write transaction is open");
            }
            store_.writing = true;
        }
        return std::unique_ptr<WriteTransaction>(std::make_unique<MemoryWrite>(store_));
    }

    Result<void> scrub() override {
        const std::unique_lock lock(store_.mutex);
        if (!store_.snapshots.empty() && *store_.snapshots.begin() < store_.version) {
            return fail(ErrorCode::unavailable, "a reader still holds an older snapshot");
        }
        for (Table& table : store_.tables) {
            for (auto it = table.begin(); it != table.end();) {
                it->second.erase(it->second.begin(), it->second.end() - 1);
                it = it->second.back().value ? std::next(it) : table.erase(it);
            }
        }
        return {};
    }

  private:
    Store store_;
};

}  // namespace

std::unique_ptr<Storage> make_memory_storage() {
    return std::make_unique<MemoryStorage>();
}

}  // namespace schwarm::storage
