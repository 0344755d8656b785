// The rows of the directory as one snapshot of the node's own tenant holds them.
#pragma once

#include "schwarm/exchange/directory_rows.hpp"
#include "schwarm/runtime/read_view.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::server {

// Borrows the view.
class StoredDirectory final : public exchange::DirectoryRows {
  public:
    explicit StoredDirectory(const runtime::ReadView& view) : view_(view) {}
    Result<std::optional<std::string>> get(std::string_view key) const override {
        return view_.get(storage::Space::directory, key);
    }
    Result<void> scan(std::string_view prefix, const Visitor& visit) const override {
        Result<void> result;
        SCHWARM_TRY_VOID(view_.scan(storage::Space::directory,
                                    storage::prefix_range(std::string(prefix)),
                                    [&](std::string_view key, std::string_view value) {
                                        result = visit(key, value);
                                        return result.has_value();
                                    }));
        return result;
    }

  private:
    const runtime::ReadView& view_;
};

}  // namespace schwarm::server
