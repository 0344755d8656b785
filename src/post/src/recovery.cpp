#include "recovery.hpp"

#include <algorithm>

#include "stored.hpp"

namespace schwarm::post {

using storage::Space;

namespace {

constexpr std::size_t kUnknownConversations = 5;  // of a page, each with a line of its own

std::string address_of(const TenantId& tenant, const std::string& member) {
    return tenant.value() + "@" + member;
}

}  // namespace

Result<void> Recovery::load(runtime::Runtime& runtime, const std::vector<TenantId>& tenants) {
    runtime_ = &runtime;
    for (const TenantId& tenant : tenants) {
        SCHWARM_TRY(view, runtime.read(tenant));
        SCHWARM_TRY(bytes, view.get(Space::exchange, keys::kRestored));
        if (!bytes) continue;
        SCHWARM_TRY(state, RestoredState::decode(*bytes));
        const std::lock_guard lock(mutex_);
        states_.emplace(tenant, state);
        active_ = true;
        std::set<std::string>& answered = answered_[tenant];
        SCHWARM_TRY_VOID(view.scan(Space::exchange, storage::prefix_range(keys::kAnsweredPrefix),
                                   [&](std::string_view key, std::string_view) {
                                       answered.insert(keys::answered_member(key));
                                       return true;
                                   }));
    }
    return {};
}

void Recovery::begin(const std::vector<exchange::MemberId>& members) {
    if (!active_) return;
    {
        const std::lock_guard lock(mutex_);
        begun_ = true;
        std::erase_if(talks_, [&](const auto& one) {
            return !one.second->busy &&
                   std::find(members.begin(), members.end(),
                             exchange::MemberId(one.first.second)) == members.end();
        });
        for (const auto& [tenant, state] : states_) {
            for (const exchange::MemberId& member : members) {
                if (member == environment_.member || answered_[tenant].contains(member.value()))
                    continue;
                std::shared_ptr<Talk>& talk = talks_[{tenant, member.value()}];
                if (talk == nullptr) talk = std::make_shared<Talk>();
            }
        }
    }
    if (environment_.wake) environment_.wake();
}

bool Recovery::silent() const {
    if (!active_) return false;
    const std::lock_guard lock(mutex_);
    return !begun_ && !states_.empty();
}

bool Recovery::blocked(const TenantId& tenant, std::string_view member) const {
    if (!active_) return false;
    const std::lock_guard lock(mutex_);
    if (!states_.contains(tenant)) return false;
    return !begun_ || talks_.contains({tenant, std::string(member)});
}

bool Recovery::blocked(std::string_view member) const {
    if (!active_) return false;
    const std::lock_guard lock(mutex_);
    if (!begun_) return !states_.empty();
    return std::any_of(talks_.begin(), talks_.end(),
                       [&](const auto& one) { return one.first.second == member; });
}

std::vector<Awaited> Recovery::awaited() const {
    std::vector<Awaited> out;
    const std::lock_guard lock(mutex_);
    for (const auto& [key, talk] : talks_) {
        out.push_back({key.first, exchange::MemberId(key.second), talk->reason});
    }
    return out;
}

Instant Recovery::tick() {
    if (!active_) return Instant::max();
    const Instant now = environment_.clock.now();
    std::vector<Key> due;
    Instant next = Instant::max();
    {
        const std::lock_guard lock(mutex_);
        if (!begun_) return next;
        for (const auto& [key, talk] : talks_) {
            if (talk->busy) continue;
            if (talk->next <= now) {
                talk->busy = true;
                due.push_back(key);
            } else {
                next = std::min(next, talk->next);
            }
        }
    }
    for (const Key& key : due) ask(key);
    for (const TenantId& tenant : answered_tenants(now)) finish_tenant(tenant);
    return next;
}

// Those for which nobody is waited for; again after a while if that could not be written.
std::vector<TenantId> Recovery::answered_tenants(Instant now) {
    std::vector<TenantId> out;
    const std::lock_guard lock(mutex_);
    if (!begun_ || now < next_finish_) return out;
    for (const auto& [tenant, state] : states_) {
        if (std::none_of(talks_.begin(), talks_.end(),
                         [&, t = tenant](const auto& one) { return one.first.first == t; })) {
            out.push_back(tenant);
        }
    }
    if (!out.empty()) next_finish_ = now + options_.retry_max;
    return out;
}

void Recovery::ask(const Key& key) {
    RestoredQuestion question;
    question.tenant = key.first;
    {
        const std::lock_guard lock(mutex_);
        const auto talk = talks_.find(key);
        const auto state = states_.find(key.first);
        if (talk == talks_.end() || state == states_.end()) return;
        question.ask = talk->second->step;
        question.after = talk->second->after;
        question.since = state->second.since;
    }
    send(key, question, [this, key, step = question.ask](const RestoredAnswer& answer) {
        if (step == Ask::conversations) {
            learn(key, answer);
            return;
        }
        {
            const std::lock_guard lock(mutex_);
            if (const auto talk = talks_.find(key); talk != talks_.end()) {
                talk->second->again += answer.count;
            }
        }
        go_further(key, answer.next.empty() ? Ask::conversations : Ask::again, answer.next);
    });
}

void Recovery::send(const Key& key, const RestoredQuestion& question,
                    std::function<void(const RestoredAnswer&)> then) {
    environment_.transport.send(
        exchange::MemberId(key.second), question.write(),
        [this, key, then = std::move(then)](const Result<std::string>& text) {
            if (text.has_error()) {
                failed(key, text.error().text());
                return;
            }
            const auto answer = RestoredAnswer::read(text.value());
            if (answer.has_error()) {
                failed(key, answer.error().text());
            } else {
                then(answer.value());
            }
        });
}

void Recovery::failed(const Key& key, const std::string& reason) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = talks_.find(key);
        if (found == talks_.end()) return;
        Talk& talk = *found->second;
        talk.busy = false;
        talk.reason = reason;
        auto wait = options_.retry_min;
        for (std::uint32_t i = 0; i < talk.failures && wait < options_.retry_max; ++i) wait *= 2;
        ++talk.failures;
        talk.next = environment_.clock.now() + std::min(wait, options_.retry_max);
    }
    if (environment_.wake) environment_.wake();
}

void Recovery::go_further(const Key& key, Ask step, std::string after) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = talks_.find(key);
        if (found == talks_.end()) return;
        Talk& talk = *found->second;
        talk.step = step;
        talk.after = std::move(after);
        talk.busy = false;
        talk.failures = 0;
        talk.reason.clear();
        talk.next = environment_.clock.now();
    }
    if (environment_.wake) environment_.wake();
}

// Who was itself restored had asked this node what it had receipted since; what the answer was is
// forgotten here, so it is given once more.
void Recovery::learn(const Key& key, const RestoredAnswer& answer) {
    if (!answer.since) {
        take(key, answer);
        return;
    }
    peer_.give_all(key.first, address_of(answer.of, key.second), *answer.since,
                   [this, key, answer](Result<std::uint64_t> given) {
                       if (given.has_error()) {
                           failed(key, given.error().text());
                       } else {
                           take(key, answer);
                       }
                   });
}

void Recovery::take(const Key& key, const RestoredAnswer& answer) {
    const auto page = std::make_shared<Page>();
    runtime_->submit_desk(
        key.first, "system:post",
        [this, key, answer, page](runtime::WriteBatch& batch, runtime::CaseDesk& desk) {
            *page = {};
            return take_page(batch, desk, key, answer, *page);
        },
        [this, key, answer, page](Result<void> done) {
            if (done.has_error()) {
                failed(key, done.error().text());
                return;
            }
            {
                const std::lock_guard lock(mutex_);
                if (const auto talk = talks_.find(key); talk != talks_.end()) {
                    talk->second->unknown += page->unknown;
                    talk->second->lost += page->lost;
                }
            }
            for (const std::string& id : page->go_on) incoming_.go_on(key.first, id);
            const auto further = [this, key, next = answer.next] {
                if (next.empty()) {
                    finish(key);
                } else {
                    go_further(key, Ask::conversations, next);
                }
            };
            if (page->reply.empty()) {
                further();
                return;
            }
            RestoredQuestion told;
            told.ask = Ask::open;
            told.tenant = key.first;
            told.of = answer.of;
            told.told = page->reply;
            send(key, told, [further](const RestoredAnswer&) { further(); });
        });
}

Result<Recovery::Fresh> Recovery::fresh_deliveries(runtime::WriteBatch& batch,
                                                   const std::string& peer) const {
    Fresh out;
    std::uint64_t mark = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto state = states_.find(batch.tenant());
        if (state != states_.end()) mark = state->second.mark;
    }
    std::vector<std::pair<std::uint64_t, std::string>> found;
    SCHWARM_TRY_VOID(each_open(batch, [&](std::uint64_t number, OpenDelivery row) {
        if (row.to == peer) found.emplace_back(number, std::move(row.conversation));
    }));
    for (auto& [number, conversation] : found) {
        SCHWARM_TRY(numbered, batch.get(Space::exchange, keys::numbered(number)));
        if (number > mark || numbered) out[conversation].push_back(number);
    }
    return out;
}

Result<void> Recovery::take_page(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                 const Key& key, const RestoredAnswer& answer, Page& page) const {
    const std::string peer = address_of(answer.of, key.second);
    SCHWARM_TRY(fresh, fresh_deliveries(batch, peer));
    for (const ToldConversation& told : answer.told) {
        SCHWARM_TRY(conversation, find_conversation(batch, told.id));
        if (!conversation) {
            SCHWARM_TRY_VOID(take_unknown(batch, peer, told, page));
        } else if (conversation->peer == peer) {
            SCHWARM_TRY_VOID(take_known(batch, desk, peer, told, std::move(*conversation),
                                        fresh[told.id], page));
        }
    }
    return {};
}

Result<void> Recovery::take_known(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                  const std::string& peer, const ToldConversation& told,
                                  Conversation conversation,
                                  const std::vector<std::uint64_t>& fresh, Page& page) const {
    // What was recorded since the restore has not been sent: it gets numbers that are free there.
    struct Renumbered {
        std::uint64_t number = 0;
        std::string place;
        Delivery delivery;
    };
    std::map<std::uint64_t, Renumbered> renumbered;
    for (const std::uint64_t number : fresh) {
        const std::string place = keys::delivery(conversation.case_id, number);
        const auto sealed = batch.get_sealed(place);
        if (sealed.has_error() && sealed.error().code == ErrorCode::gone) continue;
        if (sealed.has_error()) return sealed.error();
        if (!sealed.value()) continue;
        SCHWARM_TRY(delivery, Delivery::decode(*sealed.value()));
        const std::uint64_t sequence = delivery.sequence;
        renumbered.emplace(sequence, Renumbered{number, place, std::move(delivery)});
    }
    const std::uint64_t first =
        renumbered.empty() ? conversation.next_sent : renumbered.begin()->first;
    if (first <= told.received) {
        std::uint64_t next = told.received + 1;
        for (auto& [sequence, one] : renumbered) {
            one.delivery.sequence = next++;
            SCHWARM_TRY_VOID(
                batch.put_sealed(one.place, conversation.case_id, one.delivery.encode()));
            batch.after_commit([this, tenant = batch.tenant(), number = one.number] {
                outgoing_.look(tenant, number);
            });
        }
        const std::uint64_t unknown = told.received + 1 - first;
        page.unknown += unknown;
        conversation.next_sent = next;
        put(batch, told.id, conversation);
        SCHWARM_TRY_VOID(batch.audit(
            "system:post", "restored", conversation.case_id,
            std::to_string(unknown) + " messages to " + peer +
                " were sent after the backup and are not known here; numbering goes on at " +
                std::to_string(told.received + 1)));
    }
    const Gaps gaps = gaps_between(conversation.next_expected, told.next, told.open);
    // Without a case nobody waits for it.
    if (!gaps.empty() && conversation.case_id != CaseId()) {
        ++page.lost;
        batch.put(Space::exchange, keys::gaps(told.id), encode_gaps(gaps));
        page.go_on.push_back(told.id);
        const std::string what = "after the restore from a backup " + peer +
                                 " cannot send again what had come with the sequence " +
                                 std::to_string(gaps.front().first) +
                                 " (it was refused, deleted, or is too old)";
        SCHWARM_TRY(case_told, report_undelivered(batch, desk, conversation.case_id, what));
        SCHWARM_TRY_VOID(batch.audit("system:post", "lost", conversation.case_id,
                                     what + (case_told ? "" : " (the case has ended)")));
    }
    if (told.expected <= told.received) {
        ToldConversation reply;
        reply.id = told.id;
        reply.next = conversation.next_sent;
        SCHWARM_TRY(open, open_sequences(batch, conversation.case_id, told.id));
        reply.open = std::move(open);
        page.reply.push_back(std::move(reply));
    }
    return {};
}

// It began, or had its first message, after the backup.
Result<void> Recovery::take_unknown(runtime::WriteBatch& batch, const std::string& peer,
                                    const ToldConversation& told, Page& page) const {
    if (told.received > 0) {
        page.unknown += told.received;
        put_first_sequence(batch, told.id, told.received + 1, batch.now() + 2 * options_.kept);
        if (told.expected <= told.received) {
            ToldConversation reply;
            reply.id = told.id;
            reply.next = told.received + 1;
            page.reply.push_back(std::move(reply));
        }
    }
    const bool begins = !told.open.empty() && told.open.front() == 1;
    if (told.received == 0 || begins) return {};
    // Either a case of here that is lost, or one whose first message nobody has any more.
    ++page.lost;
    put_lost(batch, told.id, batch.now() + 2 * options_.kept);
    if (page.lost <= kUnknownConversations && environment_.log) {
        environment_.log("after the restore the conversation " + told.id + " with " + peer +
                         " is not known: " + std::to_string(told.received) +
                         " messages were sent in it from here");
    }
    return batch.audit("system:post", "lost", CaseId(),
                       "the conversation " + told.id + " with " + peer +
                           " belongs to a case that began after the backup");
}

void Recovery::finish(const Key& key) {
    runtime_->submit_write(
        key.first,
        [key](runtime::WriteBatch& batch) -> Result<void> {
            batch.put(Space::exchange, keys::answered(key.second), {});
            return {};
        },
        [this, key](Result<void> done) {
            if (done.has_error()) {
                failed(key, done.error().text());
                return;
            }
            std::string line;
            {
                const std::lock_guard lock(mutex_);
                const auto talk = talks_.find(key);
                if (talk == talks_.end()) return;
                const Talk& said = *talk->second;
                if (said.again + said.unknown + said.lost > 0) {
                    line = "after the restore " + key.second + " sends " +
                           std::to_string(said.again) + " messages again to " + key.first.value() +
                           "; it has " + std::to_string(said.unknown) +
                           " that are not known here; in " + std::to_string(said.lost) +
                           " conversations something is lost";
                }
                answered_[key.first].insert(key.second);
                talks_.erase(talk);
            }
            if (environment_.log && !line.empty()) environment_.log(line);
            if (environment_.wake) environment_.wake();
        });
}

void Recovery::finish_tenant(const TenantId& tenant) {
    RestoredState state;
    {
        const std::lock_guard lock(mutex_);
        state = states_.at(tenant);
    }
    runtime_->submit_write(
        tenant,
        [state, kept = options_.kept](runtime::WriteBatch& batch) -> Result<void> {
            std::vector<std::string> rows{std::string(keys::kRestored)};
            for (const std::string_view kind : {keys::kAnsweredPrefix, keys::kNumberedPrefix}) {
                SCHWARM_TRY_VOID(batch.scan(Space::exchange,
                                            storage::prefix_range(std::string(kind)),
                                            [&](std::string_view key, std::string_view) {
                                                rows.emplace_back(key);
                                                return true;
                                            }));
            }
            for (const std::string& row : rows) batch.erase(Space::exchange, row);
            const std::string place = keys::was_restored(batch.now());
            batch.put(Space::exchange, place, state.encode());
            batch.put(Space::exchange, keys::erase_at(batch.now() + kept, place), {});
            return batch.audit("system:post", "restored", CaseId(),
                               "all members have said what happened since the backup");
        },
        [this, tenant](Result<void> done) {
            // Otherwise the next start finds that nobody is left to be asked.
            if (done.has_error()) return;
            const std::lock_guard lock(mutex_);
            states_.erase(tenant);
            if (states_.empty()) active_ = false;
        });
}

}  // namespace schwarm::post
