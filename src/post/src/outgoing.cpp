// Deliveries as they are recorded, loaded and scheduled; sending.cpp sends them.
#include "outgoing.hpp"

#include <algorithm>

#include "restored_rows.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/storage/storage.hpp"
#include "stored.hpp"

namespace schwarm::post {

using storage::Space;

namespace {

constexpr std::size_t kIdBytes = 12;
constexpr auto kLookForAddress = std::chrono::seconds(30);

std::string text(const feel::Value& payload, std::string_view name) {
    const feel::Value value = payload.get(name);
    return value.is_string() ? std::string(value.as_string()) : std::string();
}

// The names of documents, taken out of what is sent. What is no text is not the name of any.
std::vector<std::string> take_documents(feel::Value& variables) {
    std::vector<std::string> out;
    if (!variables.is_context()) return out;
    const feel::Value list = variables.get(kDocumentsVariable);
    const auto add = [&out](const feel::Value& name) {
        out.push_back(name.is_string() ? std::string(name.as_string()) : name.to_string());
    };
    if (list.is_list()) {
        for (const feel::Value& name : list.as_list()) add(name);
    } else if (!list.is_null()) {
        add(list);
    }
    variables = feel::ContextBuilder(variables.as_context()).remove(kDocumentsVariable).build();
    return out;
}

}  // namespace

Outgoing::Outgoing(const Environment& environment, const Options& options, const TenantKeys& keys,
                   const Attachments& attachments, Meters& meters)
    : environment_(environment),
      options_(options),
      keys_(keys),
      attachments_(attachments),
      meters_(meters) {}

// It begins with the time, so that rows of messages that go together stand together.
std::string Outgoing::new_id() const {
    const std::string milliseconds =
        std::to_string(environment_.clock.now().time_since_epoch().count());
    return milliseconds + crypto::random_token(environment_.random, kIdBytes);
}

Result<void> Outgoing::record(const engine::Effect& effect, const engine::CaseState& state,
                              runtime::WriteBatch& batch) {
    Delivery delivery;
    delivery.participant = text(effect.payload, "participant");
    delivery.role = text(effect.payload, "role");
    delivery.jurisdiction = text(effect.payload, "jurisdiction");
    delivery.contract = text(effect.payload, "contract");
    delivery.version = text(effect.payload, "version");
    delivery.message = effect.name;
    delivery.created = batch.now();
    delivery.id = new_id();

    const auto terms =
        environment_.contracts.terms(delivery.contract, delivery.version, delivery.message);
    feel::Value variables = effect.payload.get("variables");
    if (terms.has_value() && terms.value().documents > 0) {
        delivery.documents = take_documents(variables);
    }
    delivery.content = feel::to_json_text(variables);
    const bool starts = terms.has_value() && terms.value().starts;
    Conversation conversation;
    const std::string place = keys::partner(state.id, delivery.participant);
    SCHWARM_TRY(known, batch.get(Space::exchange, place));
    if (known && !starts) {
        delivery.conversation = *known;
        SCHWARM_TRY(stored, conversation_of(batch, *known));
        conversation = std::move(stored);
    } else {
        delivery.conversation = new_id();
        conversation.case_id = state.id;
        conversation.participant = delivery.participant;
        for (const std::string& tag : state.tags) {
            const auto origin = OriginTag::parse(tag);
            if (starts || !origin || origin->participant != delivery.participant) continue;
            delivery.conversation = origin->conversation;
            conversation.peer = origin->peer;
            SCHWARM_TRY(next, first_sequence(batch, origin->conversation));
            conversation.next_sent = next;
        }
        batch.put(Space::exchange, place, delivery.conversation);
    }
    if (conversation.peer.empty()) {
        const auto found = environment_.network.find(delivery.role, delivery.jurisdiction,
                                                     delivery.contract, delivery.version);
        if (found.has_value()) conversation.peer = found.value().text();
    }
    delivery.sequence = conversation.next_sent++;
    post::put(batch, delivery.conversation, conversation);

    OpenDelivery row;
    row.case_id = state.id;
    row.id = delivery.id;
    row.conversation = delivery.conversation;
    row.to = conversation.peer;
    row.type = delivery.type();
    row.created = delivery.created;
    row.expires =
        delivery.created + (terms.has_value() ? terms.value() : MessageTerms{}).time_to_live;
    row.has_documents = !delivery.documents.empty();
    return put(batch, std::move(delivery), std::move(row));
}

Result<void> Outgoing::record(NodeMessage message, runtime::WriteBatch& batch) {
    Delivery delivery;
    delivery.id = new_id();
    delivery.conversation = new_id();
    delivery.sequence = 1;
    delivery.contract = std::move(message.contract);
    delivery.version = std::move(message.version);
    delivery.message = std::move(message.message);
    delivery.content = json::to_string(message.content);
    delivery.created = batch.now();
    delivery.purpose = std::move(message.purpose);
    delivery.legal_basis = std::move(message.legal_basis);
    OpenDelivery row;
    row.case_id = message.case_id;
    row.id = delivery.id;
    row.conversation = delivery.conversation;
    row.to = message.to.text();
    row.type = delivery.type();
    row.created = delivery.created;
    row.expires = delivery.created + message.time_to_live;
    Conversation conversation;
    conversation.case_id = message.case_id;
    conversation.peer = row.to;
    conversation.next_sent = 2;
    post::put(batch, delivery.conversation, conversation);
    batch.put(Space::exchange,
              keys::erase_at(row.expires + options_.kept, keys::conversation(row.conversation)),
              {});
    return put(batch, std::move(delivery), std::move(row));
}

Result<void> Outgoing::put(runtime::WriteBatch& batch, Delivery delivery, OpenDelivery row) {
    SCHWARM_TRY(number, batch.next_number("deliveries"));
    SCHWARM_TRY_VOID(
        batch.put_sealed(keys::delivery(row.case_id, number), row.case_id, delivery.encode()));
    post::put(batch, number, row);
    batch.after_commit([this, tenant = batch.tenant(), number = number,
                        sent = std::make_shared<const Delivery>(std::move(delivery))] {
        look(tenant, {number, sent});
    });
    return {};
}

// What the receiver refused it knows by its id, and has passed over its sequence; what was late
// may have arrived after all.
Result<void> Outgoing::record_again(const engine::CaseState& state, runtime::WriteBatch& batch) {
    std::vector<Number> numbers;
    SCHWARM_TRY_VOID(batch.scan(
        Space::exchange, storage::prefix_range(std::string(keys::kOpenPrefix)),
        [&](std::string_view key, std::string_view value) {
            const auto row = OpenDelivery::decode(value);
            if (row.has_value() && row.value().case_id == state.id && is_over(row.value().state)) {
                numbers.push_back(keys::number_of(key));
            }
            return true;
        }));
    for (const Number number : numbers) {
        SCHWARM_TRY(open, find_open(batch, number));
        if (!open) continue;
        OpenDelivery& row = *open;
        SCHWARM_TRY(sealed, batch.get_sealed(keys::delivery(state.id, number)));
        if (!sealed) return fail(ErrorCode::corrupt, "the row of a delivery is missing");
        SCHWARM_TRY(delivery, Delivery::decode(*sealed));
        // What could not be sealed has used up neither id nor sequence.
        if (row.state == DeliveryState::refused && !row.never_left) {
            SCHWARM_TRY(conversation, conversation_of(batch, row.conversation));
            batch.erase(Space::exchange, keys::manifest(state.id, delivery.id));
            delivery.id = new_id();
            delivery.sequence = conversation.next_sent++;
            row.id = delivery.id;
            post::put(batch, row.conversation, conversation);
            SCHWARM_TRY(restored, batch.get(Space::exchange, keys::kRestored));
            if (restored) batch.put(Space::exchange, keys::numbered(number), {});
            SCHWARM_TRY_VOID(
                batch.put_sealed(keys::delivery(state.id, number), state.id, delivery.encode()));
        }
        row.expires = batch.now() + (row.expires - row.created);
        row.created = batch.now();
        row.state = DeliveryState::waiting;
        row.reason.clear();
        row.never_left = false;
        post::put(batch, number, row);
        batch.after_commit([this, tenant = batch.tenant(), number] { look(tenant, number); });
    }
    return {};
}

void Outgoing::look(const TenantId& tenant, Number number) {
    look(tenant, Fresh{number, {}});
}

void Outgoing::look(const TenantId& tenant, Fresh fresh) {
    {
        const std::lock_guard lock(mutex_);
        fresh_[tenant].push_back(std::move(fresh));
    }
    if (environment_.wake) environment_.wake();
}

Result<void> Outgoing::load(runtime::Runtime& runtime, const std::vector<TenantId>& tenants) {
    runtime_ = &runtime;
    for (const TenantId& tenant : tenants) {
        SCHWARM_TRY(view, runtime.read(tenant));
        SCHWARM_TRY_VOID(each_open(
            view, [&](Number number, OpenDelivery row) { put(tenant, number, std::move(row)); }));
    }
    return {};
}

void Outgoing::take_fresh() {
    std::map<TenantId, std::vector<Fresh>> fresh;
    {
        const std::lock_guard lock(mutex_);
        fresh.swap(fresh_);
    }
    for (const auto& [tenant, several] : fresh) {
        const auto placed = place(tenant, several);
        if (placed.has_error()) {
            // Looked at again, so that nothing is forgotten while the storage fails.
            const std::lock_guard lock(mutex_);
            std::vector<Fresh>& again = fresh_[tenant];
            again.insert(again.end(), several.begin(), several.end());
        }
    }
}

Result<void> Outgoing::place(const TenantId& tenant, const std::vector<Fresh>& fresh) {
    SCHWARM_TRY(view, runtime_->read(tenant));
    for (const Fresh& one : fresh) {
        SCHWARM_TRY(bytes, view.get(Space::exchange, keys::open_delivery(one.number)));
        if (!bytes) continue;  // the commit did not come about
        SCHWARM_TRY(row, OpenDelivery::decode(*bytes));
        put(tenant, one.number, std::move(row), one.delivery);
    }
    return {};
}

void Outgoing::put(const TenantId& tenant, Number number, OpenDelivery row, DeliveryPtr delivery) {
    const std::lock_guard lock(mutex_);
    LinkPtr& link = links_[{tenant, row.to}];
    if (link == nullptr) {
        link = std::make_shared<Link>();
        link->tenant = tenant;
        link->to = row.to;
        link->member = row.to.substr(row.to.rfind('@') + 1);
    }
    drop(*link, number);
    Entry& entry = link->entries[number];
    entry.reason = row.reason;
    entry.row = std::move(row);
    if (is_over(entry.row.state)) return;
    remember(*link, entry, std::move(delivery));
    link->ends.emplace(entry.row.expires, number);
    schedule(*link, number, environment_.clock.now());
}

void Outgoing::remember(const Link& link, Entry& entry, DeliveryPtr delivery) {
    if (delivery == nullptr || link.failures > 0) return;
    const std::size_t bytes = delivery->content.size();
    if (remembered_ + bytes > kRememberedBytes) return;
    remembered_ += bytes;
    entry.delivery = std::move(delivery);
}

Outgoing::DeliveryPtr Outgoing::forget(Entry& entry) {
    if (entry.delivery != nullptr) remembered_ -= entry.delivery->content.size();
    return std::exchange(entry.delivery, nullptr);
}

void Outgoing::schedule(Link& link, Number number, Instant next) {
    Entry& entry = link.entries.at(number);
    link.due.erase({entry.next, number});
    entry.under_way = false;
    entry.next = next;
    link.due.emplace(next, number);
}

void Outgoing::drop(Link& link, Number number) {
    const auto it = link.entries.find(number);
    if (it == link.entries.end()) return;
    link.due.erase({it->second.next, number});
    link.ends.erase({it->second.row.expires, number});
    forget(it->second);
    link.entries.erase(it);
}

Instant Outgoing::tick() {
    take_fresh();
    std::vector<LinkPtr> links;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [name, link] : links_) links.push_back(link);
    }
    const Instant now = environment_.clock.now();
    for (const LinkPtr& link : links) {
        expire(link, now);
        if (link->to.empty()) {
            find_addresses(link);
        } else {
            send(link);
        }
    }
    Instant next = Instant::max();
    const std::lock_guard lock(mutex_);
    if (!fresh_.empty()) next = now + options_.retry_min;
    for (const auto& [name, link] : links_) {
        if (!link->ends.empty()) next = std::min(next, link->ends.begin()->first);
        if (!may_send(*link) || link->due.empty() || is_blocked(*link)) continue;
        next = std::min(next, std::max(link->next, link->due.begin()->first));
    }
    return next;
}

void Outgoing::network_changed() {
    {
        const std::lock_guard lock(mutex_);
        const Instant now = environment_.clock.now();
        for (const auto& [name, link] : links_) {
            link->next = std::min(link->next, now);
            if (!link->to.empty()) continue;
            const auto due = link->due;
            for (const auto& [next, number] : due) schedule(*link, number, now);
        }
    }
    if (environment_.wake) environment_.wake();
}

void Outgoing::forget_under_way(const std::string& to) {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, link] : links_) {
        if (link->to == to) ++link->era;
    }
}

// Not at once: one probe in this time is enough, however much is heard of a member that cannot be
// reached.
void Outgoing::heard_of(const exchange::MemberId& member) {
    bool sooner = false;
    {
        const std::lock_guard lock(mutex_);
        const Instant soon = environment_.clock.now() + options_.retry_min;
        for (const auto& [name, link] : links_) {
            if (link->failures == 0 || link->next <= soon || link->member != member.value())
                continue;
            link->next = soon;
            sooner = true;
        }
    }
    if (sooner && environment_.wake) environment_.wake();
}

void Outgoing::expect_receipt(const TenantId& tenant, const std::string& to,
                              const std::string& id) {
    {
        const std::lock_guard lock(mutex_);
        const auto link = links_.find({tenant, to});
        if (link == links_.end()) return;
        auto& entries = link->second->entries;
        const auto entry = std::find_if(entries.begin(), entries.end(),
                                        [&](const auto& one) { return one.second.row.id == id; });
        if (entry == entries.end() || entry->second.under_way || is_over(entry->second.row.state)) {
            return;
        }
        const Instant soon = environment_.clock.now() + options_.retry_min;
        if (entry->second.next > soon) schedule(*link->second, entry->first, soon);
    }
    if (environment_.wake) environment_.wake();
}

void Outgoing::find_addresses(const LinkPtr& link) {
    std::vector<std::pair<Number, CaseId>> due;
    {
        const std::lock_guard lock(mutex_);
        const Instant now = environment_.clock.now();
        for (const auto& [next, number] : link->due) {
            if (next > now || due.size() == options_.batch_max) break;
            due.emplace_back(number, link->entries.at(number).row.case_id);
        }
    }
    for (const auto& [number, case_id] : due) {
        const auto found = [&, n = number, id = case_id]() -> Result<exchange::Address> {
            SCHWARM_TRY(view, runtime_->read(link->tenant));
            SCHWARM_TRY(bytes, view.get_sealed(keys::delivery(id, n)));
            if (!bytes) return fail(ErrorCode::gone, "the delivery is no longer there");
            SCHWARM_TRY(delivery, Delivery::decode(*bytes));
            return environment_.network.find(delivery.role, delivery.jurisdiction,
                                             delivery.contract, delivery.version);
        }();
        if (found.has_error()) {
            const std::lock_guard lock(mutex_);
            const auto it = link->entries.find(number);
            if (it == link->entries.end()) continue;
            it->second.reason = found.error().text();
            schedule(*link, number, environment_.clock.now() + kLookForAddress);
            continue;
        }
        {
            const std::lock_guard lock(mutex_);
            drop(*link, number);
        }
        runtime_->submit_write(
            link->tenant,
            [n = number, to = found.value().text()](runtime::WriteBatch& batch) -> Result<void> {
                SCHWARM_TRY(row, find_open(batch, n));
                if (!row) return {};
                SCHWARM_TRY(conversation, conversation_of(batch, row->conversation));
                // The whole conversation goes to who was found first.
                if (conversation.peer.empty()) {
                    conversation.peer = to;
                    post::put(batch, row->conversation, conversation);
                }
                row->to = conversation.peer;
                post::put(batch, n, *row);
                return {};
            },
            [this, tenant = link->tenant, n = number](Result<void>) { look(tenant, n); });
    }
}

bool Outgoing::is_head(const Link& link, Number number) const {
    const std::string& conversation = link.entries.at(number).row.conversation;
    return std::none_of(link.entries.begin(), link.entries.lower_bound(number),
                        [&](const auto& other) {
                            return other.second.row.conversation == conversation &&
                                   !is_over(other.second.row.state);
                        });
}

void Outgoing::expire(const LinkPtr& link, Instant now) {
    std::vector<std::pair<Number, std::string>> over;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [ends, number] : link->ends) {
            if (ends > now) break;
            const Entry& entry = link->entries.at(number);
            if (entry.under_way) continue;  // its receipt may be on the way
            if (!is_head(*link, number)) continue;
            const std::string& why = entry.reason.empty() ? link->reason : entry.reason;
            over.emplace_back(number, "the message '" + entry.row.type + "' was not taken in time" +
                                          (link->to.empty() ? std::string() : " by " + link->to) +
                                          (why.empty() ? std::string() : ": " + why));
        }
    }
    for (const auto& [number, reason] : over) {
        ++meters_.expired;
        give_up(link, number, DeliveryState::expired, reason, false);
    }
}

void Outgoing::give_up(const LinkPtr& link, Number number, DeliveryState state,
                       const std::string& reason, bool never_left) {
    {
        const std::lock_guard lock(mutex_);
        drop(*link, number);
    }
    runtime_->submit_desk(
        link->tenant, "system:post",
        [number, state, reason, never_left](runtime::WriteBatch& batch,
                                            runtime::CaseDesk& desk) -> Result<void> {
            SCHWARM_TRY(row, find_open(batch, number));
            if (!row) return {};
            row->never_left = never_left;
            return note_failure(batch, desk, number, std::move(*row), state, reason);
        },
        [this, tenant = link->tenant, number](Result<void>) { look(tenant, number); });
}

std::vector<Waiting> Outgoing::waiting(const TenantId& tenant, std::size_t limit) const {
    std::map<Number, Waiting> found;
    const std::lock_guard lock(mutex_);
    for (const auto& [name, link] : links_) {
        if (name.first != tenant) continue;
        for (const auto& [number, entry] : link->entries) {
            const OpenDelivery& row = entry.row;
            found.emplace(number, Waiting{tenant, row.case_id, link->to, row.type, row.id,
                                          row.state, row.created, row.expires, entry.attempts,
                                          entry.reason.empty() ? link->reason : entry.reason});
            if (found.size() > limit) found.erase(std::prev(found.end()));
        }
    }
    std::vector<Waiting> out;
    for (auto& [number, one] : found) out.push_back(std::move(one));
    return out;
}

std::string Outgoing::obstacle(const TenantId& tenant, const std::string& to) const {
    const std::lock_guard lock(mutex_);
    const auto link = links_.find({tenant, to});
    return link == links_.end() ? std::string() : link->second->reason;
}

std::size_t Outgoing::count() const {
    std::size_t out = 0;
    const std::lock_guard lock(mutex_);
    for (const auto& [name, link] : links_) out += link->entries.size();
    return out;
}

}  // namespace schwarm::post
