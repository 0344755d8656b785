#include "schwarm/post/post.hpp"

#include "attachments.hpp"
#include "collector.hpp"
#include "held.hpp"
#include "incoming.hpp"
#include "mail.hpp"
#include "outgoing.hpp"
#include "recovery.hpp"
#include "restored_peer.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::post {

using storage::Space;

namespace {

constexpr std::size_t kErasedAtOnce = 500;
constexpr auto kEraseEvery = std::chrono::minutes(1);

// Rows whose time is over; those left are taken the next time.
Result<void> erase_due(runtime::WriteBatch& batch) {
    storage::ScanRange range;
    range.from = std::string(keys::kErasePrefix);
    range.to = keys::erase_before(batch.now());
    range.limit = kErasedAtOnce;
    std::vector<std::string> held;
    SCHWARM_TRY_VOID(
        batch.scan(Space::exchange, range, [&](std::string_view key, std::string_view) {
            std::string erased = keys::erased_key(key);
            batch.erase(Space::exchange, key);
            if (erased.starts_with(keys::kHeldPrefix)) {
                held.push_back(std::move(erased));
            } else {
                batch.erase(Space::exchange, erased);
            }
            return true;
        }));
    for (const std::string& key : held) {
        if (const auto erased = erase_held(batch, key); erased.has_error()) return erased.error();
    }
    return {};
}

}  // namespace

class Post::Impl {
  public:
    Impl(Environment environment, const Options& options)
        : environment_(std::move(environment)),
          options_(options),
          attachments_(environment_, options_),
          outgoing_(environment_, options_, keys_, attachments_, meters_),
          collector_(environment_, options_, meters_),
          incoming_(environment_, options_, keys_, collector_, meters_),
          restored_peer_(environment_, options_, outgoing_, incoming_),
          recovery_(environment_, options_, outgoing_, incoming_, restored_peer_) {
        outgoing_.block([this](const TenantId& tenant, std::string_view member) {
            return recovery_.blocked(tenant, member);
        });
    }

    Result<void> open(runtime::Runtime& runtime, const std::vector<TenantId>& tenants) {
        runtime_ = &runtime;
        tenants_ = tenants;
        incoming_.use(runtime);
        attachments_.use(runtime);
        restored_peer_.use(runtime, tenants);
        SCHWARM_TRY_VOID(recovery_.load(runtime, tenants));
        for (const TenantId& tenant : tenants) {
            SCHWARM_TRY_VOID(keys_.ensure(runtime, tenant, environment_));
        }
        SCHWARM_TRY_VOID(outgoing_.load(runtime, tenants));
        return collector_.load(runtime, tenants,
                               [this](const TenantId& tenant, const std::string& conversation) {
                                   incoming_.go_on(tenant, conversation);
                               });
    }

    Result<std::string> segments(const exchange::MemberId& from, std::string_view text) {
        SCHWARM_TRY_VOID(check_signing());
        const auto question = Question::parse(text);
        if (question.has_error()) {
            ++meters_.rejected;
            return question.error();
        }
        SCHWARM_TRY(out, attachments_.segments(from, question.value()));
        if (out.size() < options_.segments_at_once * exchange::kSegmentBytes) {  // its end
            outgoing_.expect_receipt(question->from.tenant, question->to.text(), question->message);
        }
        return out;
    }

    Instant tick() {
        const Instant now = environment_.clock.now();
        if (next_erase_ <= now) {
            next_erase_ = now + kEraseEvery;
            for (const TenantId& tenant : tenants_) {
                runtime_->submit_write(tenant, erase_due, [](Result<void>) {});
            }
        }
        // Nothing is asked for before the node may speak again.
        const Instant collects = recovery_.silent() ? next_erase_ : collector_.tick();
        return std::min({outgoing_.tick(), collects, recovery_.tick(), next_erase_});
    }

    void receive(const exchange::MemberId& from, std::string_view request,
                 std::function<void(Result<std::string>)> answer) {
        const bool asks = is_restored_question(request);
        if (recovery_.silent() || (!asks && recovery_.blocked(from.value()))) {
            answer(fail(ErrorCode::unavailable,
                        "this node was restored from a backup and has not asked everybody yet"));
        } else if (asks) {
            restored_peer_.answer(from, request, std::move(answer));
        } else {
            incoming_.receive(from, request, std::move(answer));
        }
    }

    Result<void> check_signing() const {
        if (!recovery_.silent()) return {};
        return fail(ErrorCode::unavailable, "a restored node signs nothing before it has asked");
    }

    Environment environment_;
    const Options options_;
    Meters meters_;
    TenantKeys keys_;
    Attachments attachments_;
    Outgoing outgoing_;
    Collector collector_;
    Incoming incoming_;
    RestoredPeer restored_peer_;
    Recovery recovery_;
    runtime::Runtime* runtime_ = nullptr;
    std::vector<TenantId> tenants_;
    Instant next_erase_{};
};

Post::Post(Environment environment, Options options)
    : impl_(std::make_unique<Impl>(std::move(environment), options)) {}
Post::~Post() = default;

std::map<std::string, runtime::LocalEffect, std::less<>> Post::local_effects() {
    std::map<std::string, runtime::LocalEffect, std::less<>> out;
    out.emplace("deliver", [this](const engine::Effect& effect, const engine::CaseState& state,
                                  runtime::WriteBatch& batch) {
        return impl_->outgoing_.record(effect, state, batch);
    });
    out.emplace("redeliver", [this](const engine::Effect&, const engine::CaseState& state,
                                    runtime::WriteBatch& batch) {
        return impl_->outgoing_.record_again(state, batch);
    });
    return out;
}

Result<void> Post::open(runtime::Runtime& runtime, const std::vector<TenantId>& tenants) {
    return impl_->open(runtime, tenants);
}

Result<void> Post::send(runtime::WriteBatch& batch, NodeMessage message) {
    return impl_->outgoing_.record(std::move(message), batch);
}

void Post::erase_later(runtime::WriteBatch& batch, Instant at, std::string_view key) {
    batch.put(Space::exchange, keys::erase_at(at, key), {});
}

Result<std::string> Post::seal(const exchange::Envelope& envelope) const {
    SCHWARM_TRY_VOID(impl_->check_signing());
    return impl_->outgoing_.seal(envelope);
}

Result<exchange::Envelope> Post::unseal(std::string_view envelope,
                                        const exchange::MemberId& from) const {
    SCHWARM_TRY(arrival, impl_->incoming_.open(from, envelope));
    return std::move(arrival.envelope);
}

Result<exchange::PublicKey> Post::signing_key(const TenantId& tenant) const {
    SCHWARM_TRY(pairs, impl_->keys_.find(tenant));
    return pairs->listed_sign();
}

Result<exchange::PublicKey> Post::sealing_key(const TenantId& tenant) const {
    SCHWARM_TRY(pairs, impl_->keys_.find(tenant));
    return pairs->listed_seal();
}

bool Post::exchanges_keys(const TenantId& tenant) const {
    const auto pairs = impl_->keys_.find(tenant);
    return pairs.has_value() && pairs.value()->next.has_value();
}

Result<exchange::PublicKey> Post::current_key(const TenantId& tenant) const {
    SCHWARM_TRY(pairs, impl_->keys_.find(tenant));
    return pairs->sign.public_key;
}

Result<bool> Post::begin_key_exchange(const TenantId& tenant, std::string_view from) {
    SCHWARM_TRY_VOID(impl_->check_signing());
    return impl_->keys_.begin_exchange(*impl_->runtime_, tenant, from, impl_->environment_);
}

Result<void> Post::finish_key_exchange(const TenantId& tenant) {
    return impl_->keys_.finish_exchange(*impl_->runtime_, tenant, impl_->environment_.clock.now());
}

void Post::erase_old_keys() {
    impl_->keys_.erase_old(*impl_->runtime_, impl_->environment_.clock.now());
}

Result<std::string> Post::sign(const TenantId& tenant, std::string_view type,
                               std::string_view payload) const {
    SCHWARM_TRY_VOID(impl_->check_signing());
    SCHWARM_TRY(pairs, impl_->keys_.find(tenant));
    return impl_->environment_.cryptography.sign(pairs->sign, type, payload);
}

Instant Post::tick() {
    return impl_->tick();
}

void Post::network_changed() {
    impl_->outgoing_.network_changed();
}

void Post::heard_of(const exchange::MemberId& member) {
    impl_->outgoing_.heard_of(member);
    impl_->collector_.heard_of(member);
}

void Post::receive(const exchange::MemberId& from, std::string_view request,
                   std::function<void(Result<std::string>)> answer) {
    impl_->receive(from, request, std::move(answer));
}

bool Post::restored() const {
    return impl_->recovery_.active();
}

void Post::recover(const std::vector<exchange::MemberId>& members) {
    impl_->recovery_.begin(members);
}

std::vector<Awaited> Post::awaited() const {
    return impl_->recovery_.awaited();
}

Result<std::string> Post::segments(const exchange::MemberId& from, std::string_view question) {
    return impl_->segments(from, question);
}

Result<CaseMail> Post::mail(const TenantId& tenant, CaseId id) const {
    SCHWARM_TRY(view, impl_->runtime_->read(tenant));
    SCHWARM_TRY(mail, read_mail(view, id));
    for (SentMessage& message : mail.sent) {
        if (message.open && message.reason.empty()) {
            message.reason = impl_->outgoing_.obstacle(tenant, message.to);
        }
    }
    for (CaseConversation& conversation : mail.conversations) {
        const auto peer = exchange::parse_address(conversation.peer);
        if (peer.has_error() || peer->member != impl_->environment_.member ||
            peer->tenant == tenant) {
            continue;
        }
        auto there = impl_->runtime_->read(peer->tenant);
        if (there.has_error()) continue;
        SCHWARM_TRY(other, case_of_conversation(there.value(), conversation.id));
        if (other) conversation.other = std::pair(peer->tenant, *other);
    }
    return mail;
}

std::vector<Waiting> Post::waiting(const TenantId& tenant, std::size_t limit) const {
    return impl_->outgoing_.waiting(tenant, limit);
}

Metrics Post::metrics() const {
    Metrics out = impl_->meters_.read();
    out.waiting = impl_->outgoing_.count();
    return out;
}

}  // namespace schwarm::post
