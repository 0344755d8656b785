// Messages: who waits for one, who begins by one, and those kept until somebody waits.
#include "messages.hpp"

#include <algorithm>

#include "schwarm/base/check.hpp"
#include "start_index.hpp"

namespace schwarm::runtime {
namespace {

constexpr std::size_t kExpiriesAtOnce = 256;

std::uint64_t last_number(std::string_view key) {
    return storage::KeyReader(key.substr(key.size() - 8)).number();
}

// The first row at or after `from` below the prefix.
Result<std::optional<std::pair<std::string, std::string>>> first_row(Stage& stage, Space space,
                                                                     const std::string& from,
                                                                     const std::string& prefix) {
    std::optional<std::pair<std::string, std::string>> found;
    SCHWARM_TRY_VOID(stage.view().scan(space, {from, storage::prefix_end(prefix), 1, false},
                                       [&](std::string_view key, std::string_view value) {
                                           found.emplace(key, value);
                                           return false;
                                       }));
    return found;
}

}  // namespace

bool is_refusal(const Error& error) {
    const ErrorCode code = error.code;
    return code == ErrorCode::not_found || code == ErrorCode::conflict ||
           code == ErrorCode::invalid_input || code == ErrorCode::limit_exceeded ||
           code == ErrorCode::quarantined || code == ErrorCode::gone;
}

PersonHash MessageDesk::hash_of(std::string_view correlation_key) const {
    return correlation_hash(stage_.keys(), correlation_key);
}

// A refusal by the engine changes nothing: the others still get the message.
Result<std::optional<Reply>> MessageDesk::attempt(Submission submission) {
    const std::size_t before = stage_.recorded();
    auto reply = writer_.carry_out(stage_, submission);
    if (reply.has_value()) {
        if (reply.value().position == 0) return std::optional<Reply>();
        return std::optional(reply.value());
    }
    if (is_refusal(reply.error()) && stage_.recorded() == before) return std::optional<Reply>();
    return reply.error();
}

Result<bool> MessageDesk::includes(const Audience& audience, CaseId id) {
    if (audience.service.value().empty()) return true;
    SCHWARM_TRY(entry, stage_.touch(id));
    return audience.includes(entry->record.row.service);
}

Result<bool> MessageDesk::to_subscription(const Message& message, CaseId id,
                                          engine::SubscriptionKey key,
                                          const SubscriptionValue& value, Published& out) {
    if (message.only_for != CaseId() && message.only_for != id) return false;
    SCHWARM_TRY(meant, includes(message.audience, id));
    if (!meant) return false;
    Submission submission;
    submission.tenant = stage_.tenant();
    submission.case_id = id;
    submission.command.actor = actor_;
    submission.command.body = engine::TriggerSubscription{key, message.variables};
    SCHWARM_TRY(reply, attempt(std::move(submission)));
    if (!reply) return false;
    out.correlated.push_back({id, key, value.process_instance});
    return true;
}

Submission MessageDesk::creation(const StartEvent& start,
                                 const engine::Variables& variables) const {
    Submission submission;
    submission.tenant = stage_.tenant();
    submission.command.actor = actor_;
    engine::CreateCase command;
    command.definition = start.definition;
    command.start_element = start.element_id;
    command.start_part = start.part;
    command.variables = variables;
    submission.command.body = std::move(command);
    return submission;
}

Result<bool> MessageDesk::to_start(const Message& message, const StartEvent& start,
                                   Published& out) {
    if (!message.audience.includes(service_of(start.definition))) return false;
    const std::string lock =
        keys::started(stage_.tenant(), start.process_id, hash_of(message.correlation_key));
    if (!message.correlation_key.empty()) {
        SCHWARM_TRY(active, stage_.read(Space::starts, lock));
        if (active) return false;
    }
    SCHWARM_TRY(reply, attempt(creation(start, message.variables)));
    if (!reply) return false;
    if (!message.correlation_key.empty() && reply->status == engine::CaseStatus::active) {
        SCHWARM_TRY(entry, stage_.touch(reply->case_id));
        entry->record.started_process = start.process_id;
        entry->record.started_key = hash_of(message.correlation_key);
        entry->changed = true;
        stage_.rows().put(Space::starts, lock, std::to_string(reply->case_id.value()));
    }
    out.correlated.push_back({reply->case_id, {}, ElementKey(1)});
    return true;
}

// One subscription of each process, the oldest; then start events of processes it has not reached.
Result<void> MessageDesk::correlate(KeptMessage& kept, Published& out) {
    const Message& message = kept.message;
    const auto reached = [&](const std::string& process) {
        return std::find(kept.reached.begin(), kept.reached.end(), process) != kept.reached.end();
    };
    if (!message.correlation_key.empty()) {
        const std::string prefix =
            keys::subscription(stage_.tenant(), message.name, hash_of(message.correlation_key));
        std::string from = prefix;
        for (;;) {
            SCHWARM_TRY(row, first_row(stage_, Space::subscriptions, from, prefix));
            if (!row) break;
            storage::KeyReader parts(std::string_view(row->first).substr(prefix.size()));
            const std::string process_place = parts.text();
            const CaseId id(parts.number());
            const engine::SubscriptionKey key(parts.number());
            SCHWARM_TRY(value, SubscriptionValue::decode(row->second));
            bool done = reached(value.process_id);
            if (!done) {
                SCHWARM_TRY(took, to_subscription(message, id, key, value, out));
                if (took) kept.reached.push_back(value.process_id);
                done = took;
            }
            from = done ? storage::prefix_end(keys::append_text(prefix, process_place))
                        : row->first + '\0';
        }
    }
    if (message.only_for != CaseId()) return {};
    for (const StartEvent& start : writer_.starts(stage_.tenant()).by_message(message.name)) {
        if (reached(start.process_id)) continue;
        SCHWARM_TRY(took, to_start(message, start, out));
        if (took) kept.reached.push_back(start.process_id);
    }
    return {};
}

Result<Published> MessageDesk::publish(const Message& message) {
    if (message.name.empty()) return fail(ErrorCode::invalid_input, "a message has a name");
    const PersonHash hash = hash_of(message.correlation_key);
    const std::string id_place = keys::message_id(stage_.tenant(), message.name, hash,
                                                  stage_.keys().hash(kMessageIdField, message.id));
    if (!message.id.empty()) {
        SCHWARM_TRY(known, stage_.read(Space::messages, id_place));
        if (known) {
            return fail(ErrorCode::conflict,
                        "a message with this name, correlation key and id is kept already");
        }
    }
    SCHWARM_TRY(number, stage_.next_number("key"));
    Published out;
    out.key = global_key(number);
    KeptMessage kept;
    kept.message = message;
    kept.expires = stage_.now() + message.time_to_live;
    SCHWARM_TRY_VOID(correlate(kept, out));
    const bool alone = message.only_for != CaseId();
    if (message.time_to_live.count() <= 0 || (alone && !kept.reached.empty())) return out;
    SCHWARM_TRY_VOID(store(out.key, kept));
    Overlay& rows = stage_.rows();
    rows.put(Space::messages,
             keys::append(keys::message_name(stage_.tenant(), message.name, hash), out.key), {});
    rows.put(Space::messages, keys::message_expiry(stage_.tenant(), kept.expires, out.key), {});
    if (!message.id.empty()) rows.put(Space::messages, id_place, std::to_string(out.key));
    if (alone) {
        rows.put(Space::messages, keys::message_of_case(stage_.tenant(), message.only_for, out.key),
                 {});
    }
    stage_.look_again_at(kept.expires);
    return out;
}

Result<Published> MessageDesk::correlate_now(const Message& message) {
    if (message.name.empty()) return fail(ErrorCode::invalid_input, "a message has a name");
    SCHWARM_TRY(number, stage_.next_number("key"));
    Published out;
    out.key = global_key(number);
    KeptMessage kept;
    kept.message = message;
    SCHWARM_TRY_VOID(correlate(kept, out));
    if (out.correlated.empty()) {
        return fail(ErrorCode::not_found, "nobody waits for the message '" + message.name +
                                              "' with this correlation key");
    }
    return out;
}

Result<void> MessageDesk::store(std::uint64_t key, const KeptMessage& kept) {
    SealedRow row;
    row.case_id = kept.message.only_for;
    row.number = key;
    row.at = stage_.now();
    SCHWARM_TRY(sealed, stage_.seal_for(row.case_id, Space::messages, key, kept.encode()));
    row.sealed = std::move(sealed);
    stage_.rows().put(Space::messages, keys::message(stage_.tenant(), key), row.encode());
    return {};
}

Result<std::optional<KeptMessage>> MessageDesk::load(std::uint64_t key) {
    SCHWARM_TRY(bytes, stage_.read(Space::messages, keys::message(stage_.tenant(), key)));
    if (!bytes) return std::optional<KeptMessage>();
    SCHWARM_TRY(row, SealedRow::decode(*bytes));
    SCHWARM_TRY(plain, stage_.open_for(row.case_id, Space::messages, key, row.sealed));
    SCHWARM_TRY(kept, KeptMessage::decode(plain));
    kept.message.only_for = row.case_id;
    return std::optional(std::move(kept));
}

// Messages of this name and key that are still kept, oldest first.
Result<std::vector<std::uint64_t>> MessageDesk::kept(std::string_view name,
                                                     const PersonHash& hash) {
    std::vector<std::uint64_t> found;
    SCHWARM_TRY_VOID(stage_.view().scan(
        Space::messages, storage::prefix_range(keys::message_name(stage_.tenant(), name, hash)),
        [&](std::string_view key, std::string_view) {
            found.push_back(last_number(key));
            return true;
        }));
    return found;
}

Result<void> MessageDesk::deliver_kept() {
    // What is delivered may open or end more.
    while (!stage_.opened().empty() || !stage_.freed().empty()) {
        const auto opened = std::exchange(stage_.opened(), {});
        const auto freed = std::exchange(stage_.freed(), {});
        for (const OpenedSubscription& subscription : opened) {
            SCHWARM_TRY_VOID(deliver_to(subscription));
        }
        for (const FreedStart& start : freed) SCHWARM_TRY_VOID(deliver_to(start));
    }
    return {};
}

Result<void> MessageDesk::deliver_to(const OpenedSubscription& open) {
    SCHWARM_TRY(messages, kept(open.name, open.hash));
    for (const std::uint64_t key : messages) {
        SCHWARM_TRY(row, stage_.read(Space::subscriptions, open.place));
        if (!row) return {};
        SCHWARM_TRY(message, load(key));
        if (!message || message->expires <= stage_.now()) continue;
        SCHWARM_TRY(value, SubscriptionValue::decode(*row));
        auto& reached = message->reached;
        if (std::find(reached.begin(), reached.end(), value.process_id) != reached.end()) continue;
        Published out;
        SCHWARM_TRY(took, to_subscription(message->message, open.case_id, open.key, value, out));
        if (!took) continue;
        if (message->message.only_for != CaseId()) {
            forget(key, *message);
            continue;
        }
        reached.push_back(value.process_id);
        SCHWARM_TRY_VOID(store(key, *message));
    }
    return {};
}

Result<void> MessageDesk::deliver_to(const FreedStart& freed) {
    // By copy: a delivery may read the definitions again.
    const std::vector<StartEvent> starts =
        writer_.starts(stage_.tenant()).of_process(freed.process_id);
    for (const StartEvent& start : starts) {
        SCHWARM_TRY(messages, kept(start.name, freed.hash));
        for (const std::uint64_t key : messages) {
            SCHWARM_TRY(message, load(key));
            if (!message || message->expires <= stage_.now()) continue;
            if (message->message.only_for != CaseId()) continue;
            auto& reached = message->reached;
            if (std::find(reached.begin(), reached.end(), start.process_id) != reached.end()) {
                continue;
            }
            Published out;
            SCHWARM_TRY(took, to_start(message->message, start, out));
            if (!took) continue;
            reached.push_back(start.process_id);
            SCHWARM_TRY_VOID(store(key, *message));
        }
    }
    return {};
}

Result<Instant> MessageDesk::expire() {
    Instant next = Instant::max();
    std::vector<std::pair<std::string, std::uint64_t>> due;
    const std::string prefix = keys::lettered(stage_.tenant(), 'E');
    SCHWARM_TRY_VOID(stage_.view().scan(
        Space::messages, storage::prefix_range(prefix, kExpiriesAtOnce),
        [&](std::string_view key, std::string_view) {
            const Instant expires =
                from_sortable(storage::KeyReader(key.substr(prefix.size())).number());
            if (expires > stage_.now()) {
                next = expires;
                return false;
            }
            due.emplace_back(key, last_number(key));
            return true;
        }));
    if (due.size() == kExpiriesAtOnce) next = stage_.now();
    for (const auto& [place, key] : due) {
        SCHWARM_TRY(message, load(key));
        stage_.rows().erase(Space::messages, place);
        if (message) forget(key, *message);
    }
    return next;
}

void MessageDesk::forget(std::uint64_t key, const KeptMessage& kept) {
    const TenantId& tenant = stage_.tenant();
    const Message& message = kept.message;
    const PersonHash hash = hash_of(message.correlation_key);
    Overlay& rows = stage_.rows();
    rows.erase(Space::messages, keys::message(tenant, key));
    rows.erase(Space::messages, keys::append(keys::message_name(tenant, message.name, hash), key));
    rows.erase(Space::messages, keys::message_expiry(tenant, kept.expires, key));
    if (!message.id.empty()) {
        rows.erase(Space::messages,
                   keys::message_id(tenant, message.name, hash,
                                    stage_.keys().hash(kMessageIdField, message.id)));
    }
    if (message.only_for != CaseId()) {
        rows.erase(Space::messages, keys::message_of_case(tenant, message.only_for, key));
    }
}

Result<void> MessageDesk::forget_case(CaseId id) {
    std::vector<std::uint64_t> found;
    SCHWARM_TRY_VOID(stage_.view().scan(
        Space::messages, storage::prefix_range(keys::lettered(stage_.tenant(), 'C', id.value())),
        [&](std::string_view key, std::string_view) {
            found.push_back(last_number(key));
            return true;
        }));
    for (const std::uint64_t key : found) {
        SCHWARM_TRY(message, load(key));
        if (message) forget(key, *message);
    }
    return {};
}

}  // namespace schwarm::runtime
