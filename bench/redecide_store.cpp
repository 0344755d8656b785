#include "redecide_store.hpp"

#include <fmt/format.h>

#include <array>

#include "schwarm/base/binary.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/runtime/node_key.hpp"
#include "schwarm/storage/key.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace schwarm::bench {
namespace {

using storage::KeyBuilder;
using storage::Space;

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kCaseClass = 2;  // of data keys
constexpr std::string_view kDecisionName = "neuentscheidung";

const TenantId& tenant() {
    static const TenantId kTenant("wohngeldstelle");
    return kTenant;
}

std::string associated(Space space, std::uint64_t number, std::uint64_t second,
                       std::string_view name) {
    std::string out(1, static_cast<char>(space));
    out += KeyBuilder(tenant()).number(number).number(second).data();
    return out.append(name);
}

std::string key_of_keys(std::uint64_t number) {
    return KeyBuilder(tenant()).raw("C").number(number).take();
}
std::string key_of_state(std::uint64_t number) {
    return KeyBuilder(tenant()).number(number).take();
}
std::string key_of_decision(std::uint64_t number) {
    static const std::string kHash(crypto::bytes_of(crypto::sha256(kDecisionName)), 0, 16);
    return KeyBuilder(tenant()).number(number).raw(kHash).take();
}

// version, case, number, time, flag, name, sealed
Result<std::string> sealed_row(Space space, std::uint64_t number, std::string_view name,
                               std::string_view plain, const crypto::Key& key, Random& random) {
    SCHWARM_TRY(sealed, crypto::seal(key, associated(space, number, number, name), plain, random));
    ByteWriter out;
    out.u8(kFormat);
    out.varint(number);
    out.varint(number);
    out.svarint(0);
    out.u8(0);
    out.bytes(name);
    out.raw(sealed);
    return out.take();
}

Result<std::string> open_row(Space space, std::uint64_t number, std::string_view name,
                             const crypto::Key& key, std::string_view row) {
    ByteReader in(row);
    const auto version = in.u8();
    const auto of = in.varint();
    static_cast<void>(in.varint());
    static_cast<void>(in.svarint());
    static_cast<void>(in.u8());
    const auto named = in.bytes();
    if (!in.ok() || version != kFormat || of != number || named != name) {
        return fail(ErrorCode::corrupt, fmt::format("a row of case {} is damaged", number));
    }
    return crypto::open(key, associated(space, number, number, name), in.raw(in.remaining()));
}

std::uint64_t number_of_key(std::string_view key, std::string_view prefix) {
    storage::KeyReader in(key);
    static_cast<void>(in.tenant());
    static_cast<void>(in.raw(prefix.size()));
    return in.number();
}

}  // namespace

void RangeTotals::add(const RangeTotals& other) {
    cases += other.cases;
    granted += other.granted;
    more += other.more;
    less += other.less;
    human += other.human;
    euro_before += other.euro_before;
    euro_after += other.euro_after;
    checksum += other.checksum;
    decide_nanos += other.decide_nanos;
    payload_bytes += other.payload_bytes;
}

std::string RangeTotals::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    for (const auto number :
         {cases, granted, more, less, human, checksum, decide_nanos, payload_bytes}) {
        out.varint(number);
    }
    out.svarint(euro_before);
    out.svarint(euro_after);
    return out.take();
}

std::optional<RangeTotals> RangeTotals::decode(std::string_view bytes) {
    ByteReader in(bytes);
    RangeTotals out;
    if (in.u8() != kFormat) return std::nullopt;
    for (auto* const number : {&out.cases, &out.granted, &out.more, &out.less, &out.human,
                               &out.checksum, &out.decide_nanos, &out.payload_bytes}) {
        *number = in.varint();
    }
    out.euro_before = in.svarint();
    out.euro_after = in.svarint();
    if (!in.ok() || !in.at_end()) return std::nullopt;
    return out;
}

Result<std::unique_ptr<CaseStore>> CaseStore::open(const std::filesystem::path& folder) {
    SystemRandom random;
    SCHWARM_TRY(node_key, runtime::load_or_create_node_key(folder / "node.key", random));
    SCHWARM_TRY(wrapping, crypto::Key::from_bytes(crypto::hkdf_sha256(
                              node_key.bytes(), {}, "schwarm/wrap/1", crypto::kKeySize)));
    SCHWARM_TRY(storage, storage_sqlite::open_sqlite(folder / "cases.db"));
    return std::unique_ptr<CaseStore>(new CaseStore(folder, wrapping, std::move(storage)));
}

std::uint64_t CaseStore::file_bytes() const {
    std::uint64_t out = 0;
    std::error_code error;
    for (const char* name : {"cases.db", "cases.db-wal"}) {
        const auto size = std::filesystem::file_size(folder_ / name, error);
        if (!error) out += size;
    }
    return out;
}

Result<void> CaseStore::add_case(std::uint64_t number, std::string_view state, Random& random,
                                 std::vector<Row>& rows) const {
    const auto key = crypto::Key::random(random);
    SCHWARM_TRY(
        wrapped,
        crypto::wrap_key(wrapping_, associated(Space::keys, number, kCaseClass, {}), key, random));
    ByteWriter keys;
    keys.u8(kFormat);
    keys.u8(kCaseClass);
    keys.raw(wrapped);
    rows.push_back({Space::keys, key_of_keys(number), keys.take()});
    SCHWARM_TRY(row, sealed_row(Space::state, number, {}, state, key, random));
    rows.push_back({Space::state, key_of_state(number), std::move(row)});
    return {};
}

Result<void> CaseStore::add_decision(const StoredCase& of, std::string_view decision,
                                     Random& random, std::vector<Row>& rows) const {
    SCHWARM_TRY(row,
                sealed_row(Space::documents, of.number, kDecisionName, decision, of.key, random));
    rows.push_back({Space::documents, key_of_decision(of.number), std::move(row)});
    return {};
}

Result<std::vector<StoredCase>> CaseStore::cases(storage::Reader& reader, std::uint64_t from,
                                                 std::uint64_t to) const {
    std::vector<StoredCase> out;
    out.reserve(to - from);
    std::optional<Error> problem;
    SCHWARM_TRY_VOID(reader.scan(Space::keys, {key_of_keys(from), key_of_keys(to)},
                                 [&](std::string_view key, std::string_view value) {
                                     const auto number = number_of_key(key, "C");
                                     auto unwrapped = crypto::unwrap_key(
                                         wrapping_, associated(Space::keys, number, kCaseClass, {}),
                                         value.substr(2));
                                     if (!unwrapped) {
                                         problem = unwrapped.error();
                                         return false;
                                     }
                                     out.push_back({number, *unwrapped, {}});
                                     return true;
                                 }));
    if (problem) return *problem;
    std::size_t at = 0;
    SCHWARM_TRY_VOID(reader.scan(Space::state, {key_of_state(from), key_of_state(to)},
                                 [&](std::string_view key, std::string_view value) {
                                     const auto number = number_of_key(key, {});
                                     if (at == out.size() || out[at].number != number) return false;
                                     auto state =
                                         open_row(Space::state, number, {}, out[at].key, value);
                                     if (!state) {
                                         problem = state.error();
                                         return false;
                                     }
                                     out[at++].state = std::move(*state);
                                     return true;
                                 }));
    if (problem) return *problem;
    if (at != out.size() || out.size() != to - from) {
        return fail(ErrorCode::corrupt,
                    fmt::format("not every case from {} to {} is there", from, to - 1));
    }
    return out;
}

Result<std::vector<std::string>> CaseStore::decisions(storage::Reader& reader,
                                                      const std::vector<StoredCase>& of) const {
    std::vector<std::string> out;
    if (of.empty()) return out;
    std::optional<Error> problem;
    const auto end = of.back().number + 1;
    SCHWARM_TRY_VOID(reader.scan(
        Space::documents, {key_of_state(of.front().number), key_of_state(end)},
        [&](std::string_view key, std::string_view value) {
            const auto number = number_of_key(key, {});
            if (out.size() == of.size() || of[out.size()].number != number) {
                problem = fail(ErrorCode::corrupt,
                               fmt::format("case {} has a decision too many, or one before it has "
                                           "none",
                                           number));
                return false;
            }
            auto decision =
                open_row(Space::documents, number, kDecisionName, of[out.size()].key, value);
            if (!decision) {
                problem = decision.error();
                return false;
            }
            out.push_back(std::move(*decision));
            return true;
        }));
    if (problem) return *problem;
    if (out.size() != of.size()) {
        return fail(ErrorCode::corrupt, fmt::format("{} of {} cases from {} on have a decision",
                                                    out.size(), of.size(), of.front().number));
    }
    return out;
}

std::string CaseStore::mark_key(std::string_view phase, std::uint64_t range) {
    return KeyBuilder(tenant()).raw("R").text(phase).number(range).take();
}

Result<std::vector<std::pair<std::uint64_t, RangeTotals>>> CaseStore::marks(
    std::string_view phase) const {
    std::vector<std::pair<std::uint64_t, RangeTotals>> out;
    SCHWARM_TRY(reader, storage_->begin_read());
    const auto prefix = KeyBuilder(tenant()).raw("R").text(phase).take();
    bool good = true;
    SCHWARM_TRY_VOID(reader->scan(Space::meta, storage::prefix_range(prefix),
                                  [&](std::string_view key, std::string_view value) {
                                      storage::KeyReader in(key.substr(prefix.size()));
                                      const auto totals = RangeTotals::decode(value);
                                      const auto range = in.number();
                                      good = totals && in.ok();
                                      if (good) out.emplace_back(range, *totals);
                                      return good;
                                  }));
    if (!good) return fail(ErrorCode::corrupt, "a mark of a range is damaged");
    return out;
}

Result<std::optional<std::string>> CaseStore::note(std::string_view name) const {
    SCHWARM_TRY(reader, storage_->begin_read());
    return reader->get(Space::meta, KeyBuilder(tenant()).raw("I").text(name).data());
}

Result<void> CaseStore::set_note(std::string_view name, std::string_view text) {
    SCHWARM_TRY(transaction, storage_->begin_write());
    SCHWARM_TRY_VOID(
        transaction->put(Space::meta, KeyBuilder(tenant()).raw("I").text(name).data(), text));
    return transaction->commit();
}

}  // namespace schwarm::bench
