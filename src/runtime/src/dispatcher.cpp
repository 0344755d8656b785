#include "dispatcher.hpp"

#include <exception>

#include "outbox_row.hpp"
#include "schwarm/crypto/seal.hpp"

namespace schwarm::runtime {

Dispatcher::Dispatcher(const Environment& environment, const Options& options, const KeyRing& ring,
                       Meters& meters, Finish finish)
    : environment_(environment),
      options_(options),
      ring_(ring),
      meters_(meters),
      finish_(std::move(finish)) {}

Dispatcher::~Dispatcher() {
    stop();
}

Result<void> Dispatcher::load(const std::vector<TenantId>& tenants) {
    SCHWARM_TRY(reader, environment_.storage.begin_read());
    const std::lock_guard lock(mutex_);
    for (const TenantId& tenant : tenants) {
        SCHWARM_TRY_VOID(reader->scan(
            Space::outbox, storage::prefix_range(keys::plain(tenant, {})),
            [&](std::string_view key, std::string_view) {
                storage::KeyReader parts(key);
                parts.tenant();
                const Position position = parts.number();
                entries_.emplace(OutboxRef{tenant, position, engine::EffectKey(parts.number())},
                                 Entry{});
                return true;
            }));
    }
    meters_.outbox_waiting = entries_.size();
    return {};
}

void Dispatcher::start() {
    thread_ = std::thread([this] { work(); });
}

void Dispatcher::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Dispatcher::add(const std::vector<OutboxRef>& items) {
    if (items.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        for (const OutboxRef& item : items) {
            const auto [entry, added] = entries_.emplace(item, Entry{});
            if (!added) entry->second.again = true;
        }
        meters_.outbox_waiting = entries_.size();
    }
    changed_.notify_all();
}

void Dispatcher::wake() {
    changed_.notify_all();
}

bool Dispatcher::quiet() const {
    for (const auto& [ref, entry] : entries_) {
        if (entry.running || (entry.attempts == 0 && !entry.parked)) return false;
    }
    return true;
}

void Dispatcher::wait_quiet() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock,
                  [&] { return stopping_ || (quiet() && !choose(environment_.clock.now())); });
}

std::optional<OutboxRef> Dispatcher::choose(Instant now) const {
    for (const auto& [ref, entry] : entries_) {
        if (!entry.running && !entry.parked && entry.next <= now) return ref;
    }
    return std::nullopt;
}

std::optional<Instant> Dispatcher::next_due() const {
    std::optional<Instant> next;
    for (const auto& [ref, entry] : entries_) {
        if (!entry.running && !entry.parked && (!next || entry.next < *next)) next = entry.next;
    }
    return next;
}

void Dispatcher::work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        const bool worked = step();
        lock.lock();
        const Instant now = environment_.clock.now();
        if (worked || stopping_ || choose(now)) continue;
        if (const auto next = next_due()) {
            changed_.wait_for(lock, *next - now);
        } else {
            changed_.wait(lock);
        }
    }
}

bool Dispatcher::step() {
    std::optional<OutboxRef> ref;
    std::uint32_t attempts = 0;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return false;
        ref = choose(environment_.clock.now());
        if (!ref) return false;
        Entry& entry = entries_.at(*ref);
        entry.running = true;
        attempts = entry.attempts;
    }
    Result<Outcome> result = carry_out(*ref, attempts);
    if (result.has_error()) {
        settle(*ref, result.error());
    } else if (result.value().next == Outcome::Next::no_row) {
        forget(*ref);
    } else if (result.value().next == Outcome::Next::erase_row) {
        finish_(*ref, std::move(result.value().effect),
                [this, item = *ref](Result<void> erased) { settle(item, erased); });
    }
    return true;
}

void Dispatcher::settle(const OutboxRef& ref, const Result<void>& result) {
    {
        const std::lock_guard lock(mutex_);
        const auto it = entries_.find(ref);
        if (it == entries_.end()) return;
        if (result.has_value()) {
            entries_.erase(it);
            ++meters_.outbox_delivered;
        } else {
            it->second.running = false;
            ++it->second.attempts;
            it->second.next = environment_.clock.now() + options_.outbox_retry;
            ++meters_.outbox_failures;
        }
        meters_.outbox_waiting = entries_.size();
    }
    changed_.notify_all();
}

void Dispatcher::forget(const OutboxRef& ref) {
    {
        const std::lock_guard lock(mutex_);
        const auto it = entries_.find(ref);
        if (it == entries_.end()) return;
        if (it->second.again) {
            it->second = Entry{};
        } else {
            entries_.erase(it);
        }
        meters_.outbox_waiting = entries_.size();
    }
    changed_.notify_all();
}

Result<Dispatcher::Outcome> Dispatcher::carry_out(const OutboxRef& ref, std::uint32_t attempts) {
    SCHWARM_TRY(reader, environment_.storage.begin_read());
    SCHWARM_TRY(bytes, reader->get(Space::outbox, keys::outbox(ref.tenant, ref.position, ref.key)));
    if (!bytes) return Outcome{Outcome::Next::no_row, std::nullopt};
    SCHWARM_TRY(row, SealedRow::decode(*bytes));
    const auto handler = environment_.outbox_handlers.find(row.name);
    const bool handled = handler != environment_.outbox_handlers.end();
    if (!handled && row.name != "send" && row.name != "publish" && row.name != "signal") {
        {
            const std::lock_guard lock(mutex_);
            Entry& entry = entries_.at(ref);
            entry.parked = true;
            entry.running = false;
        }
        changed_.notify_all();
        return Outcome{Outcome::Next::parked, std::nullopt};
    }
    const auto keys = ring_.find(ref.tenant);
    if (keys == nullptr) return fail(ErrorCode::unavailable, "the tenant's keys are not loaded");
    SCHWARM_TRY(data_keys, read_data_keys(*reader, *keys, ref.tenant, row.case_id));
    if (!data_keys.kase) return Outcome{};  // deleted by law meanwhile
    SCHWARM_TRY(plain, crypto::open(*data_keys.kase,
                                    associated(Space::outbox, ref.tenant, row.case_id, row.number),
                                    row.sealed));
    SCHWARM_TRY(effect, decode_effect(plain));
    reader.reset();
    if (!handled) return Outcome{Outcome::Next::erase_row, std::move(effect)};
    try {
        SCHWARM_TRY_VOID(
            handler->second(OutboxItem{ref.tenant, row.case_id, std::move(effect), attempts}));
    } catch (const std::exception& error) {
        return fail(ErrorCode::internal, error.what());
    }
    return Outcome{};
}

}  // namespace schwarm::runtime
