// Membership: what a member answers to the proposals of others, and what it remembers.
#include <algorithm>

#include "directory/fields.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/exchange/directory_membership.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

constexpr json::Limits kMessageLimits{kMembershipMessageMax, 3, 1000};
constexpr json::Limits kHeldLimits{std::size_t{4} << 20, 3, 1000};
constexpr std::size_t kSeenMax = 64;  // of each member

std::vector<std::string> texts_of(const json::Value& message, std::string_view name) {
    std::vector<std::string> out;
    const json::Value* list = message.find(name);
    if (list == nullptr || !list->is_array()) return out;
    for (const json::Value& item : list->items()) {
        if (item.is_string()) out.push_back(item.as_string());
    }
    return out;
}

}  // namespace

void Membership::dispatch(MembershipAnswer& out, const MemberId& from, std::string_view text,
                          Instant now) {
    const auto read = json::parse(text, kMessageLimits);
    if (read.has_error() || !read.value().is_object()) return;
    const json::Value& message = read.value();
    const std::string type = message.string_or("type", "");
    if (type == "epoch") return on_epoch(out, message.string_or("epoch", ""));
    if (!is_open() || decided_ || tip_->content.find(from) == nullptr) return;
    const std::string jws = message.string_or("statement", "");
    if (type == "ask" || type == "behind" || type == "forgotten" || type == "certificate") {
        const auto predecessor = detail::read_hash(message.string_or("predecessor", ""));
        const std::int64_t round = message.int_or("round", 0);
        if (predecessor.has_error() || round < 1 || round > detail::kNumberMax) return;
        if (predecessor.value() != tip_->hash) {
            // Who is one epoch behind gets it; who is further behind, by the exchange of entries.
            if ((type == "ask" || type == "certificate") &&
                predecessor.value() == tip_->content.predecessor) {
                json::Writer w;
                w.begin_object().member("type", "epoch");
                w.member("epoch", write_epoch(*tip_)).end_object();
                send(out, from, w.take());
            }
            return;
        }
        if (type == "ask") return on_ask(out, from, static_cast<std::uint64_t>(round), now);
        if (type == "behind") return on_behind(static_cast<std::uint64_t>(round), now);
        if (type == "forgotten") return on_forgotten(out, from, static_cast<std::uint64_t>(round));
        return on_certificate(out, from, message);
    }
    if (type == "promise") return on_promise(out, from, message, now);
    if (type == "proposal") return on_proposal(out, jws, now);
    if (type == "assent") return on_assent(out, jws, now);
    if (type == "signature") return on_signature(out, jws);
}

void Membership::on_ask(MembershipAnswer& out, const MemberId& from, std::uint64_t round,
                        Instant now) {
    if (owner_of(*tip_, round) != from || round > round_limit(now)) return;
    if (held_.forgotten) {
        if (from != self_) send(out, from, simple("forgotten", round));
        return;
    }
    if (round < held_.promised) {
        return send(out, from, simple("behind", held_.promised));
    }
    if (round > held_.promised) {
        if (from != self_ && busy_with_ != from && now < busy_until_) return;
        if (busy_with_ != from || now >= busy_until_) {
            busy_with_ = from;
            busy_until_ = now + settings_.round_time;
        }
        Vote promise;
        promise.kind = VoteKind::promise;
        promise.member = self_;
        promise.predecessor = tip_->hash;
        promise.round = round;
        if (held_.signature_round > 0) {
            promise.locked = Locked{held_.signature_round, crypto::sha256(held_.signature_content),
                                    certificate_hash(held_.certificate)};
        }
        auto jws = sign_vote(cryptography_, key_, promise);
        CHECK(jws.has_value(), "the own key cannot sign");
        held_.promised = round;
        held_.promise = std::move(jws.value());
        store(out);
    }
    if (held_.promise.empty()) return;
    json::Writer w;
    w.begin_object().member("type", "promise").member("statement", held_.promise);
    // What was signed after this promise is no part of it.
    if (held_.signature_round > 0 && held_.signature_round < round) {
        w.member("content", held_.signature_content);
        w.name("certificate").begin_array();
        for (const std::string& assent : held_.certificate) w.value(assent);
        w.end_array();
    }
    w.end_object();
    send(out, from, w.take());
}

void Membership::on_forgotten(MembershipAnswer& out, const MemberId& from, std::uint64_t round) {
    if (!held_.forgotten || round <= held_.promised || recalled_.contains(from)) return;
    forgetful_.insert(from);
    recall(out);
}

void Membership::on_proposal(MembershipAnswer& out, const std::string& jws, Instant now) {
    const auto proposal = hear(out, jws);
    if (!proposal || proposal->kind != VoteKind::proposal || held_.forgotten) return;
    if (proposal->round < held_.promised) {
        return send(out, proposal->member, simple("behind", held_.promised));
    }
    if (held_.assent_round == proposal->round && held_.assent_content == proposal->content) {
        return send(out, proposal->member, statement("assent", held_.assent));
    }
    const auto checked = check_proposal(cryptography_, *tip_, *proposal);
    if (checked.has_error()) {
        out.lies.push_back({LieKind::forged_proposal, proposal->member, tip_->hash, {jws}, {}});
        return;
    }
    if (held_.assent_round >= proposal->round || held_.signature_round >= proposal->round ||
        proposal->round > round_limit(now)) {
        return;
    }
    // What more than two thirds assented to is admitted by the rule; the own opinion came too late.
    if (!checked.value().locked &&
        judge_.judge(*tip_, checked.value().content, now) != Judgement::accept) {
        return;
    }
    Vote assent;
    assent.kind = VoteKind::assent;
    assent.member = self_;
    assent.predecessor = tip_->hash;
    assent.round = proposal->round;
    assent.content = proposal->content;
    auto signed_assent = sign_vote(cryptography_, key_, assent);
    CHECK(signed_assent.has_value(), "the own key cannot sign");
    if (held_.promised < proposal->round) held_.promise.clear();
    held_.promised = proposal->round;
    held_.assent_round = proposal->round;
    held_.assent_content = proposal->content;
    held_.assent = std::move(signed_assent.value());
    store(out);
    send(out, proposal->member, statement("assent", held_.assent));
}

void Membership::on_certificate(MembershipAnswer& out, const MemberId& from,
                                const json::Value& message) {
    const auto round = static_cast<std::uint64_t>(message.int_or("round", 0));
    const std::string content = message.string_or("content", "");
    const crypto::Hash hash = crypto::sha256(content);
    if (held_.forgotten) return;
    if (round < held_.promised) return send(out, from, simple("behind", held_.promised));
    if (held_.signature_round == round) {
        if (crypto::sha256(held_.signature_content) == hash) {
            send(out, from, statement("signature", held_.signature));
        }
        return;
    }
    const auto assents = texts_of(message, "assents");
    for (const std::string& assent : assents) hear(out, assent);
    if (verify_votes(cryptography_, *tip_, VoteKind::assent, round, hash, assents).has_error()) {
        return;
    }
    // The proposer has proposed two contents in this round: this one gets no signature from here.
    if (held_.assent_round == round && held_.assent_content != hash) return;
    Vote signature;
    signature.kind = VoteKind::signature;
    signature.member = self_;
    signature.predecessor = tip_->hash;
    signature.round = round;
    signature.content = hash;
    auto jws = sign_vote(cryptography_, key_, signature);
    CHECK(jws.has_value(), "the own key cannot sign");
    if (held_.promised < round) held_.promise.clear();
    held_.promised = round;
    held_.signature_round = round;
    held_.signature_content = content;
    held_.certificate = assents;
    held_.signature = std::move(jws.value());
    store(out);
    send(out, from, statement("signature", held_.signature));
}

void Membership::on_epoch(MembershipAnswer& out, const std::string& text) {
    if (tip_ && !decided_) {
        const auto read = trusted_epoch(text);
        if (read.has_error()) return;
        if (read.value().content.predecessor == tip_->hash) {
            if (is_open()) {
                for (const std::string& jws : read.value().signatures) hear(out, jws);
            }
            auto epoch = verify_epoch(cryptography_, *tip_, text);
            if (epoch.has_value()) decide(out, std::move(epoch.value()));
            return;
        }
        if (read.value().hash == tip_->hash) return;
    }
    out.epochs.push_back(text);
}

std::optional<Vote> Membership::hear(MembershipAnswer& out, const std::string& jws) {
    for (const auto& [member, said] : seen_) {
        for (const Seen& before : said) {
            if (before.jws == jws) return before.vote;
        }
    }
    auto read = verify_vote(cryptography_, *tip_, jws);
    if (read.has_error()) return std::nullopt;
    Vote& vote = read.value();
    if (vote.member == self_) return std::move(vote);
    std::vector<Seen>& seen = seen_[vote.member];
    for (const Seen& before : seen) {
        if (const auto kind = contradiction(before.vote, vote)) {
            out.lies.push_back({*kind, vote.member, tip_->hash, {before.jws, jws}, {}});
            break;
        }
    }
    // A proposer that tells two stories is found by those who hold the other one.
    if (vote.kind == VoteKind::assent || vote.kind == VoteKind::signature) {
        for (Seen& held : seen_[owner_of(*tip_, vote.round)]) {
            if (!held.shown && held.vote.kind == VoteKind::proposal &&
                held.vote.round == vote.round && held.vote.content != vote.content) {
                held.shown = true;
                send_all(out, statement("proposal", held.jws));
            }
        }
    }
    if (seen.size() == kSeenMax) seen.erase(seen.begin());
    seen.push_back({vote, jws, false});
    return std::move(vote);
}

// ---- the row

std::string Membership::write_held(const crypto::Hash& predecessor, const Held& h) {
    json::Writer w;
    w.begin_object().member("predecessor", detail::hash_text(predecessor));
    w.member("closed", h.closed).member("promised", h.promised);
    if (h.forgotten) w.member("forgotten", true);
    if (!h.promise.empty()) w.member("promise", h.promise);
    if (h.assent_round > 0) {
        w.member("assent_round", h.assent_round);
        w.member("assent_content", detail::hash_text(h.assent_content)).member("assent", h.assent);
    }
    if (h.signature_round > 0) {
        w.member("signature_round", h.signature_round);
        w.member("signature_content", h.signature_content);
        if (!h.signature.empty()) w.member("signature", h.signature);
        w.name("certificate").begin_array();
        for (const std::string& assent : h.certificate) w.value(assent);
        w.end_array();
    }
    w.end_object();
    return w.take();
}

Result<Membership::Held> Membership::read_held(std::string_view text,
                                               const crypto::Hash& predecessor) {
    const auto value = json::parse(text, kHeldLimits);
    if (value.has_error()) return fail(ErrorCode::corrupt, value.error().text(), "row vote");
    detail::Fields::Failure failure;
    detail::Fields f(value.value(), "row vote", failure);
    Held h;
    if (f.hash("predecessor") != predecessor) f.refuse("predecessor", "of another epoch");
    h.closed = f.boolean("closed");
    h.promised = static_cast<std::uint64_t>(f.number("promised", 0));
    if (f.has("forgotten")) h.forgotten = f.boolean("forgotten");
    const std::size_t any = kHeldLimits.max_bytes;
    if (f.has("promise")) h.promise = f.text("promise", any);
    if (f.has("assent_round")) {
        h.assent_round = static_cast<std::uint64_t>(f.number("assent_round", 1));
        h.assent_content = f.hash("assent_content");
        h.assent = f.text("assent", any);
    }
    if (f.has("signature_round")) {
        h.signature_round = static_cast<std::uint64_t>(f.number("signature_round", 1));
        h.signature_content = f.text("signature_content", any);
        if (f.has("signature")) h.signature = f.text("signature", any);
        h.certificate = f.texts("certificate", 1, kMembersMax, any);
    }
    f.end();
    if (failure.error) {
        return fail(ErrorCode::corrupt, failure.error->message, failure.error->where);
    }
    return h;
}

std::string Membership::simple(std::string_view type, std::uint64_t round) const {
    json::Writer w;
    w.begin_object().member("type", type).member("predecessor", detail::hash_text(tip_->hash));
    w.member("round", round).end_object();
    return w.take();
}

std::string Membership::statement(std::string_view type, const std::string& jws) {
    json::Writer w;
    w.begin_object().member("type", type).member("statement", jws).end_object();
    return w.take();
}

}  // namespace schwarm::exchange
