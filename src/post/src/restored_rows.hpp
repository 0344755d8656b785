// Rows of a restore, on both sides (docs/formats/network.md, "Rows of the post").
//
// The functions with a batch are called in its write; corrupt: a row is damaged.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rows.hpp"
#include "schwarm/runtime/write_batch.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::post {

namespace keys {
inline constexpr std::string_view kRestored = "Rs";
inline constexpr std::string_view kWasRestoredPrefix = "Rw";
inline constexpr std::string_view kAnsweredPrefix = "Rm";
inline constexpr std::string_view kNumberedPrefix = "Rn";
std::string answered(std::string_view member);
std::string answered_member(std::string_view key);
// A delivery that got another sequence since the restore.
std::string numbered(std::uint64_t number);
// As kRestored, of a restore that is over, for as long as others keep what they may have to give
// again.
std::string was_restored(Instant over);
std::string first_sequence(std::string_view conversation);
std::string lost(std::string_view conversation);
std::string gaps(std::string_view conversation);
// The case and number of a delivery in its key.
std::optional<std::pair<CaseId, std::uint64_t>> read_delivery(std::string_view key);
std::uint64_t held_sequence(std::string_view key);
}  // namespace keys

// Of a tenant, under kRestored until every member has answered, then under was_restored().
struct RestoredState {
    Instant since;           // the time of the backup
    std::uint64_t mark = 0;  // deliveries above this number were recorded after the restore

    std::string encode() const;
    static Result<RestoredState> decode(std::string_view bytes);
};

// Sequences from and to that will never come.
using Gaps = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
std::string encode_gaps(const Gaps& gaps);
Result<Gaps> decode_gaps(std::string_view bytes);
// All from `expected` to before `next`, except those that are open (ascending).
Gaps gaps_between(std::uint64_t expected, std::uint64_t next,
                  const std::vector<std::uint64_t>& open);
// The sequence that is expected once what never comes is passed over; `held`: those that wait.
std::uint64_t pass(const Gaps& gaps, std::uint64_t expected,
                   const std::optional<std::uint64_t>& first_held);

// With which sequence the own side of a conversation that is not known yet begins.
Result<std::uint64_t> first_sequence(runtime::WriteBatch& batch, std::string_view conversation);
void put_first_sequence(runtime::WriteBatch& batch, std::string_view conversation,
                        std::uint64_t first, Instant erase);
// Of a conversation that has no row here: its case is lost, and nothing begins it again.
Result<bool> is_lost(runtime::WriteBatch& batch, std::string_view conversation);
void put_lost(runtime::WriteBatch& batch, std::string_view conversation, Instant erase);
// Passes over what will never come, and stores that.
Result<void> pass_gaps(runtime::WriteBatch& batch, std::string_view id, Conversation& conversation);

// How many open deliveries of a conversation one node tells another, at most.
inline constexpr std::size_t kOpenMax = 1000;

// The sequences of the deliveries of a conversation that are open and not refused, ascending. A
// ReadView or a WriteBatch.
template <class View>
Result<std::vector<std::uint64_t>> open_sequences(View& view, CaseId case_id,
                                                  std::string_view conversation) {
    std::vector<std::string> found;
    SCHWARM_TRY_VOID(view.scan(storage::Space::exchange,
                               storage::prefix_range(keys::deliveries(case_id)),
                               [&](std::string_view key, std::string_view) {
                                   found.emplace_back(key);
                                   return true;
                               }));
    std::set<std::uint64_t> out;
    for (const std::string& key : found) {
        const auto place = keys::read_delivery(key);
        if (!place) continue;
        SCHWARM_TRY(bytes, view.get(storage::Space::exchange, keys::open_delivery(place->second)));
        if (!bytes) continue;
        SCHWARM_TRY(row, OpenDelivery::decode(*bytes));
        if (row.conversation != conversation || row.state == DeliveryState::refused) continue;
        const auto sealed = view.get_sealed(key);
        if (sealed.has_error() && sealed.error().code == ErrorCode::gone) continue;
        if (sealed.has_error()) return sealed.error();
        if (!sealed.value()) continue;
        SCHWARM_TRY(delivery, Delivery::decode(*sealed.value()));
        out.insert(delivery.sequence);
    }
    std::vector<std::uint64_t> all(out.begin(), out.end());
    if (all.size() > kOpenMax) all.resize(kOpenMax);
    return all;
}

}  // namespace schwarm::post
