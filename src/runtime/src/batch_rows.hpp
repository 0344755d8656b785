// The rows of batch operations: the order, how far it is, and the items. docs/formats/storage.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "layout.hpp"
#include "schwarm/runtime/batches.hpp"

namespace schwarm::runtime {

namespace keys {
// Space batches.
std::string batch(const TenantId& tenant, std::uint64_t key);
std::string batch_order(const TenantId& tenant, std::uint64_t key);
std::string batch_active(const TenantId& tenant, std::uint64_t key);
std::string batch_items(const TenantId& tenant, std::uint64_t key, std::uint64_t chunk);
}  // namespace keys

// To what the sealed order is bound beside its key.
inline constexpr std::string_view kBatchOrder = "order";

// How far a batch is.
struct BatchRecord {
    BatchRow row;
    bool collected = false;       // all items are listed
    std::uint64_t bound = 0;      // cases from this number on are not meant
    std::string collected_to;     // end of the key of the last row looked at
    std::uint64_t last_item = 0;  // listed last
    std::uint64_t chunks = 0;     // rows of items written so far
    std::uint64_t chunk = 0;      // the one with the next item
    std::uint64_t offset = 0;     // of that item in it

    std::string encode() const;
    static Result<BatchRecord> decode(std::string_view bytes);
};

// Without the items that were given one by one; by_case: they are cases and not incidents.
struct StoredOrder {
    BatchOrder order;
    bool by_case = false;

    std::string encode() const;
    static Result<StoredOrder> decode(std::string_view bytes);
};

std::string encode_items(const std::vector<std::uint64_t>& items);
Result<std::vector<std::uint64_t>> decode_items(std::string_view bytes);

}  // namespace schwarm::runtime
