#include "restored_peer.hpp"

#include <algorithm>
#include <map>

#include "held.hpp"
#include "restored_rows.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/storage/key.hpp"
#include "stored.hpp"

namespace schwarm::post {

using storage::Space;

namespace {

constexpr std::size_t kPage = 500;  // rows
// Clocks of two nodes differ.
constexpr auto kMargin = std::chrono::hours(1);

Result<ToldConversation> tell_one(const runtime::ReadView& view, const std::string& id,
                                  Conversation conversation) {
    ToldConversation out;
    out.id = id;
    storage::ScanRange held = storage::prefix_range(keys::held_prefix(id));
    std::optional<std::uint64_t> first;
    SCHWARM_TRY_VOID(view.scan(Space::exchange, held, [&](std::string_view key, std::string_view) {
        const std::uint64_t sequence = keys::held_sequence(key);
        if (!first) first = sequence;
        out.received = sequence;
        return true;
    }));
    SCHWARM_TRY(passed, view.get(Space::exchange, keys::gaps(id)));
    if (passed) {
        SCHWARM_TRY(gaps, decode_gaps(*passed));
        conversation.next_expected = pass(gaps, conversation.next_expected, first);
    }
    out.expected = conversation.next_expected;
    out.received = std::max(out.received, out.expected - 1);
    out.next = conversation.next_sent;
    SCHWARM_TRY(open, open_sequences(view, conversation.case_id, id));
    out.open = std::move(open);
    return out;
}

// Of a conversation of which only early messages are here (its case was lost, or its first message
// is on its way): the numbers that are used up.
Result<std::vector<ToldConversation>> tell_held(const runtime::ReadView& view,
                                                const std::string& to) {
    std::map<std::string, std::string> found;  // conversation: the key of one of its messages
    SCHWARM_TRY_VOID(view.scan(
        Space::exchange, storage::prefix_range(std::string(keys::kHeldPrefix)),
        [&](std::string_view key, std::string_view) {
            found.emplace(storage::KeyReader(key.substr(keys::kHeldPrefix.size())).text(), key);
            return found.size() < kPage;
        }));
    std::vector<ToldConversation> out;
    for (const auto& [id, key] : found) {
        SCHWARM_TRY(known, view.get(Space::exchange, keys::conversation(id)));
        if (known) continue;
        SCHWARM_TRY(plain, view.get_sealed(key));
        if (!plain) continue;
        SCHWARM_TRY(envelope, decode_held(*plain));
        if (envelope.from.text() != to) continue;
        SCHWARM_TRY(told, tell_one(view, id, {}));
        out.push_back(std::move(told));
    }
    return out;
}

// The oldest time to which this tenant was put back lately.
Result<std::optional<Instant>> restored_since(const runtime::ReadView& view) {
    std::vector<std::string> rows;
    for (const std::string_view kind : {keys::kRestored, keys::kWasRestoredPrefix}) {
        SCHWARM_TRY_VOID(view.scan(Space::exchange, storage::prefix_range(std::string(kind)),
                                   [&](std::string_view, std::string_view bytes) {
                                       rows.emplace_back(bytes);
                                       return true;
                                   }));
    }
    std::optional<Instant> out;
    for (const std::string& row : rows) {
        SCHWARM_TRY(state, RestoredState::decode(row));
        out = out ? std::min(*out, state.since) : state.since;
    }
    return out;
}

}  // namespace

Result<RestoredPeer::Place> RestoredPeer::read_place(std::string_view after) const {
    Place out;
    if (after.empty()) return out;
    const auto colon = after.find(':');
    const auto tenant =
        std::find(tenants_.begin(), tenants_.end(), TenantId(std::string(after.substr(0, colon))));
    const auto key = colon == std::string_view::npos
                         ? Result<std::string>(fail(ErrorCode::invalid_input, "no place"))
                         : crypto::hex_decode(after.substr(colon + 1));
    if (tenant == tenants_.end() || key.has_error()) {
        return fail(ErrorCode::invalid_input, "the answer before did not end there",
                    "/restored/after");
    }
    out.tenant = static_cast<std::size_t>(tenant - tenants_.begin());
    out.key = key.value();
    return out;
}

std::string RestoredPeer::next_place(const Place& place, const std::string& last, bool full) const {
    if (full) return tenants_[place.tenant].value() + ":" + crypto::hex_encode(last);
    if (place.tenant + 1 == tenants_.size()) return {};
    return tenants_[place.tenant + 1].value() + ":";
}

void RestoredPeer::answer(const exchange::MemberId& from, std::string_view text,
                          std::function<void(Result<std::string>)> done) {
    const auto question = RestoredQuestion::read(text);
    if (question.has_error()) {
        done(question.error());
        return;
    }
    const std::string asks = exchange::Address{question->tenant, from}.text();
    switch (question->ask) {
        case Ask::again:
            give_again(asks, *question, done);
            return;
        case Ask::conversations:
            done(tenants_.empty() ? Result<std::string>(RestoredAnswer{}.write())
                                  : tell(asks, *question));
            return;
        case Ask::open:
            pass_over(asks, *question, done);
            return;
    }
}

void RestoredPeer::give_again(const std::string& to, const RestoredQuestion& question,
                              const Done& done) {
    const auto place = read_place(question.after);
    if (place.has_error() || tenants_.empty()) {
        done(place.has_error() ? Result<std::string>(place.error())
                               : Result<std::string>(RestoredAnswer{}.write()));
        return;
    }
    // What the lost node answers to a request under way it does not know any more.
    outgoing_.forget_under_way(to);
    const auto page = std::make_shared<Page>();
    runtime_->submit_write(
        tenants_[place->tenant],
        [this, to, since = question.since, after = place->key,
         page](runtime::WriteBatch& batch) -> Result<void> {
            SCHWARM_TRY(given, give_page(batch, to, since, after));
            *page = std::move(given);
            return {};
        },
        [this, to, place = *place, page, done](Result<void> written) {
            if (written.has_error()) {
                done(written.error());
                return;
            }
            if (page->count > 0 && environment_.log) {
                environment_.log(to +
                                 " was restored from a backup: " + std::to_string(page->count) +
                                 " messages that it had receipted are sent again");
            }
            RestoredAnswer answer;
            answer.count = page->count;
            answer.next = next_place(place, page->last, page->full);
            done(answer.write());
        });
}

void RestoredPeer::give_all(const TenantId& tenant, const std::string& to, Instant since,
                            const Given& done) {
    give_from(tenant, to, since, "", 0, done);
}

void RestoredPeer::give_from(const TenantId& tenant, const std::string& to, Instant since,
                             std::string after, std::uint64_t before, const Given& done) {
    const auto page = std::make_shared<Page>();
    runtime_->submit_write(
        tenant,
        [this, to, since, after = std::move(after),
         page](runtime::WriteBatch& batch) -> Result<void> {
            SCHWARM_TRY(given, give_page(batch, to, since, after));
            *page = std::move(given);
            return {};
        },
        [this, tenant, to, since, before, page, done](Result<void> written) {
            if (written.has_error()) {
                done(written.error());
            } else if (page->full) {
                give_from(tenant, to, since, page->last, before + page->count, done);
            } else {
                done(before + page->count);
            }
        });
}

// In the order of the receipts: each delivery that is over is to be erased a fixed time after it.
Result<RestoredPeer::Page> RestoredPeer::give_page(runtime::WriteBatch& batch,
                                                   const std::string& to, Instant since,
                                                   const std::string& after) {
    const Instant from = std::max(Instant{}, since - kMargin) + options_.kept;
    storage::ScanRange range;
    range.from = after.empty() ? keys::erase_before(from) : after + '\0';
    range.to = storage::prefix_end(keys::kErasePrefix);
    range.limit = kPage;
    std::vector<std::string> found;
    SCHWARM_TRY_VOID(
        batch.scan(Space::exchange, range, [&](std::string_view key, std::string_view) {
            found.emplace_back(key);
            return true;
        }));
    if (after.empty()) SCHWARM_TRY_VOID(renew_under_way(batch, to));
    Page out;
    for (const std::string& key : found) {
        SCHWARM_TRY(opened, open_again(batch, to, key));
        if (opened) ++out.count;
    }
    out.full = found.size() == kPage;
    if (out.full) out.last = found.back();
    return out;
}

// What it had begun to take (early, or without its documents) it takes from the beginning, so it
// gets as much time for that as a new message: sealed anew, with the same id and sequence.
Result<void> RestoredPeer::renew_under_way(runtime::WriteBatch& batch,
                                           const std::string& to) const {
    std::vector<std::pair<std::uint64_t, OpenDelivery>> found;
    SCHWARM_TRY_VOID(each_open(batch, [&](std::uint64_t number, OpenDelivery row) {
        const bool open =
            row.state == DeliveryState::waiting || row.state == DeliveryState::delivered;
        if (row.to == to && open) found.emplace_back(number, std::move(row));
    }));
    for (auto& [number, row] : found) {
        row.expires = batch.now() + (row.expires - row.created);
        row.created = batch.now();
        put(batch, number, row);
        batch.after_commit(
            [this, tenant = batch.tenant(), n = number] { outgoing_.look(tenant, n); });
    }
    return {};
}

Result<bool> RestoredPeer::open_again(runtime::WriteBatch& batch, const std::string& to,
                                      std::string_view erase_key) {
    const std::string key = keys::erased_key(erase_key);
    const auto place = keys::read_delivery(key);
    if (!place) return false;
    const auto& [case_id, number] = *place;
    const auto sealed = batch.get_sealed(key);
    // Deleted by law; the conversation says that it will not come.
    if (sealed.has_error() && sealed.error().code == ErrorCode::gone) return false;
    if (sealed.has_error()) return sealed.error();
    if (!sealed.value()) return false;
    SCHWARM_TRY(delivery, Delivery::decode(*sealed.value()));
    SCHWARM_TRY(conversation, find_conversation(batch, delivery.conversation));
    SCHWARM_TRY(open, find_open(batch, number));
    if (open || !conversation || conversation->peer != to) return false;
    const Instant at(std::chrono::milliseconds(
        storage::KeyReader(erase_key.substr(keys::kErasePrefix.size())).number()));
    batch.erase(Space::exchange, erase_key);
    batch.erase(Space::exchange, keys::erase_at(at, keys::manifest(case_id, delivery.id)));
    const auto terms =
        environment_.contracts.terms(delivery.contract, delivery.version, delivery.message);
    OpenDelivery row;
    row.case_id = case_id;
    row.id = delivery.id;
    row.conversation = delivery.conversation;
    row.to = to;
    row.type = delivery.type();
    row.created = batch.now();
    row.expires = row.created + (terms.has_value() ? terms.value() : MessageTerms{}).time_to_live;
    row.has_documents = !delivery.documents.empty();
    put(batch, number, row);
    batch.after_commit([this, tenant = batch.tenant(), n = number] { outgoing_.look(tenant, n); });
    SCHWARM_TRY_VOID(batch.audit("system:post", "again", case_id,
                                 row.type + " " + row.id + " " + to + " (it was restored)"));
    return true;
}

Result<std::string> RestoredPeer::tell(const std::string& to,
                                       const RestoredQuestion& question) const {
    SCHWARM_TRY(place, read_place(question.after));
    SCHWARM_TRY(view, runtime_->read(tenants_[place.tenant]));
    storage::ScanRange range = storage::prefix_range(keys::kConversationPrefix, kPage);
    if (!place.key.empty()) range.from = place.key + '\0';
    std::vector<std::pair<std::string, Conversation>> found;
    std::string last;
    std::size_t rows = 0;
    Result<void> decoding;
    SCHWARM_TRY_VOID(
        view.scan(Space::exchange, range, [&](std::string_view key, std::string_view value) {
            ++rows;
            last = key;
            auto row = Conversation::decode(value);
            if (row.has_error()) {
                decoding = row.error();
                return false;
            }
            // A message of the node has a conversation of its own; nothing follows it.
            const bool own = row->participant.empty() && row->next_expected == 1;
            if (row->peer == to && !own) {
                found.emplace_back(
                    storage::KeyReader(key.substr(keys::kConversationPrefix.size())).text(),
                    std::move(row.value()));
            }
            return true;
        }));
    SCHWARM_TRY_VOID(decoding);
    RestoredAnswer answer;
    answer.of = tenants_[place.tenant];
    if (place.key.empty()) {
        SCHWARM_TRY(since, restored_since(view));
        answer.since = since;
        SCHWARM_TRY(held, tell_held(view, to));
        answer.told = std::move(held);
    }
    for (auto& [id, conversation] : found) {
        SCHWARM_TRY(told, tell_one(view, id, std::move(conversation)));
        answer.told.push_back(std::move(told));
    }
    answer.next = next_place(place, last, rows == kPage);
    return answer.write();
}

void RestoredPeer::pass_over(const std::string& from, const RestoredQuestion& question,
                             const Done& done) {
    if (std::find(tenants_.begin(), tenants_.end(), question.of) == tenants_.end()) {
        done(fail(ErrorCode::not_found, "no tenant of this node", "/restored/of"));
        return;
    }
    runtime_->submit_write(
        question.of,
        [from, told = question.told](runtime::WriteBatch& batch) -> Result<void> {
            for (const ToldConversation& one : told) {
                SCHWARM_TRY(conversation, find_conversation(batch, one.id));
                if (!conversation || conversation->peer != from) continue;
                const Gaps gaps = gaps_between(conversation->next_expected, one.next, one.open);
                if (gaps.empty()) continue;
                batch.put(Space::exchange, keys::gaps(one.id), encode_gaps(gaps));
                SCHWARM_TRY_VOID(batch.audit(
                    "system:post", "lost", conversation->case_id,
                    from + " was restored and does not know what it sent from sequence " +
                        std::to_string(gaps.front().first)));
            }
            return {};
        },
        [this, question, done](Result<void> written) {
            if (written.has_error()) {
                done(written.error());
                return;
            }
            for (const ToldConversation& one : question.told) {
                incoming_.go_on(question.of, one.id);
            }
            done(RestoredAnswer{}.write());
        });
}

}  // namespace schwarm::post
