#include "restored_rows.hpp"

#include <map>

#include "schwarm/base/binary.hpp"
#include "schwarm/post/restored.hpp"
#include "schwarm/storage/key.hpp"
#include "stored.hpp"

namespace schwarm::post {

using storage::KeyBuilder;
using storage::KeyReader;
using storage::Space;

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kNumber = sizeof(std::uint64_t);

Error damaged(std::string_view what) {
    return fail(ErrorCode::corrupt, "a damaged row of the exchange", std::string(what));
}

using OpenDeliveries = std::map<std::uint64_t, OpenDelivery>;

Result<OpenDeliveries> open_deliveries(storage::WriteTransaction& write,
                                       const std::string& tenant) {
    OpenDeliveries found;
    Result<void> decoding;
    SCHWARM_TRY_VOID(write.scan(
        Space::exchange, storage::prefix_range(tenant + std::string(keys::kOpenPrefix)),
        [&](std::string_view key, std::string_view value) {
            auto row = OpenDelivery::decode(value);
            if (row.has_error()) {
                decoding = row.error();
                return false;
            }
            found.emplace(keys::number_of(key.substr(tenant.size())), std::move(row.value()));
            return true;
        }));
    SCHWARM_TRY_VOID(decoding);
    return found;
}

// Answers the number of the last one.
Result<std::uint64_t> renew_deliveries(storage::WriteTransaction& write, const std::string& tenant,
                                       OpenDeliveries found, Instant now) {
    for (auto& [number, row] : found) {
        if (row.state != DeliveryState::waiting && row.state != DeliveryState::delivered) continue;
        row.expires = now + (row.expires - row.created);
        row.created = now;
        SCHWARM_TRY_VOID(
            write.put(Space::exchange, tenant + keys::open_delivery(number), row.encode()));
    }
    return found.empty() ? std::uint64_t{0} : found.rbegin()->first;
}

// Recorded after an earlier restore, for members that had not answered when the backup was made:
// nobody has sent them or found numbers for them that are free there.
Result<std::vector<std::uint64_t>> unnumbered(storage::WriteTransaction& write,
                                              const std::string& tenant, const OpenDeliveries& open,
                                              const RestoredState& older) {
    std::vector<std::uint64_t> out;
    for (const auto& [number, row] : open) {
        SCHWARM_TRY(numbered, write.get(Space::exchange, tenant + keys::numbered(number)));
        if (number <= older.mark && !numbered) continue;
        const std::string member = row.to.substr(row.to.rfind('@') + 1);
        SCHWARM_TRY(answered, write.get(Space::exchange, tenant + keys::answered(member)));
        if (!answered) out.push_back(number);
    }
    return out;
}

Result<void> erase_all(storage::WriteTransaction& write, const std::string& prefix) {
    std::vector<std::string> found;
    SCHWARM_TRY_VOID(write.scan(Space::exchange, storage::prefix_range(prefix),
                                [&](std::string_view key, std::string_view) {
                                    found.emplace_back(key);
                                    return true;
                                }));
    for (const std::string& key : found) SCHWARM_TRY_VOID(write.erase(Space::exchange, key));
    return {};
}

// What waits for its turn or its documents has been waiting for as long as the backup is old: it is
// forgotten, so that it is taken as new, with a new time to live, when it is sent again.
Result<void> forget_held(storage::WriteTransaction& write, const std::string& tenant) {
    SCHWARM_TRY_VOID(erase_all(write, tenant + std::string(keys::kHeldPrefix)));
    SCHWARM_TRY_VOID(erase_all(write, tenant + std::string(keys::kCollectedPrefix)));
    std::vector<std::string> found;
    SCHWARM_TRY_VOID(write.scan(
        Space::exchange, storage::prefix_range(tenant + std::string(keys::kReceivedPrefix)),
        [&](std::string_view key, std::string_view value) {
            const auto row = Received::decode(value);
            if (row.has_value() && row->state == exchange::ReceiptState::delivered) {
                found.emplace_back(key);
            }
            return true;
        }));
    for (const std::string& key : found) SCHWARM_TRY_VOID(write.erase(Space::exchange, key));
    return {};
}

}  // namespace

namespace keys {

std::string answered(std::string_view member) {
    return KeyBuilder().raw(kAnsweredPrefix).text(member).take();
}
std::string answered_member(std::string_view key) {
    return KeyReader(key.substr(kAnsweredPrefix.size())).text();
}
std::string numbered(std::uint64_t number) {
    return KeyBuilder().raw(kNumberedPrefix).number(number).take();
}
std::string was_restored(Instant over) {
    return KeyBuilder()
        .raw(kWasRestoredPrefix)
        .number(static_cast<std::uint64_t>(over.time_since_epoch().count()))
        .take();
}
std::string first_sequence(std::string_view conversation) {
    return KeyBuilder().raw("Rf").text(conversation).take();
}
std::string lost(std::string_view conversation) {
    return KeyBuilder().raw("Rl").text(conversation).take();
}
std::string gaps(std::string_view conversation) {
    return KeyBuilder().raw("Rg").text(conversation).take();
}
std::optional<std::pair<CaseId, std::uint64_t>> read_delivery(std::string_view key) {
    if (key.size() != 1 + 2 * kNumber || key[0] != 'D') return std::nullopt;
    KeyReader in(key.substr(1));
    const CaseId case_id(in.number());
    return std::pair(case_id, in.number());
}
std::uint64_t held_sequence(std::string_view key) {
    return key.size() < kNumber ? 0 : KeyReader(key.substr(key.size() - kNumber)).number();
}

}  // namespace keys

std::string RestoredState::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.svarint(since.time_since_epoch().count());
    out.varint(mark);
    return out.take();
}

Result<RestoredState> RestoredState::decode(std::string_view bytes) {
    ByteReader in(bytes);
    RestoredState out;
    const bool known = in.u8() == kFormat;
    out.since = Instant(std::chrono::milliseconds(in.svarint()));
    out.mark = in.varint();
    if (!known || !in.ok() || !in.at_end()) return damaged("restored");
    return out;
}

std::string encode_gaps(const Gaps& gaps) {
    ByteWriter out;
    out.u8(kFormat);
    out.varint(gaps.size());
    for (const auto& [from, to] : gaps) {
        out.varint(from);
        out.varint(to);
    }
    return out.take();
}

Result<Gaps> decode_gaps(std::string_view bytes) {
    ByteReader in(bytes);
    const bool known = in.u8() == kFormat;
    const std::uint64_t count = in.varint();
    Gaps out;
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        const std::uint64_t from = in.varint();
        out.emplace_back(from, in.varint());
    }
    if (!known || !in.ok() || !in.at_end()) return damaged("gaps");
    return out;
}

Gaps gaps_between(std::uint64_t expected, std::uint64_t next,
                  const std::vector<std::uint64_t>& open) {
    Gaps out;
    // A list that was cut off says nothing about what comes behind it.
    if (open.size() >= kOpenMax) next = std::min(next, open.back() + 1);
    std::uint64_t from = expected;
    for (const std::uint64_t sequence : open) {
        if (sequence >= next) break;
        if (sequence < from) continue;
        if (sequence > from) out.emplace_back(from, sequence - 1);
        from = sequence + 1;
    }
    if (from < next) out.emplace_back(from, next - 1);
    return out;
}

std::uint64_t pass(const Gaps& gaps, std::uint64_t expected,
                   const std::optional<std::uint64_t>& first_held) {
    for (const auto& [from, to] : gaps) {
        if (expected < from || expected > to) continue;
        expected = to + 1;
        // One that came early after all is taken.
        if (first_held) expected = std::min(expected, *first_held);
    }
    return expected;
}

Result<std::uint64_t> first_sequence(runtime::WriteBatch& batch, std::string_view conversation) {
    SCHWARM_TRY(bytes, batch.get(Space::exchange, keys::first_sequence(conversation)));
    if (!bytes) return std::uint64_t{1};
    ByteReader in(*bytes);
    const bool known = in.u8() == kFormat;
    const std::uint64_t out = in.varint();
    if (!known || !in.ok() || out == 0) return damaged("first sequence");
    return out;
}

void put_first_sequence(runtime::WriteBatch& batch, std::string_view conversation,
                        std::uint64_t first, Instant erase) {
    ByteWriter out;
    out.u8(kFormat);
    out.varint(first);
    const std::string key = keys::first_sequence(conversation);
    batch.put(Space::exchange, key, out.data());
    batch.put(Space::exchange, keys::erase_at(erase, key), {});
}

Result<bool> is_lost(runtime::WriteBatch& batch, std::string_view conversation) {
    SCHWARM_TRY(row, batch.get(Space::exchange, keys::lost(conversation)));
    return row.has_value();
}

void put_lost(runtime::WriteBatch& batch, std::string_view conversation, Instant erase) {
    const std::string key = keys::lost(conversation);
    batch.put(Space::exchange, key, {});
    batch.put(Space::exchange, keys::erase_at(erase, key), {});
}

Result<void> pass_gaps(runtime::WriteBatch& batch, std::string_view id,
                       Conversation& conversation) {
    const std::string place = keys::gaps(id);
    SCHWARM_TRY(bytes, batch.get(Space::exchange, place));
    if (!bytes) return {};
    SCHWARM_TRY(gaps, decode_gaps(*bytes));
    std::optional<std::uint64_t> first_held;
    storage::ScanRange range;
    range.from = keys::held(id, conversation.next_expected);
    range.to = storage::prefix_end(keys::held_prefix(id));
    range.limit = 1;
    SCHWARM_TRY_VOID(
        batch.scan(Space::exchange, range, [&](std::string_view key, std::string_view) {
            first_held = keys::held_sequence(key);
            return false;
        }));
    const std::uint64_t passed = pass(gaps, conversation.next_expected, first_held);
    if (passed != conversation.next_expected) {
        conversation.next_expected = passed;
        put(batch, id, conversation);
    }
    if (gaps.empty() || passed > gaps.back().second) {
        batch.erase(Space::exchange, place);
    }
    return {};
}

Result<void> mark_restored(storage::Storage& storage, const TenantId& tenant, Instant since,
                           Instant now) {
    SCHWARM_TRY(write, storage.begin_write());
    const std::string prefix = KeyBuilder(tenant).take();
    const std::string place = prefix + std::string(keys::kRestored);
    RestoredState state;
    state.since = since;
    SCHWARM_TRY(open, open_deliveries(*write, prefix));
    SCHWARM_TRY(before, write->get(Space::exchange, place));
    std::vector<std::uint64_t> still_unnumbered;
    if (before) {
        SCHWARM_TRY(older, RestoredState::decode(*before));
        state.since = std::min(state.since, older.since);
        SCHWARM_TRY(numbers, unnumbered(*write, prefix, open, older));
        still_unnumbered = std::move(numbers);
    }
    SCHWARM_TRY(mark, renew_deliveries(*write, prefix, std::move(open), now));
    state.mark = mark;
    SCHWARM_TRY_VOID(forget_held(*write, prefix));
    for (const std::string_view kind : {keys::kAnsweredPrefix, keys::kNumberedPrefix}) {
        SCHWARM_TRY_VOID(erase_all(*write, prefix + std::string(kind)));
    }
    for (const std::uint64_t number : still_unnumbered) {
        SCHWARM_TRY_VOID(write->put(Space::exchange, prefix + keys::numbered(number), {}));
    }
    SCHWARM_TRY_VOID(write->put(Space::exchange, place, state.encode()));
    return write->commit();
}

}  // namespace schwarm::post
