// Stored rows in memory, as a host would keep them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "schwarm/exchange/directory_rows.hpp"

namespace schwarm::exchange::test {

class MemoryRows final : public DirectoryRows {
  public:
    Result<std::optional<std::string>> get(std::string_view key) const override {
        const auto at = rows.find(key);
        return at == rows.end() ? std::nullopt : std::optional(at->second);
    }
    Result<void> scan(std::string_view prefix, const Visitor& visit) const override {
        for (auto at = rows.lower_bound(prefix); at != rows.end(); ++at) {
            if (!at->first.starts_with(prefix)) break;
            SCHWARM_TRY_VOID(visit(at->first, at->second));
        }
        return {};
    }
    void store(const std::vector<DirectoryRow>& fresh) {
        for (const DirectoryRow& row : fresh) rows[row.key] = row.value;
    }

    std::map<std::string, std::string, std::less<>> rows;
};

}  // namespace schwarm::exchange::test
