#include "field_codec.hpp"
#include "schwarm/engine/engine.hpp"

namespace schwarm::engine {
namespace {

constexpr std::uint8_t kEventsFormat = 1;
constexpr std::uint8_t kStateFormat = 2;
constexpr std::size_t kRowBytesMax = 256U << 20;

template <class Record>
bool decode_into(Event& event, ByteReader& in) {
    Record record;
    visit_fields(record, FieldDecoder(in));
    event = std::move(record);
    return in.ok();
}

bool decode_event(std::uint8_t tag, Event& event, ByteReader& in) {
    switch (tag) {
#define SCHWARM_RECORD(type, record, version, record_tag) \
    case record_tag:                                      \
        return decode_into<type>(event, in);
#define SCHWARM_FIELD(type, name)
#define SCHWARM_END
#include "schwarm/engine/records.def"
#undef SCHWARM_RECORD
#undef SCHWARM_FIELD
#undef SCHWARM_END
        default:
            return false;
    }
}

Error corrupt(std::string_view what, const ByteReader& in) {
    return fail(ErrorCode::corrupt, std::string(what) + " cannot be read",
                "byte " + std::to_string(in.position()));
}

}  // namespace

std::string_view name_of(const Event& event) {
    return std::visit([](const auto& record) { return record.kName; }, event);
}

std::string encode_events(std::span<const Event> events) {
    ByteWriter out;
    out.u8(kEventsFormat);
    out.varint(events.size());
    for (const Event& event : events) {
        std::visit(
            [&out](const auto& record) {
                out.u8(record.kTag);
                visit_fields(record, FieldEncoder(out));
            },
            event);
    }
    return out.take();
}

Result<std::vector<Event>> decode_events(std::string_view bytes) {
    ByteReader in(bytes);
    if (bytes.size() > kRowBytesMax) return corrupt("the history row", in);
    if (in.u8() != kEventsFormat) return corrupt("the history row's format", in);
    const std::uint64_t count = in.varint();
    if (!in.ok() || count > in.remaining()) return corrupt("the history row", in);
    std::vector<Event> out;
    for (std::uint64_t i = 0; i < count; ++i) {
        out.emplace_back();
        if (!decode_event(in.u8(), out.back(), in)) return corrupt("an event", in);
    }
    if (!in.ok() || !in.at_end()) return corrupt("the history row", in);
    return out;
}

std::string encode_state(const CaseState& state) {
    ByteWriter out;
    out.u8(kStateFormat);
    visit_fields(state, FieldEncoder(out));
    return out.take();
}

Result<CaseState> decode_state(std::string_view bytes) {
    ByteReader in(bytes);
    if (bytes.size() > kRowBytesMax) return corrupt("the state", in);
    const std::uint8_t format = in.u8();
    if (in.ok() && format < kStateFormat) {
        return fail(ErrorCode::unsupported, "the state has an older format");
    }
    if (format != kStateFormat) return corrupt("the state's format", in);
    CaseState state;
    visit_fields(state, FieldDecoder(in));
    if (!in.ok() || !in.at_end()) return corrupt("the state", in);
    return state;
}

}  // namespace schwarm::engine
