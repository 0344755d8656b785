#include "incoming.hpp"

#include <algorithm>
#include <atomic>
#include <map>

#include "held.hpp"
#include "message_type.hpp"
#include "restored_rows.hpp"
#include "schwarm/engine/engine.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/post/message_line.hpp"
#include "stored.hpp"

namespace schwarm::post {

using storage::Space;

namespace {

constexpr std::size_t kEnvelopesMax = 256;

Received refusal(const Error& error) {
    Received out;
    out.state = exchange::ReceiptState::refused;
    out.reason = error.message;
    return out;
}

// No retry changes what is wrong with the message.
bool is_answer(const Error& error) {
    switch (error.code) {
        case ErrorCode::storage_failed:
        case ErrorCode::maybe_done:
        case ErrorCode::unavailable:
        case ErrorCode::corrupt:
            return false;
        default:
            return true;
    }
}

}  // namespace

struct Incoming::Request {
    std::vector<Arrival> arrivals;
    std::atomic<std::size_t> open = 0;
    std::function<void(Result<std::string>)> answer;
};

void Incoming::receive(const exchange::MemberId& from, std::string_view text,
                       std::function<void(Result<std::string>)> answer) {
    json::Limits limits;
    limits.max_bytes = kEnvelopesMax * exchange::kMaxEnvelopeBytes;
    limits.max_depth = 3;
    limits.max_nodes = kEnvelopesMax + 2;
    const auto value = json::parse(text, limits);
    const json::Value* list = value.has_value() ? value.value().find("envelopes") : nullptr;
    if (list == nullptr || !list->is_array() || list->items().size() > kEnvelopesMax) {
        ++meters_.rejected;
        answer(value.has_error()
                   ? value.error()
                   : fail(ErrorCode::invalid_input,
                          "a request holds a list of at most 256 envelopes", "/envelopes"));
        return;
    }
    auto request = std::make_shared<Request>();
    request->answer = std::move(answer);
    for (std::size_t i = 0; i < list->items().size(); ++i) {
        const json::Value& item = list->items()[i];
        auto arrival =
            item.is_string()
                ? open(from, item.as_string())
                : Result<Arrival>(fail(ErrorCode::invalid_input, "an envelope is a text"));
        if (arrival.has_error()) {
            // Without a valid signature nobody is owed a receipt.
            ++meters_.rejected;
            if (environment_.log) {
                environment_.log("an envelope from " + from.value() + " (" + std::to_string(i) +
                                 "): " + arrival.error().text());
            }
            continue;
        }
        request->arrivals.push_back(std::move(arrival.value()));
    }
    // In their order, also if they overtook one another on the way.
    std::stable_sort(request->arrivals.begin(), request->arrivals.end(),
                     [](const Arrival& a, const Arrival& b) {
                         return a.envelope.sequence < b.envelope.sequence;
                     });
    request->open = request->arrivals.size() + 1;
    for (std::size_t i = 0; i < request->arrivals.size(); ++i) take(request, i);
    if (--request->open == 0) finish(request);
}

Result<Incoming::Arrival> Incoming::open(const exchange::MemberId& from,
                                         std::string_view text) const {
    SCHWARM_TRY(header, exchange::read_header(text));
    const exchange::Address& to = header.to;
    if (to.member != environment_.member) {
        return fail(ErrorCode::invalid_input, "it is for another member: " + to.text());
    }
    SCHWARM_TRY(own, keys_.find(to.tenant));
    const Instant now = environment_.clock.now();
    const auto lookup = [&](const exchange::Address& sender, std::string_view kid) {
        return environment_.network.signing_key(sender, kid, now);
    };
    SCHWARM_TRY(opened, exchange::open_envelope(text, header, own->opener(header.kid), lookup,
                                                environment_.cryptography, {now}));
    exchange::Envelope& envelope = opened.envelope;
    // A member hands over what its own tenants have signed, nothing else.
    if (envelope.from.member != from) {
        return fail(ErrorCode::invalid_input,
                    "it was sent by " + envelope.from.text() + ", not by a tenant of this member");
    }
    // Not refused: the entry that says so may still be on its way to this node.
    if (const auto type = parse_type(envelope.type); type.has_value()) {
        const auto& [contract, version, message] = type.value();
        const auto terms = environment_.contracts.terms(contract, version, message);
        if (terms.has_value() && !environment_.network.plays(envelope.from, terms.value().from_role,
                                                             contract, version)) {
            return fail(ErrorCode::unresolved, envelope.from.text() + " is not known as '" +
                                                   terms.value().from_role + "' of '" +
                                                   envelope.type + "'");
        }
    }
    Arrival out;
    out.envelope = std::move(envelope);
    out.hash = crypto::sha256(text);
    return out;
}

void Incoming::take(const std::shared_ptr<Request>& request, std::size_t index) {
    const exchange::Envelope& envelope = request->arrivals[index].envelope;
    runtime_->submit_desk(
        envelope.to.tenant, envelope.from.text(),
        [this, request, index](runtime::WriteBatch& batch, runtime::CaseDesk& desk) {
            return take(batch, desk, request->arrivals[index]);
        },
        [this, request, index](Result<void> done) {
            Arrival& arrival = request->arrivals[index];
            arrival.durable = done.has_value();
            if (arrival.durable && arrival.next_is_held) {
                go_on(arrival.envelope.to.tenant, arrival.envelope.conversation);
            }
            if (--request->open == 0) finish(request);
        });
}

void Incoming::go_on(const TenantId& tenant, const std::string& conversation) {
    const auto more = std::make_shared<bool>(false);
    runtime_->submit_desk(
        tenant, "system:post",
        [this, conversation, more](runtime::WriteBatch& batch,
                                   runtime::CaseDesk& desk) -> Result<void> {
            SCHWARM_TRY(taken, take_held(batch, desk, conversation));
            if (!taken) return {};
            SCHWARM_TRY(held, next_is_held(batch, conversation));
            *more = held;
            return {};
        },
        [this, tenant, conversation, more](Result<void> done) {
            if (done.has_value() && *more) go_on(tenant, conversation);
        });
}

Result<bool> Incoming::next_is_held(runtime::WriteBatch& batch, std::string_view id) {
    SCHWARM_TRY(conversation, find_conversation(batch, id));
    if (!conversation) return false;
    SCHWARM_TRY_VOID(pass_gaps(batch, id, *conversation));
    SCHWARM_TRY(row, batch.get(Space::exchange, keys::held(id, conversation->next_expected)));
    return row.has_value();
}

// One signed list for all that one tenant here got from one tenant there.
void Incoming::finish(const std::shared_ptr<Request>& request) {
    std::map<std::pair<exchange::Address, exchange::Address>, exchange::ReceiptList> lists;
    for (const Arrival& arrival : request->arrivals) {
        if (!arrival.durable) continue;
        const exchange::Envelope& envelope = arrival.envelope;
        exchange::ReceiptList& list = lists[{envelope.to, envelope.from}];
        list.receipts.push_back(
            {envelope.id, arrival.hash, arrival.outcome.state, arrival.outcome.reason});
    }
    json::Writer out;
    out.begin_object().name("receipts").begin_array();
    for (auto& [ends, list] : lists) {
        list.from = ends.first;
        list.to = ends.second;
        list.time = environment_.clock.now();
        const auto own = keys_.find(list.from.tenant);
        const auto text = own.has_error() ? Result<std::string>(own.error())
                                          : exchange::sign_receipts(list, own.value()->sign,
                                                                    environment_.cryptography);
        if (text.has_error()) {
            if (environment_.log) environment_.log("a receipt: " + text.error().text());
            continue;
        }
        out.value(text.value());
    }
    out.end_array().end_object();
    request->answer(out.take());
}

Result<void> Incoming::take(runtime::WriteBatch& batch, runtime::CaseDesk& desk, Arrival& arrival) {
    const exchange::Envelope& envelope = arrival.envelope;
    const std::string place = keys::received(envelope.from.text(), envelope.id);
    SCHWARM_TRY(row, batch.get(Space::exchange, place));
    if (!row) {
        ++meters_.received;
        SCHWARM_TRY(outcome, first_time(batch, desk, envelope));
        outcome.content = exchange::content_hash(envelope);
        SCHWARM_TRY_VOID(note(batch, envelope, outcome));
        arrival.outcome = std::move(outcome);
        return look_further(batch, arrival);
    }
    ++meters_.repeated;
    SCHWARM_TRY(known, Received::decode(*row));
    if (known.content && *known.content != exchange::content_hash(envelope)) {
        arrival.outcome = refusal(fail(ErrorCode::conflict, "another message had this id"));
        return {};
    }
    if (known.state == exchange::ReceiptState::delivered) {
        // Its turn may have come without anybody having noticed, before a restart.
        SCHWARM_TRY(taken, take_held(batch, desk, envelope.conversation));
        SCHWARM_TRY(again, batch.get(Space::exchange, place));
        if (taken && again) {
            SCHWARM_TRY(changed, Received::decode(*again));
            known = std::move(changed);
        }
    }
    arrival.outcome = std::move(known);
    return look_further(batch, arrival);
}

Result<void> Incoming::look_further(runtime::WriteBatch& batch, Arrival& arrival) {
    if (arrival.outcome.state == exchange::ReceiptState::delivered) return {};
    SCHWARM_TRY(held, next_is_held(batch, arrival.envelope.conversation));
    arrival.next_is_held = held;
    return {};
}

Result<void> Incoming::note(runtime::WriteBatch& batch, const exchange::Envelope& envelope,
                            const Received& outcome) {
    const std::string key = keys::received(envelope.from.text(), envelope.id);
    batch.put(Space::exchange, key, outcome.encode());
    batch.put(Space::exchange, keys::erase_at(envelope.expires + options_.kept, key), {});
    return batch.audit(envelope.from.text(), std::string(name_of(outcome.state)), outcome.case_id,
                       received_line(envelope, outcome.content, outcome.reason));
}

Result<Received> Incoming::first_time(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                      const exchange::Envelope& envelope) {
    if (const auto type = parse_type(envelope.type);
        type.has_value() && environment_.own != nullptr &&
        environment_.own->owns(type.value().contract)) {
        if (!envelope.documents.empty()) {
            return refusal(fail(ErrorCode::unsupported, "this message has no documents"));
        }
        return take_own(batch, desk, envelope);
    }
    SCHWARM_TRY(found, find_conversation(batch, envelope.conversation));
    SCHWARM_TRY(awaits, awaits_documents(batch, envelope));
    if (!found) {
        SCHWARM_TRY(lost, is_lost(batch, envelope.conversation));
        if (lost) {
            return refusal(fail(ErrorCode::gone, "its case was lost: this node is restored"));
        }
        if (envelope.sequence != 1 || awaits) return hold(batch, envelope);
        return start(batch, desk, envelope);
    }
    Conversation& conversation = *found;
    if (conversation.peer != envelope.from.text()) {
        return refusal(fail(ErrorCode::invalid_input, "the conversation is with somebody else"));
    }
    SCHWARM_TRY_VOID(pass_gaps(batch, envelope.conversation, conversation));
    if (envelope.sequence > conversation.next_expected) return hold(batch, envelope);
    if (envelope.sequence < conversation.next_expected) {
        return refusal(fail(ErrorCode::conflict, "another message had this sequence"));
    }
    if (awaits) return hold(batch, envelope);
    ++conversation.next_expected;
    put(batch, envelope.conversation, conversation);
    if (conversation.case_id == CaseId()) return start(batch, desk, envelope);
    return give(batch, desk, envelope, conversation);
}

Result<Received> Incoming::take_own(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                    const exchange::Envelope& envelope) {
    const auto taken = environment_.own->take(batch, desk, envelope);
    if (taken.has_error()) {
        if (!is_answer(taken.error())) return taken.error();
        return refusal(taken.error());
    }
    Received out;
    out.state = exchange::ReceiptState::processed;
    return out;
}

Result<Received> Incoming::hold(runtime::WriteBatch& batch, const exchange::Envelope& envelope) {
    std::size_t waiting = 0;
    SCHWARM_TRY_VOID(batch.scan(
        Space::exchange, storage::prefix_range(keys::held_prefix(envelope.conversation)),
        [&](std::string_view, std::string_view) { return ++waiting < options_.held_max; }));
    if (waiting >= options_.held_max) {
        return fail(ErrorCode::too_many_requests,
                    "too many messages of this conversation wait for an earlier one");
    }
    const std::string place = keys::held(envelope.conversation, envelope.sequence);
    SCHWARM_TRY(other, batch.get(Space::exchange, place));
    if (other) {
        return refusal(fail(ErrorCode::conflict, "another message waits with this sequence"));
    }
    SCHWARM_TRY_VOID(batch.put_sealed(place, CaseId(), encode_held(envelope)));
    batch.put(Space::exchange, keys::erase_at(envelope.expires + options_.kept, place), {});
    if (!envelope.documents.empty()) {
        batch.after_commit(
            [this, tenant = batch.tenant(), place] { collector_.look(tenant, place); });
    }
    return Received{};
}

Result<bool> Incoming::take_held(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                 std::string_view id) {
    SCHWARM_TRY(conversation, find_conversation(batch, id));
    if (conversation) SCHWARM_TRY_VOID(pass_gaps(batch, id, *conversation));
    // The first message of a conversation may be held for its documents.
    const std::string place = keys::held(id, conversation ? conversation->next_expected : 1);
    SCHWARM_TRY(plain, batch.get_sealed(place));
    if (!plain) return false;
    SCHWARM_TRY(envelope, decode_held(*plain));
    SCHWARM_TRY(awaits, awaits_documents(batch, envelope));
    if (awaits) return false;
    batch.erase(Space::exchange, place);
    SCHWARM_TRY(kept,
                batch.get(Space::exchange, keys::received(envelope.from.text(), envelope.id)));
    SCHWARM_TRY(outcome, first_time(batch, desk, envelope));
    if (kept) {
        SCHWARM_TRY(known, Received::decode(*kept));
        outcome.content = known.content;
    }
    SCHWARM_TRY_VOID(
        forget_documents(batch, envelope, outcome.state == exchange::ReceiptState::processed));
    SCHWARM_TRY_VOID(note(batch, envelope, outcome));
    return true;
}

Result<Received> Incoming::give(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                const exchange::Envelope& envelope,
                                const Conversation& conversation) {
    Received out;
    out.case_id = conversation.case_id;
    const auto row = desk.case_row(conversation.case_id);
    if (row.has_error()) {
        if (!is_answer(row.error())) return row.error();
        out.case_id = CaseId();
        out.state = exchange::ReceiptState::closed;
        return out;
    }
    if (row.value().status != engine::CaseStatus::active) {
        out.state = exchange::ReceiptState::closed;
        return out;
    }
    // The log says it about the case.
    const auto refused = [&](const Error& error) {
        out = refusal(error);
        out.case_id = conversation.case_id;
        return out;
    };
    SCHWARM_TRY(type, parse_type(envelope.type));
    if (const auto fits =
            environment_.contracts.check(type.contract, type.version, type.message, envelope.body);
        fits.has_error()) {
        return refused(fits.error());
    }
    SCHWARM_TRY(wrong, wrong_documents(batch, envelope));
    if (!wrong.empty()) return refused(fail(ErrorCode::conflict, wrong));
    SCHWARM_TRY(names, names_for_documents(batch, conversation.case_id, envelope));
    SCHWARM_TRY(content, content_of(envelope, names));
    SCHWARM_TRY_VOID(give_documents(batch, conversation.case_id, envelope, names));
    runtime::Message message;
    message.name = type.message;
    message.correlation_key = engine::partner_key(conversation.case_id, conversation.participant);
    message.time_to_live =
        std::max(envelope.expires - batch.now(), std::chrono::milliseconds(0)) + options_.kept;
    message.variables = engine::Variables::from_context(content);
    message.only_for = conversation.case_id;
    SCHWARM_TRY(published, desk.publish(message));
    out.state = exchange::ReceiptState::processed;
    return out;
}

Result<Received> Incoming::start(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                 const exchange::Envelope& envelope) {
    const auto answered = [&](const Error& error) -> Result<Received> {
        if (!is_answer(error)) return error;
        // What is sent instead has the next sequence.
        Conversation passed_over;
        passed_over.peer = envelope.from.text();
        passed_over.next_expected = envelope.sequence + 1;
        put(batch, envelope.conversation, passed_over);
        return refusal(error);
    };
    const auto type = parse_type(envelope.type);
    if (type.has_error()) return answered(type.error());
    const auto& [contract, version, name] = type.value();
    const auto reception =
        environment_.contracts.reception(batch.tenant(), contract, version, name);
    if (reception.has_error()) return answered(reception.error());
    if (reception.value().start_element.empty()) {
        return answered(fail(ErrorCode::conflict, "no conversation begins with this message"));
    }
    if (const auto fits = environment_.contracts.check(contract, version, name, envelope.body);
        fits.has_error()) {
        return answered(fits.error());
    }
    SCHWARM_TRY(wrong, wrong_documents(batch, envelope));
    if (!wrong.empty()) return answered(fail(ErrorCode::conflict, wrong));
    SCHWARM_TRY(content, content_of(envelope, names_for_new_case(envelope)));
    const auto variables = environment_.contracts.start_variables(
        batch.tenant(), reception.value(), content, batch.now(),
        envelope.from.text() + "/" + envelope.id);
    if (variables.has_error()) return answered(variables.error());

    runtime::Submission submission;
    submission.tenant = batch.tenant();
    submission.command.actor = envelope.from.text();
    engine::CreateCase create;
    create.definition = reception.value().definition;
    create.start_element = reception.value().start_element;
    create.variables = variables.value();
    create.tags = {
        OriginTag{reception.value().participant, envelope.conversation, envelope.from.text()}
            .text()};
    submission.command.body = std::move(create);
    SCHWARM_TRY(reply, desk.attempt(std::move(submission)));
    if (!reply) return answered(fail(ErrorCode::conflict, "the service did not take it"));
    SCHWARM_TRY(names, names_for_documents(batch, reply->case_id, envelope));
    SCHWARM_TRY_VOID(give_documents(batch, reply->case_id, envelope, names));

    // The new case may have answered already, in this very command.
    SCHWARM_TRY(found, find_conversation(batch, envelope.conversation));
    Conversation conversation;
    if (found && found->case_id == reply->case_id) {
        conversation = std::move(*found);
    } else {
        conversation.case_id = reply->case_id;
        conversation.participant = reception.value().participant;
        conversation.peer = envelope.from.text();
        SCHWARM_TRY(next, first_sequence(batch, envelope.conversation));
        conversation.next_sent = next;
        batch.put(Space::exchange, keys::partner(reply->case_id, conversation.participant),
                  envelope.conversation);
    }
    conversation.next_expected = envelope.sequence + 1;
    put(batch, envelope.conversation, conversation);
    Received out;
    out.case_id = reply->case_id;
    out.state = exchange::ReceiptState::processed;
    return out;
}

}  // namespace schwarm::post
