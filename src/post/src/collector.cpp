#include "collector.hpp"

#include <algorithm>

#include "attachments.hpp"
#include "back_off.hpp"
#include "held.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::post {

using exchange::MemberId;
using storage::Space;

Result<void> Collector::load(runtime::Runtime& runtime, const std::vector<TenantId>& tenants,
                             Settled settled) {
    runtime_ = &runtime;
    settled_ = std::move(settled);
    for (const TenantId& tenant : tenants) {
        SCHWARM_TRY(view, runtime.read(tenant));
        SCHWARM_TRY_VOID(view.scan(Space::exchange,
                                   storage::prefix_range(std::string(keys::kHeldPrefix)),
                                   [&](std::string_view key, std::string_view) {
                                       look(tenant, std::string(key));
                                       return true;
                                   }));
    }
    return {};
}

void Collector::look(const TenantId& tenant, std::string held_key) {
    {
        const std::lock_guard lock(mutex_);
        fresh_.emplace_back(tenant, std::move(held_key));
    }
    if (environment_.wake) environment_.wake();
}

void Collector::take_fresh() {
    std::vector<Place> fresh;
    {
        const std::lock_guard lock(mutex_);
        fresh.swap(fresh_);
    }
    for (Place& place : fresh) {
        if (const auto taken = take(place); taken.has_error()) {
            if (environment_.log) environment_.log("a held message: " + taken.error().text());
            // Looked at again, so that nothing is forgotten while the storage fails.
            if (taken.error().code == ErrorCode::corrupt) continue;
            const std::lock_guard lock(mutex_);
            fresh_.push_back(std::move(place));
        }
    }
}

Result<void> Collector::take(const Place& place) {
    {
        const std::lock_guard lock(mutex_);
        if (known_.contains(place)) return {};
    }
    SCHWARM_TRY(view, runtime_->read(place.first));
    SCHWARM_TRY(bytes, view.get_sealed(place.second));
    if (!bytes) return {};
    auto job = std::make_shared<Job>();
    SCHWARM_TRY(envelope, decode_held(*bytes));
    if (envelope.documents.empty()) return {};
    SCHWARM_TRY(ended,
                view.get(Space::exchange, keys::collected(envelope.from.text(), envelope.id)));
    if (ended) {
        settled_(place.first, envelope.conversation);
        return {};
    }
    job->tenant = place.first;
    job->held_key = place.second;
    job->envelope = std::move(envelope);
    job->envelope.body = json::Value();
    const std::lock_guard lock(mutex_);
    if (known_.insert(place).second) {
        peers_[job->envelope.from.member].jobs.push_back(std::move(job));
    }
    return {};
}

Instant Collector::tick() {
    take_fresh();
    struct Start {
        MemberId member;
        JobPtr job;
        bool probe = false;
    };
    std::vector<Start> starts;
    {
        const std::lock_guard lock(mutex_);
        const Instant now = environment_.clock.now();
        const auto running = std::count_if(peers_.begin(), peers_.end(), [](const auto& one) {
            return one.second.under_way && one.second.failures == 0;
        });
        auto free = kAtOnce - std::min(kAtOnce, static_cast<std::size_t>(running));
        for (auto& [member, peer] : peers_) {
            if (peer.under_way || peer.jobs.empty() || peer.next > now) continue;
            const bool probe = peer.failures > 0;
            if (!probe && free == 0) continue;
            if (!probe) --free;
            peer.under_way = true;
            starts.push_back({member, peer.jobs.front(), probe});
        }
    }
    for (const Start& one : starts) start(one.member, one.job, one.probe);
    Instant next = Instant::max();
    const std::lock_guard lock(mutex_);
    const Instant now = environment_.clock.now();
    if (!fresh_.empty()) next = now + options_.retry_min;
    for (const auto& [member, peer] : peers_) {
        // One that is due waits for another to end, which wakes up.
        if (peer.under_way || peer.jobs.empty() || peer.next <= now) continue;
        next = std::min(next, peer.next);
    }
    return next;
}

void Collector::heard_of(const MemberId& member) {
    {
        const std::lock_guard lock(mutex_);
        const auto peer = peers_.find(member);
        const Instant soon = environment_.clock.now() + options_.retry_min;
        if (peer == peers_.end() || peer->second.failures == 0 || peer->second.next <= soon) {
            return;
        }
        peer->second.next = soon;
    }
    if (environment_.wake) environment_.wake();
}

// Only the one who has set Peer::under_way touches a job.
void Collector::start(const MemberId& member, const JobPtr& job, bool probe) {
    const auto going_on = prepare(*job);
    if (going_on.has_error()) {
        if (environment_.log) {
            environment_.log("documents from " + member.value() + ": " + going_on.error().text());
        }
        job->opener.reset();
        failed(member);
    } else if (!going_on.value()) {
        note_end(member, job);
    } else {
        // Who did not answer is asked for little, so that many of them cost no memory.
        ask(member, job, probe ? 1 : options_.segments_at_once);
    }
}

Result<bool> Collector::prepare(Job& job) {
    if (job.end) return false;
    if (environment_.clock.now() > job.envelope.expires) {
        job.end = Collected{"its documents did not come in time"};
        return false;
    }
    SCHWARM_TRY(view, runtime_->read(job.tenant));
    while (job.index < job.envelope.documents.size()) {
        if (job.opener == nullptr) {
            SCHWARM_TRY(resumed, resume(view, job));
            if (!resumed) {
                const exchange::Document& document = job.envelope.documents[job.index];
                job.opener = std::make_unique<exchange::DocumentOpener>(document);
            }
        }
        if (!job.opener->finished()) return true;
        const auto whole = job.opener->finish();
        job.opener.reset();
        if (whole.has_error()) {
            job.end = Collected{"document " + std::to_string(job.index + 1) + ": " +
                                whole.error().message};
            return false;
        }
        ++job.index;
    }
    job.end = Collected{};
    return false;
}

// False: what is stored is not what it should be; all of it is asked for again.
Result<bool> Collector::resume(const runtime::ReadView& view, Job& job) {
    const exchange::Document& document = job.envelope.documents[job.index];
    const std::string store = store_of(job.envelope, document);
    auto opener = std::make_unique<exchange::DocumentOpener>(document);
    SCHWARM_TRY(stored, view.segments(store));
    for (std::uint64_t i = 0; i < stored; ++i) {
        SCHWARM_TRY(sealed, view.segment(store, i));
        if (!sealed || opener->next(*sealed).has_error()) return false;
    }
    job.opener = std::move(opener);
    return true;
}

void Collector::ask(const MemberId& member, const JobPtr& job, std::size_t most) {
    const exchange::Envelope& envelope = job->envelope;
    Question question{envelope.from,
                      envelope.to,
                      envelope.conversation,
                      envelope.id,
                      envelope.documents[job->index].id,
                      job->opener->number()};
    environment_.transport.fetch(member, question.text(),
                                 [this, member, job, most](const Result<std::string>& answer) {
                                     answered(member, job, most, answer);
                                 });
}

void Collector::answered(const MemberId& member, const JobPtr& job, std::size_t most,
                         const Result<std::string>& answer) {
    if (answer.has_error()) {
        if (answer.error().code == ErrorCode::gone) {
            job->end =
                Collected{"the sender has document " + std::to_string(job->index + 1) + " no more"};
            note_end(member, job);
        } else {
            failed(member);
        }
        return;
    }
    const std::uint64_t first = job->opener->number();
    std::vector<std::string> segments = open(*job, answer.value(), most);
    if (segments.empty()) {
        failed(member);
    } else {
        store(member, job, first, std::move(segments));
    }
}

std::vector<std::string> Collector::open(Job& job, std::string_view bytes, std::size_t most) {
    std::vector<std::string> out;
    const std::uint64_t length = job.envelope.documents[job.index].length;
    while (!bytes.empty() && out.size() < most) {
        const std::size_t size =
            exchange::segment_bytes(length, job.opener->number()) + crypto::kTagSize;
        const std::string_view sealed = bytes.substr(0, size);
        const auto plain = job.opener->next(sealed);
        if (plain.has_error()) {
            ++meters_.rejected;
            if (environment_.log) {
                environment_.log("a segment from " + job.envelope.from.text() + ": " +
                                 plain.error().text());
            }
            break;
        }
        out.emplace_back(sealed);
        bytes.remove_prefix(size);
    }
    return out;
}

void Collector::store(const MemberId& member, const JobPtr& job, std::uint64_t first,
                      std::vector<std::string> segments) {
    meters_.segments += segments.size();
    runtime_->submit_write(
        job->tenant,
        [store = store_of(job->envelope, job->envelope.documents[job->index]), first,
         segments = std::move(segments)](runtime::WriteBatch& batch) -> Result<void> {
            for (std::size_t i = 0; i < segments.size(); ++i) {
                batch.put_segment(store, first + i, segments[i]);
            }
            return {};
        },
        [this, member, job](Result<void> done) {
            if (done.has_error()) {
                job->opener.reset();
                failed(member);
            } else {
                went_on(member);
            }
        });
}

void Collector::note_end(const MemberId& member, const JobPtr& job) {
    runtime_->submit_write(
        job->tenant,
        [job](runtime::WriteBatch& batch) -> Result<void> {
            SCHWARM_TRY(held, batch.get(Space::exchange, job->held_key));
            if (!held) return {};
            batch.put(Space::exchange, keys::collected(job->envelope.from.text(), job->envelope.id),
                      job->end->encode());
            return {};
        },
        [this, member, job](Result<void> done) {
            if (done.has_error()) {
                failed(member);
                return;
            }
            {
                const std::lock_guard lock(mutex_);
                known_.erase({job->tenant, job->held_key});
                auto& jobs = peers_.at(member).jobs;
                jobs.erase(std::find(jobs.begin(), jobs.end(), job));
            }
            went_on(member);
            settled_(job->tenant, job->envelope.conversation);
        });
}

void Collector::went_on(const MemberId& member) {
    {
        const std::lock_guard lock(mutex_);
        Peer& peer = peers_.at(member);
        peer.under_way = false;
        peer.failures = 0;
    }
    if (environment_.wake) environment_.wake();
}

// The next of its messages is tried then, so that one that cannot be had does not hold up others.
void Collector::failed(const MemberId& member) {
    {
        const std::lock_guard lock(mutex_);
        Peer& peer = peers_.at(member);
        peer.under_way = false;
        ++peer.failures;
        peer.next =
            environment_.clock.now() + back_off(options_, peer.failures, environment_.random);
        std::rotate(peer.jobs.begin(), peer.jobs.begin() + 1, peer.jobs.end());
    }
    if (environment_.wake) environment_.wake();
}

}  // namespace schwarm::post
