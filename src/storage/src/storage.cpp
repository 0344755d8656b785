#include "schwarm/storage/storage.hpp"

#include <array>

#include "schwarm/storage/key.hpp"

namespace schwarm::storage {
namespace {
constexpr std::array<std::string_view, kSpaceCount> kNames = {
    "meta",      "keys",   "events",        "state",    "timers",   "outbox", "documents",
    "cases",     "tasks",  "subscriptions", "persons",  "audit",    "drafts", "packages",
    "deletions", "done",   "print",         "inbox",    "settings", "jobs",   "incidents",
    "messages",  "starts", "batches",       "exchange", "directory"};

struct Copied {
    std::uint64_t rows = 0;
    std::size_t bytes = 0;
    std::unique_ptr<WriteTransaction> transaction;
};

Result<void> copy_row(Storage& to, Copied& copied, Space space, std::string_view key,
                      std::string_view value, std::size_t batch_bytes) {
    if (copied.transaction == nullptr) {
        SCHWARM_TRY(begun, to.begin_write());
        copied.transaction = std::move(begun);
    }
    SCHWARM_TRY_VOID(copied.transaction->put(space, key, value));
    ++copied.rows;
    copied.bytes += key.size() + value.size();
    if (copied.bytes >= batch_bytes) {
        SCHWARM_TRY_VOID(copied.transaction->commit());
        copied.transaction.reset();
        copied.bytes = 0;
    }
    return {};
}
}  // namespace

std::string_view name_of(Space space) {
    return kNames.at(static_cast<std::size_t>(space));
}

Result<std::uint64_t> copy_rows(Reader& from, Storage& to, const std::function<bool(Space)>& wanted,
                                std::size_t batch_bytes) {
    Copied copied;
    for (std::size_t i = 0; i < kSpaceCount; ++i) {
        const auto space = static_cast<Space>(i);
        if (!wanted(space)) continue;
        Result<void> copying;
        SCHWARM_TRY_VOID(from.scan(space, {}, [&](std::string_view key, std::string_view value) {
            copying = copy_row(to, copied, space, key, value, batch_bytes);
            return copying.has_value();
        }));
        SCHWARM_TRY_VOID(copying);
    }
    if (copied.transaction != nullptr) SCHWARM_TRY_VOID(copied.transaction->commit());
    return copied.rows;
}

std::string prefix_end(std::string_view prefix) {
    std::string end(prefix);
    while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xFF) end.pop_back();
    if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
    return end;
}

ScanRange prefix_range(std::string_view prefix, std::size_t limit, bool reverse) {
    return ScanRange{std::string(prefix), prefix_end(prefix), limit, reverse};
}

}  // namespace schwarm::storage
