#include "forger.hpp"

#include "schwarm/crypto/encode.hpp"
#include "schwarm/exchange/envelope.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::sim {
namespace {

using exchange::DirectoryBatch;

const exchange::MemberId kStranger("fremd");

std::string question_with(const exchange::Directory& directory, const DirectoryBatch& batch) {
    json::Writer out;
    out.begin_object().member("summary", exchange::write_summary(directory.summary()));
    out.member("batch", exchange::write_batch(batch)).end_object();
    return out.take();
}

std::string statement(std::string_view type, const std::string& jws) {
    json::Writer out;
    out.begin_object().member("type", type).member("statement", jws).end_object();
    return out.take();
}

}  // namespace

Forger::Forger(const Stage& stage) : stage_(stage) {
    SeededRandom random(stage.setup.seed);
    stranger_ = stage.cryptography.make_key(exchange::KeyUse::sign, random).value();
}

void Forger::plan(milliseconds troubles) {
    const auto at_random = [&](int times, void (Forger::*what)(), bool liar) {
        for (int i = 0; i < times; ++i) {
            const auto span = static_cast<std::uint64_t>(troubles.count());
            stage_.time.after(milliseconds(stage_.dice() % span), [this, what, liar] {
                if (!liar || stage_.liar().up()) (this->*what)();
            });
        }
    };
    at_random(6, &Forger::write_as_a_stranger, false);
    if (!stage_.setup.liar) return;
    if (stage_.happens(0.5)) at_random(3, &Forger::fork, true);
    at_random(8, &Forger::enter_for_another, true);
    at_random(4, &Forger::make_an_epoch, true);
    at_random(4, &Forger::vote_twice, true);
}

std::size_t Forger::victim() const {
    return stage_.dice() % stage_.honest();
}

void Forger::push(const DirectoryBatch& batch) {
    const auto own = stage_.liar().directory().now();
    stage_.send(stage_.nodes.size() - 1, victim(), What::directory, question_with(*own, batch));
}

std::string Forger::forged_entry(const exchange::MemberId& member, std::uint64_t number,
                                 const crypto::Hash& previous, Instant time) {
    exchange::DirectoryEntry entry{member, number, previous, time, {}};
    entry.body = exchange::ServiceEntry{TenantId("amt-" + member.value()),
                                        "anfrage",
                                        std::to_string(stage_.dice() % 1'000'000),
                                        "stelle",
                                        {}};
    const std::string text = exchange::write_entry(entry);
    if (member != stage_.liar().member()) forged_.insert(exchange::entry_hash(text));
    return exchange::sign_entry(stage_.cryptography, stage_.liar().operator_key, entry).value();
}

// Another last entry than the one that all know, for one of them only.
void Forger::fork() {
    const auto own = stage_.liar().directory().now();
    const exchange::Chain* chain = own->chain(stage_.liar().member());
    if (chain == nullptr || chain->length() < 3 || chain->fork()) return;
    stage_.met("fork");
    const std::uint64_t number = chain->length() + stage_.dice() % 2;
    DirectoryBatch batch;
    batch.entries = {forged_entry(chain->member(), number, chain->hash_at(number - 1),
                                  chain->time() + milliseconds(1))};
    push(batch);
    if (number <= chain->length()) return;
    batch.entries = {forged_entry(chain->member(), number, chain->hash_at(number - 1),
                                  chain->time() + milliseconds(1))};
    push(batch);
}

// The next entry of an honest member, or another one in place of an old one, signed with the
// liar's own key.
void Forger::enter_for_another() {
    const auto own = stage_.liar().directory().now();
    const Member& other = *stage_.nodes[victim()];
    const exchange::Chain* chain = own->chain(other.member());
    if (chain == nullptr || chain->length() == 0) return;
    stage_.met("false entry");
    const std::uint64_t number = chain->length() + stage_.dice() % 2;
    DirectoryBatch batch;
    batch.entries = {forged_entry(other.member(), number, chain->hash_at(number - 1),
                                  chain->time() + milliseconds(1))};
    push(batch);
}

// With the stranger as a member; the liar has signed it often enough, but alone.
void Forger::make_an_epoch() {
    const auto own = stage_.liar().directory().now();
    stage_.met("false epoch");
    exchange::Epoch epoch;
    epoch.content = own->next_content(stage_.time.now());
    exchange::EpochMember stranger;
    stranger.member = kStranger;
    stranger.origin = stranger_.public_key.kid;
    stranger.key = stranger_.public_key;
    epoch.content.members.insert(epoch.content.members.begin(), stranger);
    epoch.content_text = exchange::write_content(epoch.content);
    epoch.hash = crypto::sha256(epoch.content_text);
    epoch.round = 1;
    exchange::Vote vote;
    vote.kind = exchange::VoteKind::signature;
    vote.member = stage_.liar().member();
    vote.predecessor = epoch.content.predecessor;
    vote.round = epoch.round;
    vote.content = epoch.hash;
    const auto jws =
        exchange::sign_vote(stage_.cryptography, stage_.liar().operator_key, vote).value();
    epoch.signatures.assign(epoch.content.members.size(), jws);
    DirectoryBatch batch;
    batch.epochs = {exchange::write_epoch(epoch)};
    push(batch);
    json::Writer message;
    message.begin_object().member("type", "epoch").member("epoch", batch.epochs.front());
    stage_.send(stage_.nodes.size() - 1, victim(), What::membership, message.end_object().take());
}

// Two contents in one round, to one member or to two.
void Forger::vote_twice() {
    const auto own = stage_.liar().directory().now();
    stage_.met("double vote");
    exchange::Vote vote;
    vote.kind = stage_.happens(0.5) ? exchange::VoteKind::assent : exchange::VoteKind::signature;
    vote.member = stage_.liar().member();
    vote.predecessor = own->tip().hash;
    vote.round = 1 + stage_.dice() % 50;
    const std::size_t first = victim();
    for (const char* content : {"eins", "zwei"}) {
        vote.content = crypto::sha256(content);
        const auto jws =
            exchange::sign_vote(stage_.cryptography, stage_.liar().operator_key, vote).value();
        stage_.send(stage_.nodes.size() - 1, stage_.happens(0.8) ? first : victim(),
                    What::membership, statement(exchange::name_of(vote.kind), jws));
    }
}

// A well-formed envelope of a tenant that no directory names, past the check of the TLS key.
void Forger::write_as_a_stranger() {
    Member& node = *stage_.nodes[victim()];
    if (!node.up()) return;
    if (node.exchange().sender(crypto::hex_encode("the stranger's key"), true)) {
        stage_.violated(node.name + " hears a key that nobody has entered");
    }
    stage_.met("outsider");
    SeededRandom random(stage_.dice());
    exchange::Envelope envelope;
    envelope.from = {TenantId("amt-fremd"), kStranger};
    envelope.to = node.address();
    envelope.type = "anfrage/1/anfrage";
    envelope.id = "fremd-" + std::to_string(++strangers_);
    envelope.conversation = envelope.id;
    envelope.sequence = 1;
    envelope.time = node.clock.now();
    envelope.expires = envelope.time + std::chrono::minutes(5);
    envelope.purpose = "Simulation";
    envelope.legal_basis = "§ 1 Sim";
    envelope.body = json::Value::object({{"nummer", 1}});
    const auto jwe =
        exchange::make_envelope(envelope, stranger_, node.post().sealing_key(node.tenant()).value(),
                                stage_.cryptography, random);
    json::Writer request;
    request.begin_object().name("envelopes").begin_array().value(jwe.value()).end_array();
    const std::uint64_t before = node.post().metrics().received;
    node.post().receive(kStranger, request.end_object().take(), [](const Result<std::string>&) {});
    node.runtime().run();
    if (node.post().metrics().received != before) {
        stage_.violated("a message of a stranger was taken by " + node.name);
    }
}

std::string Forger::answer(std::string truth) {
    if (old_answer_.empty() || stage_.happens(0.05)) old_answer_ = truth;
    if (stage_.happens(0.7)) return truth;
    if (stage_.happens(0.3)) {
        stage_.met("rolled-back directory");
        return old_answer_;
    }
    auto value = json::parse(truth).value();
    auto batch = exchange::read_batch(value.string_or("batch", ""));
    if (batch.has_error() || batch.value().entries.empty()) return truth;
    stage_.met("forged directory");
    std::string& jws = batch.value().entries[stage_.dice() % batch.value().entries.size()];
    jws[jws.size() / 2] = jws[jws.size() / 2] == 'A' ? 'B' : 'A';
    value.set("batch", exchange::write_batch(batch.value()));
    return json::to_string(value);
}

void Forger::check() const {
    for (const auto& node : stage_.nodes) {
        if (!node->up()) continue;
        const auto directory = node->directory().now();
        if (directory->admitted(kStranger)) stage_.violated(node->name + " admits the stranger");
        for (const auto& other : stage_.nodes) {
            const exchange::Chain* chain = directory->chain(other->member());
            for (std::uint64_t i = 1; chain != nullptr && i <= chain->length(); ++i) {
                if (forged_.contains(chain->hash_at(i))) {
                    stage_.violated(node->name + " believes a forged entry of " + other->name);
                }
            }
        }
    }
}

}  // namespace schwarm::sim
