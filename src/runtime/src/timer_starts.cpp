#include "timer_starts.hpp"

#include <map>
#include <tuple>

#include "schwarm/base/binary.hpp"
#include "schwarm/bpmn/timer_text.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::runtime {
namespace {

constexpr std::uint8_t kFormat = 1;

using Place = std::tuple<std::string, std::string, std::uint32_t>;

std::optional<Instant> to_instant(const feel::Value& value) {
    if (value.is_date_time()) return value.as_date_time().to_instant();
    if (value.is_date()) return DateTime{value.as_date(), Time{}}.to_instant();
    return value.is_string() ? bpmn::parse_instant(value.as_string()) : std::nullopt;
}

std::optional<bpmn::Period> to_period(const feel::Value& value) {
    if (value.kind() == feel::Kind::days_time_duration) {
        return bpmn::Period{0, value.as_days_time()};
    }
    if (value.kind() == feel::Kind::years_months_duration) {
        return bpmn::Period{value.as_years_months().months, {}};
    }
    return value.is_string() ? bpmn::Period::parse(value.as_string()) : std::nullopt;
}

// FEEL in it sees no variables: there is no case yet.
feel::Value value_of(const bpmn::Expression& expression, Instant now) {
    if (expression.is_static) return feel::Value(expression.source);
    if (!expression.compiled) return {};
    const ManualClock clock(now);
    return feel::evaluate(expression.compiled, feel::Value::context({}), nullptr, &clock);
}

}  // namespace

namespace keys {
std::string timer_start(const TenantId& tenant, std::uint64_t number) {
    return lettered(tenant, 'T', number);
}
}  // namespace keys

std::string TimerStart::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(definition.value());
    out.bytes(process_id);
    out.bytes(element_id);
    out.varint(part);
    out.u8(due ? 1 : 0);
    if (due) out.svarint(due->time_since_epoch().count());
    out.bytes(cycle);
    out.svarint(repetitions);
    return out.take();
}

Result<TimerStart> TimerStart::decode(std::string_view bytes) {
    ByteReader in(bytes);
    TimerStart out;
    const std::uint8_t format = in.u8();
    out.definition = engine::DefinitionKey(std::string(in.bytes()));
    out.process_id = std::string(in.bytes());
    out.element_id = std::string(in.bytes());
    out.part = static_cast<std::uint32_t>(in.varint());
    if (in.u8() == 1) out.due = Instant(std::chrono::milliseconds(in.svarint()));
    out.cycle = std::string(in.bytes());
    out.repetitions = static_cast<std::int32_t>(in.svarint());
    if (format != kFormat || !in.ok() || !in.at_end()) {
        return fail(ErrorCode::corrupt, "a stored row is damaged: start by time");
    }
    return out;
}

void TimerStartDesk::set_timer(bool added, Instant due, std::uint64_t number) {
    const TimerRef timer{due, stage_.tenant(), kTimerStart, engine::TimerKey(number)};
    const std::string place = keys::timer(stage_.tenant(), due, timer.case_id, timer.key);
    if (added) {
        stage_.rows().put(Space::timers, place, std::string());
    } else {
        stage_.rows().erase(Space::timers, place);
    }
    stage_.timer_changes().push_back({added, timer});
}

std::optional<TimerStart> TimerStartDesk::first(const TimerStartEvent& event) const {
    const bpmn::TimerDefinition& timer =
        event.process->node(event.node).event_definitions()[event.start.part].timer;
    const feel::Value value = value_of(timer.value, stage_.now());
    TimerStart out{event.start.definition,
                   event.start.process_id,
                   event.start.element_id,
                   event.start.part,
                   {},
                   {},
                   0};
    switch (timer.kind) {
        case bpmn::TimerKind::date:
            out.due = to_instant(value);
            break;
        case bpmn::TimerKind::duration:
            if (const auto period = to_period(value)) out.due = period->after(stage_.now());
            break;
        case bpmn::TimerKind::cycle:
            if (!value.is_string()) break;
            if (const auto found = bpmn::first_firing(value.as_string(), stage_.now())) {
                out.due = found->due;
                out.cycle = std::string(value.as_string());
                out.repetitions = found->repetitions;
            }
            break;
    }
    if (!out.due) {
        writer_.log("tenant " + stage_.tenant().value() + ", process '" + out.process_id +
                    "': the start event '" + out.element_id + "' gives no time and never begins");
        return std::nullopt;
    }
    // Keys hold no time before 1970; the page must name the same row.
    out.due = from_sortable(sortable(*out.due));
    return out;
}

Result<void> TimerStartDesk::arm() {
    std::map<Place, const TimerStartEvent*> wanted;
    const StartIndex& starts = writer_.starts(stage_.tenant());
    for (const TimerStartEvent& event : starts.timers()) {
        wanted.emplace(
            Place{event.start.definition.value(), event.start.element_id, event.start.part},
            &event);
    }
    std::vector<std::pair<std::string, std::string>> rows;
    const std::string prefix = keys::lettered(stage_.tenant(), 'T');
    SCHWARM_TRY_VOID(stage_.view().scan(Space::starts, storage::prefix_range(prefix),
                                        [&](std::string_view place, std::string_view value) {
                                            rows.emplace_back(place, value);
                                            return true;
                                        }));
    for (const auto& [place, value] : rows) {
        SCHWARM_TRY(row, TimerStart::decode(value));
        if (wanted.erase(Place{row.definition.value(), row.element_id, row.part}) > 0) continue;
        stage_.rows().erase(Space::starts, place);
        const std::uint64_t number =
            storage::KeyReader(std::string_view(place).substr(prefix.size())).number();
        if (row.due) set_timer(false, *row.due, number);
    }
    for (const auto& [place, event] : wanted) {
        const auto row = first(*event);
        if (!row) continue;
        SCHWARM_TRY(number, stage_.next_number("key"));
        stage_.rows().put(Space::starts, keys::timer_start(stage_.tenant(), number), row->encode());
        set_timer(true, *row->due, number);
    }
    return {};
}

Result<void> TimerStartDesk::fire(const TimerRef& timer) {
    const std::string place = keys::timer_start(stage_.tenant(), timer.key.value());
    SCHWARM_TRY(bytes, stage_.read(Space::starts, place));
    set_timer(false, timer.due, timer.key.value());
    if (!bytes) return {};
    SCHWARM_TRY(row, TimerStart::decode(*bytes));
    if (row.due != timer.due) return {};
    MessageDesk desk(writer_, stage_, "system:timer");
    SCHWARM_TRY(reply, desk.attempt(desk.creation(
                           {row.definition, row.process_id, row.element_id, {}, row.part}, {})));
    if (!reply) {
        writer_.log("tenant " + stage_.tenant().value() + ": process '" + row.process_id +
                    "' could not begin at '" + row.element_id + "'");
    }
    row.due = row.cycle.empty() || row.repetitions == 0 ? std::nullopt
                                                        : bpmn::next_firing(row.cycle, timer.due);
    if (row.due) {
        row.due = from_sortable(sortable(*row.due));
        if (row.repetitions > 0) --row.repetitions;
        set_timer(true, *row.due, timer.key.value());
    }
    stage_.rows().put(Space::starts, place, row.encode());
    return {};
}

}  // namespace schwarm::runtime
