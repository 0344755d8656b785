// Changes that are not in storage yet, and a reader that sees storage with them laid over it.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "schwarm/storage/storage.hpp"

namespace schwarm::runtime {

using storage::Space;

// Sorted by space and key, so that a commit writes in key order. Not thread-safe.
class Overlay {
  public:
    using Rows = std::map<std::string, std::optional<std::string>, std::less<>>;

    void put(Space space, std::string key, std::string value);
    void erase(Space space, std::string key);
    // Null: unchanged here. Points to nothing: erased here.
    const std::optional<std::string>* find(Space space, std::string_view key) const;
    // The other one's changes are newer.
    void absorb(Overlay&& newer);
    Result<void> write_to(storage::WriteTransaction& transaction) const;

    const Rows& rows(Space space) const { return spaces_[static_cast<std::size_t>(space)]; }
    std::size_t count() const { return count_; }
    std::size_t bytes() const { return bytes_; }

  private:
    void set(Space space, std::string key, std::optional<std::string> value);

    std::array<Rows, storage::kSpaceCount> spaces_;
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
};

// Storage as it was when the first read needed it, the group being committed, the group being
// decided. A snapshot taken late is right too: only those two groups can be committed meanwhile.
class LayeredReader final : public storage::Reader {
  public:
    explicit LayeredReader(storage::Storage& storage) : storage_(storage) {}

    void begin(std::shared_ptr<const Overlay> committing, const Overlay* deciding);
    void end();

    Result<std::optional<std::string>> get(Space space, std::string_view key) override;
    Result<void> scan(Space space, const storage::ScanRange& range,
                      const storage::Visitor& visit) override;

  private:
    Result<storage::Reader*> snapshot();

    storage::Storage& storage_;
    std::shared_ptr<const Overlay> committing_;
    const Overlay* deciding_ = nullptr;
    std::unique_ptr<storage::Reader> snapshot_;
};

}  // namespace schwarm::runtime
