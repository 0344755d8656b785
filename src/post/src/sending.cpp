// A few requests at a time to each tenant elsewhere: seal, store what was sealed, hand over, note
// the receipts.
#include <algorithm>

#include "outgoing.hpp"
#include "schwarm/exchange/envelope.hpp"
#include "schwarm/exchange/receipt.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/post/message_line.hpp"
#include "stored.hpp"

namespace schwarm::post {

using storage::Space;

namespace {

// About what a request may hold; one envelope has at most 256 kB.
constexpr std::size_t kRequestBytes = std::size_t{4} << 20;
constexpr std::size_t kReceiptLists = 64;

std::string write_request(const std::vector<std::string_view>& envelopes) {
    json::Writer out;
    out.begin_object().name("envelopes").begin_array();
    for (const std::string_view envelope : envelopes) out.value(envelope);
    out.end_array().end_object();
    return out.take();
}

bool is_final(const Error& error) {
    return error.code == ErrorCode::invalid_input || error.code == ErrorCode::limit_exceeded ||
           error.code == ErrorCode::unsupported;
}

}  // namespace

void Outgoing::send(const LinkPtr& link) {
    const ParcelPtr parcel = choose(link, environment_.clock.now());
    if (parcel == nullptr) return;
    const auto view = runtime_->read(link->tenant);
    if (view.has_error()) {
        failed(parcel, view.error().text());
        return;
    }
    std::vector<Letter> ready;
    std::vector<Number> left;
    std::size_t bytes = 0;
    for (Letter& letter : parcel->letters) {
        if (bytes > kRequestBytes) {
            left.push_back(letter.number);
            continue;
        }
        if (!prepare(link, view.value(), letter)) continue;
        bytes += letter.envelope.size();
        ready.push_back(std::move(letter));
    }
    parcel->letters = std::move(ready);
    {
        const std::lock_guard lock(mutex_);
        for (const Number number : left) put_back(*link, number);
        if (parcel->letters.empty()) --link->requests;
    }
    if (!parcel->letters.empty()) store_manifests(parcel);
}

Outgoing::ParcelPtr Outgoing::choose(const LinkPtr& link, Instant now) {
    if (is_blocked(*link)) return nullptr;
    const std::lock_guard lock(mutex_);
    if (!may_send(*link) || link->next > now) return nullptr;
    const std::size_t most = std::min(link->window, options_.batch_max);
    std::vector<Number> numbers;
    for (const auto& [next, number] : link->due) {
        if (next > now || numbers.size() == most) break;
        numbers.push_back(number);
    }
    if (numbers.empty()) return nullptr;
    std::sort(numbers.begin(), numbers.end());
    auto out = std::make_shared<Parcel>();
    out->link = link;
    out->era = link->era;
    for (const Number number : numbers) {
        Entry& entry = link->entries.at(number);
        link->due.erase({entry.next, number});
        entry.under_way = true;
        out->letters.push_back({number, entry.row, forget(entry), {}, {}, {}});
    }
    ++link->requests;
    return out;
}

bool Outgoing::prepare(const LinkPtr& link, const runtime::ReadView& view, Letter& letter) {
    const CaseId id = letter.row.case_id;
    auto made = [&]() -> Result<std::string> {
        const DeliveryPtr known = std::exchange(letter.delivery, nullptr);
        if (known != nullptr && environment_.clock.now() < known->created + kRememberedFor) {
            return make_envelope(*link, view, *known, letter);
        }
        SCHWARM_TRY(bytes, view.get_sealed(keys::delivery(id, letter.number)));
        if (!bytes) return fail(ErrorCode::gone, "the delivery is no longer there");
        SCHWARM_TRY(delivery, Delivery::decode(*bytes));
        return make_envelope(*link, view, delivery, letter);
    }();
    if (made.has_value()) {
        letter.envelope = std::move(made.value());
        return true;
    }
    if (made.error().code == ErrorCode::gone) {
        // The case was deleted by law; there is nobody left to tell.
        {
            const std::lock_guard lock(mutex_);
            drop(*link, letter.number);
        }
        runtime_->submit_write(
            link->tenant,
            [number = letter.number](runtime::WriteBatch& batch) -> Result<void> {
                batch.erase(Space::exchange, keys::open_delivery(number));
                return {};
            },
            [](Result<void>) {});
    } else if (is_final(made.error())) {
        ++meters_.refused;
        give_up(link, letter.number, DeliveryState::refused,
                "the message '" + letter.row.type + "' cannot be sent: " + made.error().text(),
                true);
    } else {
        postpone(link, letter.number, made.error().text());
    }
    return false;
}

Result<std::string> Outgoing::make_envelope(const Link& link, const runtime::ReadView& view,
                                            const Delivery& delivery, Letter& letter) const {
    const OpenDelivery& row = letter.row;
    SCHWARM_TRY(content, json::parse(delivery.content));
    SCHWARM_TRY(to, exchange::parse_address(link.to));
    exchange::Envelope envelope;
    envelope.from = {link.tenant, environment_.member};
    envelope.to = to;
    envelope.type = row.type;
    envelope.conversation = delivery.conversation;
    envelope.id = delivery.id;
    envelope.sequence = delivery.sequence;
    envelope.time = row.created;
    envelope.expires = row.expires;
    if (delivery.purpose.empty()) {
        if (environment_.own != nullptr && environment_.own->owns(delivery.contract)) {
            return fail(ErrorCode::unsupported,
                        "messages of contract '" + delivery.contract + "' are the node's own");
        }
        SCHWARM_TRY(terms, environment_.contracts.terms(delivery.contract, delivery.version,
                                                        delivery.message));
        SCHWARM_TRY_VOID(environment_.contracts.check(delivery.contract, delivery.version,
                                                      delivery.message, content));
        envelope.purpose = terms.purpose;
        envelope.legal_basis = terms.legal_basis;
        if (!delivery.documents.empty()) {
            SCHWARM_TRY(manifest, attachments_.manifest(view, delivery, row.case_id, link.to,
                                                        terms.documents));
            envelope.documents = manifest.documents;
            if (!manifest.stored) letter.manifest = manifest.encode();
        }
    } else {
        envelope.purpose = delivery.purpose;
        envelope.legal_basis = delivery.legal_basis;
    }
    envelope.body = std::move(content);
    letter.content = exchange::content_hash(envelope);
    return seal(envelope);
}

Result<std::string> Outgoing::seal(const exchange::Envelope& envelope) const {
    SCHWARM_TRY(own, keys_.find(envelope.from.tenant));
    SCHWARM_TRY(key, environment_.network.sealing_key(envelope.to));
    return exchange::make_envelope(envelope, own->sign, key, environment_.cryptography,
                                   environment_.random);
}

void Outgoing::store_manifests(const ParcelPtr& parcel) {
    const bool none = std::all_of(parcel->letters.begin(), parcel->letters.end(),
                                  [](const Letter& letter) { return letter.manifest.empty(); });
    if (none) {
        transmit(parcel);
        return;
    }
    runtime_->submit_write(
        parcel->link->tenant,
        [parcel](runtime::WriteBatch& batch) -> Result<void> {
            for (const Letter& letter : parcel->letters) {
                if (letter.manifest.empty()) continue;
                SCHWARM_TRY_VOID(batch.put_sealed(keys::manifest(letter.row.case_id, letter.row.id),
                                                  letter.row.case_id, letter.manifest));
            }
            return {};
        },
        [this, parcel](Result<void> done) {
            if (done.has_error()) {
                failed(parcel, done.error().text());
            } else {
                transmit(parcel);
            }
        });
}

void Outgoing::transmit(const ParcelPtr& parcel) {
    const auto to = exchange::parse_address(parcel->link->to);
    if (to.has_error()) {
        failed(parcel, to.error().text());
        return;
    }
    std::vector<std::string_view> envelopes;
    for (const Letter& letter : parcel->letters) envelopes.push_back(letter.envelope);
    meters_.sent += envelopes.size();
    environment_.transport.send(
        to.value().member, write_request(envelopes),
        [this, parcel](Result<std::string> answer) { answered(parcel, answer); });
}

void Outgoing::answered(const ParcelPtr& parcel, const Result<std::string>& answer) {
    if (answer.has_error()) {
        failed(parcel, answer.error().text());
        return;
    }
    if (is_outdated(*parcel)) {
        failed(parcel, "the other node was restored from a backup");
        return;
    }
    auto receipts = read_answer(*parcel, answer.value());
    if (receipts.empty()) {
        failed(parcel, "the answer held no receipt for what was sent");
        return;
    }
    settle(parcel, std::move(receipts));
}

bool Outgoing::is_outdated(const Parcel& parcel) const {
    const std::lock_guard lock(mutex_);
    return parcel.era != parcel.link->era;
}

// Only what the tenant itself has signed, for exactly these bytes.
std::map<Outgoing::Number, exchange::Receipt> Outgoing::read_answer(const Parcel& parcel,
                                                                    std::string_view answer) const {
    std::map<Number, exchange::Receipt> out;
    const auto reject = [&](const std::string& why) {
        ++meters_.rejected;
        if (environment_.log) environment_.log("an answer of " + parcel.link->to + ": " + why);
    };
    json::Limits limits;
    limits.max_depth = 3;
    limits.max_nodes = kReceiptLists + 2;
    const auto value = json::parse(answer, limits);
    const json::Value* lists = value.has_value() ? value.value().find("receipts") : nullptr;
    if (lists == nullptr || !lists->is_array()) {
        reject(value.has_error() ? value.error().text() : "no list 'receipts'");
        return out;
    }
    const auto source = [this](const exchange::Address& from, std::string_view kid) {
        return environment_.network.signing_key(from, kid, environment_.clock.now());
    };
    for (const json::Value& item : lists->items()) {
        if (!item.is_string()) {
            reject("a receipt is a text");
            continue;
        }
        const auto list =
            exchange::read_receipts(item.as_string(), source, environment_.cryptography);
        if (list.has_error()) {
            reject(list.error().text());
            continue;
        }
        if (list.value().from.text() != parcel.link->to ||
            list.value().to != exchange::Address{parcel.link->tenant, environment_.member}) {
            reject("receipts of others");
            continue;
        }
        for (const exchange::Receipt& receipt : list.value().receipts) {
            const auto letter =
                std::find_if(parcel.letters.begin(), parcel.letters.end(),
                             [&](const Letter& l) { return l.row.id == receipt.id; });
            if (letter == parcel.letters.end()) continue;
            if (crypto::sha256(letter->envelope) != receipt.envelope) {
                reject("a receipt for other bytes than were sent");
                continue;
            }
            out.insert_or_assign(letter->number, receipt);
        }
    }
    return out;
}

void Outgoing::settle(const ParcelPtr& parcel, std::map<Number, exchange::Receipt> receipts) {
    const auto shared =
        std::make_shared<const std::map<Number, exchange::Receipt>>(std::move(receipts));
    runtime_->submit_desk(
        parcel->link->tenant, "system:post",
        [this, parcel, shared](runtime::WriteBatch& batch,
                               runtime::CaseDesk& desk) -> Result<void> {
            for (const Letter& letter : parcel->letters) {
                const auto receipt = shared->find(letter.number);
                if (receipt == shared->end()) continue;
                SCHWARM_TRY_VOID(note_receipt(batch, desk, letter, receipt->second));
            }
            return {};
        },
        [this, parcel, shared](Result<void> done) {
            if (done.has_error()) {
                failed(parcel, done.error().text());
                return;
            }
            const Instant now = environment_.clock.now();
            std::vector<Number> again;
            {
                const std::lock_guard lock(mutex_);
                Link& link = *parcel->link;
                --link.requests;
                link.failures = 0;
                link.window = std::min(link.window * 2, options_.batch_max);
                link.reason.clear();
                link.next = now;
                for (const Letter& letter : parcel->letters) {
                    const auto entry = link.entries.find(letter.number);
                    if (entry == link.entries.end()) continue;
                    ++entry->second.attempts;
                    const auto receipt = shared->find(letter.number);
                    if (receipt == shared->end()) {
                        schedule(link, letter.number, now + back_off(entry->second.attempts));
                    } else if (receipt->second.state == exchange::ReceiptState::delivered) {
                        entry->second.row.state = DeliveryState::delivered;
                        entry->second.reason =
                            "the receiver waits for an earlier message or documents";
                        schedule(link, letter.number, now + back_off(entry->second.attempts));
                    } else if (receipt->second.state == exchange::ReceiptState::processed) {
                        ++meters_.processed;
                        drop(link, letter.number);
                    } else {
                        ++meters_.refused;
                        drop(link, letter.number);
                        again.push_back(letter.number);
                    }
                }
            }
            for (const Number number : again) look(parcel->link->tenant, number);
            if (environment_.wake) environment_.wake();
        });
}

Result<void> Outgoing::note_receipt(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                    const Letter& letter, const exchange::Receipt& receipt) const {
    const Number number = letter.number;
    SCHWARM_TRY(open, find_open(batch, number));
    if (!open || open->id != receipt.id) return {};
    OpenDelivery& row = *open;
    switch (receipt.state) {
        case exchange::ReceiptState::delivered:
            if (row.state == DeliveryState::delivered) return {};
            row.state = DeliveryState::delivered;
            post::put(batch, number, row);
            return {};
        case exchange::ReceiptState::processed: {
            batch.erase(Space::exchange, keys::open_delivery(number));
            const Instant over = batch.now() + options_.kept;
            batch.put(Space::exchange, keys::erase_at(over, keys::delivery(row.case_id, number)),
                      {});
            if (row.has_documents) {
                batch.put(Space::exchange,
                          keys::erase_at(over, keys::manifest(row.case_id, row.id)), {});
            }
            return batch.audit("system:post", "processed", row.case_id,
                               sent_line(row.type, row.id, row.to, letter.content));
        }
        case exchange::ReceiptState::refused:
        case exchange::ReceiptState::closed:
            break;
    }
    const std::string why = receipt.state == exchange::ReceiptState::closed
                                ? "the conversation is over there"
                                : receipt.reason;
    const std::string reason = "the message '" + row.type + "' was refused by " + row.to +
                               (why.empty() ? std::string() : ": " + why);
    return note_failure(batch, desk, number, std::move(row), DeliveryState::refused, reason);
}

Result<void> Outgoing::note_failure(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                    Number number, OpenDelivery row, DeliveryState state,
                                    const std::string& reason) {
    if (row.case_id == CaseId()) {
        // Nobody waits who could send it again.
        batch.erase(Space::exchange, keys::open_delivery(number));
        batch.erase(Space::exchange, keys::delivery(row.case_id, number));
        return batch.audit("system:post", std::string(name_of(state)), row.case_id,
                           row.type + " " + row.id + " " + row.to + ": " + reason);
    }
    row.state = state;
    row.reason = reason;
    post::put(batch, number, row);
    SCHWARM_TRY(told, report_undelivered(batch, desk, row.case_id, reason));
    return batch.audit(
        "system:post", std::string(name_of(state)), row.case_id,
        row.type + " " + row.id + " " + row.to + (told ? "" : " (the case has ended)"));
}

// When the link may send again, it goes as if it had not been taken.
void Outgoing::put_back(Link& link, Number number) {
    const auto entry = link.entries.find(number);
    if (entry != link.entries.end()) schedule(link, number, entry->second.next);
}

void Outgoing::failed(const ParcelPtr& parcel, const std::string& reason) {
    {
        const std::lock_guard lock(mutex_);
        Link& link = *parcel->link;
        for (const Letter& letter : parcel->letters) put_back(link, letter.number);
        // With later ones nothing is remembered.
        if (link.failures == 0) {
            for (auto& [number, entry] : link.entries) forget(entry);
        }
        --link.requests;
        link.window = 1;
        link.reason = reason;
        // Requests that were under way together fail together: that counts once.
        const Instant now = environment_.clock.now();
        if (link.failures == 0 || link.next <= now) {
            ++link.failures;
            link.next = now + back_off(link.failures);
        }
    }
    if (environment_.wake) environment_.wake();
}

void Outgoing::postpone(const LinkPtr& link, Number number, const std::string& reason) {
    const std::lock_guard lock(mutex_);
    const auto entry = link->entries.find(number);
    if (entry == link->entries.end()) return;
    ++entry->second.attempts;
    entry->second.reason = reason;
    schedule(*link, number, environment_.clock.now() + back_off(entry->second.attempts));
}

}  // namespace schwarm::post
