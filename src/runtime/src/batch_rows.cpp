#include "batch_rows.hpp"

#include "schwarm/base/binary.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::runtime {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kOrderFormat = 2;
constexpr std::uint8_t kOrderFormatWithoutStatuses = 1;

Error damaged(const char* what) {
    return fail(ErrorCode::corrupt, std::string("a stored row is damaged: ") + what);
}

std::string text(ByteReader& in) {
    return std::string(in.bytes());
}

void write_variables(ByteWriter& out, const std::vector<engine::VariableInstruction>& all) {
    out.varint(all.size());
    for (const engine::VariableInstruction& v : all) {
        out.bytes(v.scope);
        out.bytes(feel::encode(v.variables.to_context()));
    }
}

std::vector<engine::VariableInstruction> read_variables(ByteReader& in) {
    std::vector<engine::VariableInstruction> out;
    const std::uint64_t count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        engine::VariableInstruction v;
        v.scope = text(in);
        const auto context = feel::decode(in.bytes());
        if (context.has_error()) {
            in.set_failed();
            break;
        }
        v.variables = engine::Variables::from_context(context.value());
        out.push_back(std::move(v));
    }
    return out;
}

void write_modification(ByteWriter& out, const engine::ModifyCase& modify) {
    out.varint(modify.activate.size());
    for (const engine::ActivateInstruction& a : modify.activate) {
        out.bytes(a.element);
        out.varint(a.ancestor.value());
        write_variables(out, a.variables);
    }
    out.varint(modify.move.size());
    for (const engine::MoveInstruction& m : modify.move) {
        out.bytes(m.source);
        out.varint(m.source_instance.value());
        out.bytes(m.target);
        out.u8(static_cast<std::uint8_t>(m.scope));
        out.varint(m.ancestor.value());
        write_variables(out, m.variables);
    }
    out.varint(modify.terminate.size());
    for (const engine::TerminateInstruction& t : modify.terminate) {
        out.varint(t.instance.value());
        out.bytes(t.element);
    }
}

engine::ModifyCase read_modification(ByteReader& in) {
    engine::ModifyCase out;
    std::uint64_t count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        engine::ActivateInstruction a;
        a.element = text(in);
        a.ancestor = ElementKey(in.varint());
        a.variables = read_variables(in);
        out.activate.push_back(std::move(a));
    }
    count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        engine::MoveInstruction m;
        m.source = text(in);
        m.source_instance = ElementKey(in.varint());
        m.target = text(in);
        m.scope = static_cast<engine::MoveScope>(in.u8());
        m.ancestor = ElementKey(in.varint());
        m.variables = read_variables(in);
        out.move.push_back(std::move(m));
    }
    count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        engine::TerminateInstruction t;
        t.instance = ElementKey(in.varint());
        t.element = text(in);
        out.terminate.push_back(std::move(t));
    }
    return out;
}

void write_filter(ByteWriter& out, const BatchFilter& filter) {
    out.varint(filter.definitions.size());
    for (const auto& definition : filter.definitions) out.bytes(definition.value());
    out.varint(filter.incident_kinds.size());
    for (const auto kind : filter.incident_kinds) out.u8(static_cast<std::uint8_t>(kind));
    out.varint(filter.element_ids.size());
    for (const std::string& element : filter.element_ids) out.bytes(element);
    out.u8(filter.with_incidents_only ? 1 : 0);
    out.varint(filter.statuses.size());
    for (const auto status : filter.statuses) out.u8(static_cast<std::uint8_t>(status));
}

BatchFilter read_filter(ByteReader& in, bool with_statuses) {
    BatchFilter out;
    std::uint64_t count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) out.definitions.emplace_back(text(in));
    count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        out.incident_kinds.push_back(static_cast<engine::IncidentKind>(in.u8()));
    }
    count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) out.element_ids.push_back(text(in));
    out.with_incidents_only = in.u8() == 1;
    count = with_statuses ? in.varint() : 0;
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        out.statuses.push_back(static_cast<engine::CaseStatus>(in.u8()));
    }
    return out;
}

}  // namespace

std::string_view name_of(BatchKind kind) {
    switch (kind) {
        case BatchKind::resolve_incidents:
            return "resolve_incidents";
        case BatchKind::cancel:
            return "cancel";
        case BatchKind::modify:
            return "modify";
        case BatchKind::migrate:
            return "migrate";
        case BatchKind::erase:
            return "erase";
    }
    return "";
}

std::string_view name_of(BatchStatus status) {
    switch (status) {
        case BatchStatus::collecting:
            return "collecting";
        case BatchStatus::running:
            return "running";
        case BatchStatus::suspended:
            return "suspended";
        case BatchStatus::completed:
            return "completed";
        case BatchStatus::cancelled:
            return "cancelled";
    }
    return "";
}

namespace keys {

std::string batch(const TenantId& tenant, std::uint64_t key) {
    return lettered(tenant, 'B', key);
}
std::string batch_order(const TenantId& tenant, std::uint64_t key) {
    return lettered(tenant, 'O', key);
}
std::string batch_active(const TenantId& tenant, std::uint64_t key) {
    return lettered(tenant, 'A', key);
}
std::string batch_items(const TenantId& tenant, std::uint64_t key, std::uint64_t chunk) {
    return append(lettered(tenant, 'I', key), chunk);
}

}  // namespace keys

std::string BatchRecord::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.u8(static_cast<std::uint8_t>(row.kind));
    out.u8(static_cast<std::uint8_t>(row.status));
    out.bytes(row.actor);
    out.svarint(row.created.time_since_epoch().count());
    out.u8(row.ended ? 1 : 0);
    if (row.ended) out.svarint(row.ended->time_since_epoch().count());
    out.varint(row.total);
    out.varint(row.done);
    out.varint(row.failed);
    out.varint(row.failures.size());
    for (const BatchFailure& failure : row.failures) {
        out.varint(failure.item);
        out.bytes(failure.code);
        out.bytes(failure.message);
    }
    out.u8(collected ? 1 : 0);
    out.varint(bound);
    out.bytes(collected_to);
    out.varint(last_item);
    out.varint(chunks);
    out.varint(chunk);
    out.varint(offset);
    return out.take();
}

Result<BatchRecord> BatchRecord::decode(std::string_view bytes) {
    ByteReader in(bytes);
    BatchRecord out;
    const std::uint8_t format = in.u8();
    out.row.kind = static_cast<BatchKind>(in.u8());
    out.row.status = static_cast<BatchStatus>(in.u8());
    out.row.actor = text(in);
    out.row.created = Instant(std::chrono::milliseconds(in.svarint()));
    if (in.u8() == 1) out.row.ended = Instant(std::chrono::milliseconds(in.svarint()));
    out.row.total = in.varint();
    out.row.done = in.varint();
    out.row.failed = in.varint();
    const std::uint64_t count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        BatchFailure failure;
        failure.item = in.varint();
        failure.code = text(in);
        failure.message = text(in);
        out.row.failures.push_back(std::move(failure));
    }
    out.collected = in.u8() == 1;
    out.bound = in.varint();
    out.collected_to = text(in);
    out.last_item = in.varint();
    out.chunks = in.varint();
    out.chunk = in.varint();
    out.offset = in.varint();
    if (format != kFormat || !in.ok() || !in.at_end()) return damaged("batch");
    return out;
}

std::string StoredOrder::encode() const {
    ByteWriter out;
    out.u8(kOrderFormat);
    out.u8(static_cast<std::uint8_t>(order.kind));
    out.u8(by_case ? 1 : 0);
    out.varint(order.retries);
    out.bytes(order.reason);
    write_modification(out, order.modify);
    out.bytes(order.migrate.target.value());
    out.varint(order.migrate.mappings.size());
    for (const engine::MappingInstruction& m : order.migrate.mappings) {
        out.bytes(m.source);
        out.bytes(m.target);
    }
    out.u8(order.filter ? 1 : 0);
    if (order.filter) write_filter(out, *order.filter);
    return out.take();
}

Result<StoredOrder> StoredOrder::decode(std::string_view bytes) {
    ByteReader in(bytes);
    StoredOrder out;
    const std::uint8_t format = in.u8();
    out.order.kind = static_cast<BatchKind>(in.u8());
    out.by_case = in.u8() == 1;
    out.order.retries = static_cast<std::uint32_t>(in.varint());
    out.order.reason = text(in);
    out.order.modify = read_modification(in);
    out.order.migrate.target = engine::DefinitionKey(text(in));
    const std::uint64_t count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        engine::MappingInstruction m;
        m.source = text(in);
        m.target = text(in);
        out.order.migrate.mappings.push_back(std::move(m));
    }
    if (in.u8() == 1) out.order.filter = read_filter(in, format == kOrderFormat);
    const bool known = format == kOrderFormat || format == kOrderFormatWithoutStatuses;
    if (!known || !in.ok() || !in.at_end()) return damaged("order of a batch");
    return out;
}

std::string encode_items(const std::vector<std::uint64_t>& items) {
    ByteWriter out;
    out.u8(kFormat);
    out.varint(items.size());
    for (const std::uint64_t item : items) out.varint(item);
    return out.take();
}

Result<std::vector<std::uint64_t>> decode_items(std::string_view bytes) {
    ByteReader in(bytes);
    std::vector<std::uint64_t> out;
    const std::uint8_t format = in.u8();
    const std::uint64_t count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) out.push_back(in.varint());
    if (format != kFormat || !in.ok() || !in.at_end()) return damaged("items of a batch");
    return out;
}

}  // namespace schwarm::runtime
