#include "schwarm/exchange/directory_membership.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "directory/fields.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

constexpr std::uint64_t kAttemptsCounted = 4;

void write_list(json::Writer& w, std::string_view name, const std::vector<std::string>& texts) {
    w.name(name).begin_array();
    for (const std::string& text : texts) w.value(text);
    w.end_array();
}

}  // namespace

Membership::Membership(const Cryptography& cryptography, const MembershipJudge& judge,
                       Random& random, MemberId self, MembershipSettings settings)
    : cryptography_(cryptography),
      judge_(judge),
      random_(random),
      self_(std::move(self)),
      settings_(settings) {}

std::size_t Membership::quorum() const {
    return detail::quorum(tip_->content.members.size());
}

std::uint64_t Membership::round_limit(const Epoch& tip, Instant now) const {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now - tip.content.time).count();
    const std::uint64_t laps =
        settings_.laps_ahead + (seconds > 0 ? static_cast<std::uint64_t>(seconds) : 0);
    return laps * tip.content.members.size();
}

Result<DirectoryRow> Membership::forgotten(const Epoch& tip,
                                           const std::optional<std::string>& stored,
                                           Instant now) const {
    Held held;
    if (stored) {
        SCHWARM_TRY(read, read_held(*stored, tip.hash));
        held = std::move(read);
    }
    held.forgotten = true;
    held.promised = std::max(held.promised, round_limit(tip, now));
    held.promise.clear();
    return DirectoryRow{row_key::vote(tip.hash), write_held(tip.hash, held)};
}

Result<MembershipAnswer> Membership::follow(const Epoch& tip, const KeyPair& key,
                                            const std::optional<std::string>& stored) {
    MembershipAnswer out;
    const EpochMember* self = tip.content.find(self_);
    if (self != nullptr && self->key != key.public_key) {
        return fail(ErrorCode::invalid_input,
                    "the epoch lists another operator key of " + self_.value());
    }
    Held held;
    if (stored) {
        SCHWARM_TRY(read, read_held(*stored, tip.hash));
        held = std::move(read);
    }
    if (tip_ && mine_ && tip.content.predecessor == tip_->hash) {
        // Only the numbers are still needed: that nothing is signed here again.
        Held closed;
        closed.closed = true;
        out.rows.push_back({row_key::vote(tip_->hash), write_held(tip_->hash, closed)});
    }
    tip_ = tip;
    mine_ = self != nullptr;
    key_ = key;
    held_ = std::move(held);
    wanted_.reset();
    attempt_.reset();
    attempts_ = 0;
    round_hint_ = 0;
    next_attempt_ = busy_until_ = Instant{};
    decided_ = false;
    recalled_.clear();
    forgetful_.clear();
    seen_.clear();
    to_self_.clear();
    return out;
}

MembershipAnswer Membership::propose(const EpochContent& content, Instant now) {
    MembershipAnswer out;
    if (!is_open()) return out;
    wanted_ = content;
    if (!attempt_ && now >= next_attempt_) start_round(out, now);
    drain(out, now);
    return out;
}

MembershipAnswer Membership::handle(const MemberId& from, std::string_view text, Instant now) {
    MembershipAnswer out;
    dispatch(out, from, text, now);
    drain(out, now);
    return out;
}

MembershipAnswer Membership::tick(Instant now) {
    MembershipAnswer out;
    if (!is_open() || decided_) return out;
    if (attempt_ && now - attempt_->started >= settings_.round_time) {
        attempt_.reset();
        ++attempts_;
        std::array<std::byte, 4> bytes{};
        random_.fill(bytes);
        std::uint32_t dice = 0;
        std::memcpy(&dice, bytes.data(), bytes.size());
        const auto span = static_cast<std::uint64_t>(settings_.round_time.count()) *
                          std::min(attempts_, kAttemptsCounted);
        next_attempt_ = now + std::chrono::milliseconds(dice % (span + 1));
    }
    if (attempt_) {
        if (now - attempt_->sent >= settings_.resend) send_phase(out, now, true);
    } else if ((wanted_ || held_.forgotten) && now >= next_attempt_) {
        start_round(out, now);
    }
    drain(out, now);
    return out;
}

void Membership::store(MembershipAnswer& out) const {
    DirectoryRow row{row_key::vote(tip_->hash), write_held(tip_->hash, held_)};
    for (DirectoryRow& earlier : out.rows) {
        if (earlier.key == row.key) {
            earlier = std::move(row);
            return;
        }
    }
    out.rows.push_back(std::move(row));
}

void Membership::send(MembershipAnswer& out, const MemberId& to, std::string text) {
    if (to == self_) {
        to_self_.push_back(std::move(text));
    } else {
        out.messages.push_back({to, std::move(text)});
    }
}

void Membership::send_all(MembershipAnswer& out, const std::string& text) {
    for (const EpochMember& m : tip_->content.members) send(out, m.member, text);
}

void Membership::drain(MembershipAnswer& out, Instant now) {
    while (!to_self_.empty()) {
        const std::string text = std::move(to_self_.front());
        to_self_.pop_front();
        dispatch(out, self_, text, now);
    }
}

// ---- proposing

void Membership::start_round(MembershipAnswer& out, Instant now) {
    if (busy_with_ != self_ && now < busy_until_) return;
    const auto& members = tip_->content.members;
    const std::uint64_t size = members.size();
    const auto own = static_cast<std::uint64_t>(tip_->content.find(self_) - members.data());
    const std::uint64_t above = std::max(held_.promised, round_hint_) + 1;
    const std::uint64_t round = above + (own + size - above % size) % size;
    if (round > round_limit(now)) {
        next_attempt_ = now + std::chrono::seconds(1);
        return;
    }
    attempt_ = Attempt{};
    attempt_->round = round;
    attempt_->started = now;
    send_phase(out, now, false);
    if (held_.forgotten) recall(out);
}

void Membership::send_phase(MembershipAnswer& out, Instant now, bool again) {
    Attempt& a = *attempt_;
    a.sent = now;
    std::string text;
    const auto missing = [&](const auto& have) {
        for (const EpochMember& m : tip_->content.members) {
            if (!have.contains(m.member) && !recalled_.contains(m.member) &&
                !(again && m.member == self_)) {
                send(out, m.member, text);
            }
        }
    };
    if (a.proposal.empty()) {
        text = simple("ask", a.round);
        missing(a.promises);
    } else if (a.certificate.empty()) {
        text = statement("proposal", a.proposal);
        missing(a.assents);
    } else {
        json::Writer w;
        w.begin_object().member("type", "certificate");
        w.member("predecessor", detail::hash_text(tip_->hash)).member("round", a.round);
        w.member("content", a.content);
        write_list(w, "assents", a.certificate);
        w.end_object();
        text = w.take();
        missing(a.signatures);
    }
}

void Membership::on_behind(std::uint64_t round, Instant now) {
    // Approached in steps that double, so that a liar cannot drive this node to the limit at once.
    const std::uint64_t step =
        2 * std::max(held_.promised, round_hint_) + 4 * tip_->content.members.size();
    round_hint_ = std::max(round_hint_, std::min({round, step, round_limit(now)}));
}

void Membership::on_promise(MembershipAnswer& out, const MemberId& from, const json::Value& message,
                            Instant now) {
    const std::string jws = message.string_or("statement", "");
    const auto vote = hear(out, jws);
    if (!vote || vote->kind != VoteKind::promise || vote->member != from) return;
    Promised promised{jws, vote->locked, message.string_or("content", ""), {}};
    if (vote->locked) {
        if (const json::Value* list = message.find("certificate"); list && list->is_array()) {
            for (const json::Value& item : list->items()) {
                if (item.is_string()) promised.certificate.push_back(item.as_string());
            }
        }
        if (certificate_hash(promised.certificate) != vote->locked->certificate) return;
        const bool sound = vote->locked->round < vote->round &&
                           verify_votes(cryptography_, *tip_, VoteKind::assent, vote->locked->round,
                                        vote->locked->content, promised.certificate)
                               .has_value();
        if (!sound) {
            out.lies.push_back(
                {LieKind::forged_report, from, tip_->hash, {jws}, std::move(promised.certificate)});
            return;
        }
        for (const std::string& assent : promised.certificate) hear(out, assent);
        if (crypto::sha256(promised.content) != vote->locked->content) return;
    }
    if (held_.forgotten) {
        if (vote->round <= held_.promised || from == self_) return;
        recalled_[from] = std::move(promised);
        forgetful_.erase(from);
        return recall(out);
    }
    if (!attempt_ || attempt_->round != vote->round || !attempt_->proposal.empty()) return;
    attempt_->promises[from] = std::move(promised);
    if (attempt_->promises.size() >= quorum()) make_proposal(out, now);
}

// Whatever may have become an epoch with a signature that is forgotten here has been signed by a
// quorum. One of it is honest and reports it, if so many promised, of whom a third of all may lie,
// that every quorum has more of them than that; or if all promised who can.
void Membership::recall(MembershipAnswer& out) {
    const std::size_t members = tip_->content.members.size();
    const std::size_t liars = (members - 1) / 3;
    const bool enough = recalled_.size() >= members - quorum() + liars + 1 ||
                        recalled_.size() + forgetful_.size() >= members - 1;
    if (!attempt_ || !enough) return;
    const Promised* highest = highest_report(recalled_);
    if (highest != nullptr && highest->locked->round > held_.signature_round) {
        held_.signature_round = highest->locked->round;
        held_.signature_content = highest->content;
        held_.certificate = highest->certificate;
        held_.signature.clear();  // in a round that is over
    }
    held_.promised = attempt_->round;
    held_.forgotten = false;
    recalled_.clear();
    forgetful_.clear();
    attempt_.reset();
    attempts_ = 0;
    store(out);
}

const Membership::Promised* Membership::highest_report(
    const std::map<MemberId, Promised>& promises) {
    const Promised* highest = nullptr;
    for (const auto& [member, promise] : promises) {
        if (promise.locked &&
            (highest == nullptr || highest->locked->round < promise.locked->round)) {
            highest = &promise;
        }
    }
    return highest;
}

void Membership::make_proposal(MembershipAnswer& out, Instant now) {
    Attempt& a = *attempt_;
    Vote proposal;
    proposal.kind = VoteKind::proposal;
    proposal.member = self_;
    proposal.predecessor = tip_->hash;
    proposal.round = a.round;
    for (const auto& [member, promise] : a.promises) proposal.promises.push_back(promise.jws);
    if (const Promised* highest = highest_report(a.promises)) {
        proposal.content_text = highest->content;
        proposal.certificate = highest->certificate;
    } else {
        proposal.content_text = write_content(*wanted_);
    }
    a.content = proposal.content_text;
    a.hash = crypto::sha256(a.content);
    auto jws = sign_vote(cryptography_, key_, proposal);
    CHECK(jws.has_value(), "the own key cannot sign");
    a.proposal = std::move(jws.value());
    send_phase(out, now, false);
}

void Membership::on_assent(MembershipAnswer& out, const std::string& jws, Instant now) {
    const auto vote = hear(out, jws);
    if (!vote || vote->kind != VoteKind::assent || !attempt_ || attempt_->proposal.empty() ||
        !attempt_->certificate.empty() || vote->round != attempt_->round ||
        vote->content != attempt_->hash) {
        return;
    }
    attempt_->assents[vote->member] = jws;
    if (attempt_->assents.size() < quorum()) return;
    for (const auto& [member, assent] : attempt_->assents) attempt_->certificate.push_back(assent);
    send_phase(out, now, false);
}

void Membership::on_signature(MembershipAnswer& out, const std::string& jws) {
    const auto vote = hear(out, jws);
    if (!vote || vote->kind != VoteKind::signature || !attempt_ || attempt_->certificate.empty() ||
        vote->round != attempt_->round || vote->content != attempt_->hash) {
        return;
    }
    attempt_->signatures[vote->member] = jws;
    if (attempt_->signatures.size() < quorum()) return;
    auto content = read_content(attempt_->content);
    CHECK(content.has_value(), "more than two thirds signed a content that cannot be read");
    Epoch epoch{std::move(content.value()), attempt_->content, attempt_->hash, attempt_->round, {}};
    for (const auto& [member, signature] : attempt_->signatures) {
        epoch.signatures.push_back(signature);
    }
    json::Writer w;
    w.begin_object().member("type", "epoch").member("epoch", write_epoch(epoch)).end_object();
    const std::string text = w.take();
    for (const EpochMember& m : tip_->content.members) {
        if (m.member != self_) send(out, m.member, text);
    }
    decide(out, std::move(epoch));
}

void Membership::decide(MembershipAnswer& out, Epoch epoch) {
    decided_ = true;
    attempt_.reset();
    out.decided = std::move(epoch);
}

}  // namespace schwarm::exchange
