#include "signals.hpp"

#include "schwarm/base/binary.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::runtime {
namespace {

constexpr std::uint8_t kFormat = 2;  // 1: without the audience
constexpr std::size_t kSlice = 100;  // subscriptions of one commit

std::string place_of(const TenantId& tenant, std::uint64_t key) {
    return keys::lettered(tenant, 'S', key);
}

}  // namespace

std::string RunningSignal::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(signal.name);
    out.bytes(actor);
    out.bytes(feel::encode(signal.variables.to_context()));
    out.varint(bound);
    out.varint(after_case);
    out.varint(after_subscription);
    write_audience(out, signal.audience);
    return out.take();
}

Result<RunningSignal> RunningSignal::decode(std::string_view bytes) {
    ByteReader in(bytes);
    RunningSignal out;
    const std::uint8_t format = in.u8();
    out.signal.name = std::string(in.bytes());
    out.actor = std::string(in.bytes());
    const std::string_view variables = in.bytes();
    out.bound = in.varint();
    out.after_case = in.varint();
    out.after_subscription = in.varint();
    if (format == kFormat) out.signal.audience = read_audience(in);
    if (format < 1 || format > kFormat || !in.ok() || !in.at_end()) {
        return fail(ErrorCode::corrupt, "a stored row is damaged: signal under way");
    }
    SCHWARM_TRY(context, feel::decode(variables));
    out.signal.variables = engine::Variables::from_context(context);
    return out;
}

Result<std::uint64_t> SignalDesk::broadcast(Signal signal, std::string actor) {
    if (signal.name.empty()) return fail(ErrorCode::invalid_input, "a signal has a name");
    SCHWARM_TRY(number, stage_.next_number("key"));
    RunningSignal running;
    running.signal = std::move(signal);
    running.actor = std::move(actor);
    running.bound = stage_.book().next_position;
    const Signal& sent = running.signal;
    MessageDesk desk(writer_, stage_, running.actor);
    for (const StartEvent& start : writer_.starts(stage_.tenant()).by_signal(sent.name)) {
        if (!sent.audience.includes(service_of(start.definition))) continue;
        SCHWARM_TRY_VOID(desk.attempt(desk.creation(start, sent.variables)));
    }
    const std::uint64_t key = global_key(number);
    SCHWARM_TRY_VOID(slice(key, std::move(running)));
    return key;
}

Result<void> SignalDesk::slice(std::uint64_t key, RunningSignal running) {
    const std::string prefix = keys::signal(stage_.tenant(), running.signal.name);
    const std::string from =
        keys::append(prefix, running.after_case, running.after_subscription) + '\0';
    std::vector<std::pair<std::string, std::string>> found;
    SCHWARM_TRY_VOID(stage_.view().scan(Space::subscriptions,
                                        {from, storage::prefix_end(prefix), kSlice, false},
                                        [&](std::string_view place, std::string_view value) {
                                            found.emplace_back(place, value);
                                            return true;
                                        }));
    for (const auto& [place, value] : found) SCHWARM_TRY_VOID(trigger(running, place, value));
    const std::string row_place = place_of(stage_.tenant(), key);
    if (found.size() < kSlice) {
        stage_.rows().erase(Space::batches, row_place);
        return {};
    }
    storage::KeyReader last(std::string_view(found.back().first).substr(prefix.size()));
    running.after_case = last.number();
    running.after_subscription = last.number();
    SealedRow row;
    row.number = key;
    row.at = stage_.now();
    SCHWARM_TRY(sealed, stage_.seal_for_tenant(Space::batches, key, running.encode()));
    row.sealed = std::move(sealed);
    stage_.rows().put(Space::batches, row_place, row.encode());
    stage_.look_again_at(stage_.now());
    return {};
}

Result<void> SignalDesk::trigger(const RunningSignal& running, std::string_view place,
                                 std::string_view value) {
    SCHWARM_TRY(subscription, SubscriptionValue::decode(value));
    if (subscription.opened >= running.bound) return {};
    storage::KeyReader parts(place.substr(place.size() - 16));
    MessageDesk desk(writer_, stage_, running.actor);
    Submission submission;
    submission.tenant = stage_.tenant();
    submission.case_id = CaseId(parts.number());
    SCHWARM_TRY(meant, desk.includes(running.signal.audience, submission.case_id));
    if (!meant) return {};
    submission.command.actor = running.actor;
    submission.command.body = engine::TriggerSubscription{engine::SubscriptionKey(parts.number()),
                                                          running.signal.variables};
    SCHWARM_TRY_VOID(desk.attempt(std::move(submission)));
    return {};
}

Result<Instant> SignalDesk::go_on() {
    const std::string prefix = keys::lettered(stage_.tenant(), 'S');
    std::vector<std::pair<std::uint64_t, std::string>> rows;
    SCHWARM_TRY_VOID(stage_.view().scan(
        Space::batches, storage::prefix_range(prefix, 2),
        [&](std::string_view place, std::string_view value) {
            rows.emplace_back(storage::KeyReader(place.substr(prefix.size())).number(), value);
            return true;
        }));
    if (rows.empty()) return Instant::max();
    const std::uint64_t key = rows.front().first;
    SCHWARM_TRY(row, SealedRow::decode(rows.front().second));
    SCHWARM_TRY(plain, stage_.open_for_tenant(Space::batches, key, row.sealed));
    SCHWARM_TRY(running, RunningSignal::decode(plain));
    SCHWARM_TRY_VOID(slice(key, std::move(running)));
    return rows.size() > 1 ? stage_.now() : Instant::max();
}

}  // namespace schwarm::runtime
