#include "chained_row.hpp"

#include <array>

#include "schwarm/base/binary.hpp"
#include "schwarm/engine/command.hpp"

namespace schwarm::runtime {
namespace {

constexpr std::uint8_t kFormat = 1;

std::string header_of(const ChainedRow& row) {
    ByteWriter out;
    out.u8(kFormat);
    out.u8(static_cast<std::uint8_t>(row.kind));
    out.u64(row.case_id.value());
    out.u64(row.position);
    out.u64(row.previous);
    out.u64(static_cast<std::uint64_t>(row.at.time_since_epoch().count()));
    return out.take();
}

template <std::size_t... I>
auto command_names(std::index_sequence<I...>) {
    return std::array<std::string, sizeof...(I)>{
        std::string(engine::name_of(engine::CommandBody(std::in_place_index<I>)))...};
}

}  // namespace

bool is_deletion(RowKind kind) {
    return deletes_case(kind) || deletes_log(kind);
}

bool deletes_case(RowKind kind) {
    return kind == RowKind::deletion || kind == RowKind::deletion_with_log;
}

bool deletes_log(RowKind kind) {
    return kind == RowKind::deletion_with_log || kind == RowKind::deletion_of_log;
}

bool is_command(RowKind kind) {
    return kind >= RowKind::first_command && kind <= RowKind::last_command;
}

std::string name_of(RowKind kind) {
    static const auto names =
        command_names(std::make_index_sequence<std::variant_size_v<engine::CommandBody>>());
    if (is_command(kind)) {
        const auto index = static_cast<std::size_t>(kind) - 1;
        return index < names.size() ? names[index] : "command_" + std::to_string(index + 1);
    }
    return is_deletion(kind) ? "deletion" : "audit_line";
}

crypto::Hash ChainedRow::expected_chain(const crypto::Hash& previous_chain) const {
    return crypto::chain_step(previous_chain, header_of(*this), body_hash);
}

void ChainedRow::link(const crypto::Hash& previous_chain) {
    body_hash = crypto::sha256(body);
    chain = expected_chain(previous_chain);
}

std::string ChainedRow::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.u8(deleted ? 1 : 0);
    out.u8(static_cast<std::uint8_t>(kind));
    out.u64(case_id.value());
    out.u64(previous);
    out.u64(static_cast<std::uint64_t>(at.time_since_epoch().count()));
    out.raw(crypto::bytes_of(body_hash));
    out.raw(crypto::bytes_of(chain));
    if (!deleted) out.raw(body);
    return out.take();
}

Result<ChainedRow> decode_chained_row(Position position, std::string_view bytes) {
    ByteReader in(bytes);
    ChainedRow row;
    row.position = position;
    const std::uint8_t format = in.u8();
    const std::uint8_t deleted = in.u8();
    row.kind = static_cast<RowKind>(in.u8());
    row.case_id = CaseId(in.u64());
    row.previous = in.u64();
    row.at = Instant(std::chrono::milliseconds(static_cast<std::int64_t>(in.u64())));
    const std::string_view body_hash = in.raw(32);
    const std::string_view chain = in.raw(32);
    if (!in.ok() || format != kFormat || deleted > 1 || (deleted == 1 && !in.at_end())) {
        return fail(ErrorCode::corrupt, "a chained row is damaged",
                    "position " + std::to_string(position));
    }
    row.deleted = deleted == 1;
    row.body_hash = crypto::hash_from_bytes(body_hash);
    row.chain = crypto::hash_from_bytes(chain);
    row.body = std::string(in.raw(in.remaining()));
    return row;
}

crypto::Hash chain_begin(std::string_view name, const TenantId& tenant) {
    std::string text = "schwarm/" + std::string(name) + "/1";
    text += '\0';
    text += tenant.value();
    return crypto::sha256(text);
}

}  // namespace schwarm::runtime
