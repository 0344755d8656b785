#include "mail.hpp"

#include <algorithm>
#include <map>

#include "rows.hpp"
#include "schwarm/post/message_line.hpp"
#include "schwarm/storage/key.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::post {

using storage::Space;

namespace {

constexpr std::size_t kDeliveriesMax = 500;
constexpr std::size_t kPartnersMax = 200;
constexpr std::size_t kAuditLinesMax = 2'000;

class MailReader {
  public:
    MailReader(const runtime::ReadView& view, CaseId id) : view_(view), id_(id) {}

    Result<CaseMail> run() {
        SCHWARM_TRY_VOID(read_log());
        SCHWARM_TRY_VOID(read_deliveries());
        SCHWARM_TRY_VOID(read_partners());
        for (auto& [id, message] : processed_) out_.sent.push_back(std::move(message));
        std::stable_sort(out_.sent.begin(), out_.sent.end(),
                         [](const SentMessage& a, const SentMessage& b) {
                             const auto place = [](const SentMessage& one) {
                                 return std::pair(one.sent.value_or(Instant::min()),
                                                  one.processed.value_or(Instant::max()));
                             };
                             return place(a) < place(b);
                         });
        return std::move(out_);
    }

  private:
    Result<void> read_log() {
        SCHWARM_TRY(lines, view_.audit_of(id_, kAuditLinesMax));
        out_.complete = lines.size() < kAuditLinesMax;
        for (const runtime::AuditLine& line : lines) {
            auto read = read_message_line({line.actor, line.action, line.detail});
            if (!read) continue;
            if (read->sent) {
                SentMessage message;
                message.type = std::move(read->type);
                message.id = read->id;
                message.to = std::move(read->partner);
                message.processed = line.at;
                processed_.emplace(std::move(read->id), std::move(message));
            } else {
                out_.received.push_back({std::move(read->id), std::move(read->type),
                                         std::move(read->partner), std::move(read->state), line.at,
                                         std::move(read->reason)});
            }
        }
        return {};
    }

    Result<void> read_deliveries() {
        std::vector<std::string> places;
        const std::string prefix = keys::deliveries(id_);
        SCHWARM_TRY_VOID(view_.scan(Space::exchange,
                                    storage::prefix_range(prefix, kDeliveriesMax, true),
                                    [&](std::string_view key, std::string_view) {
                                        places.emplace_back(key);
                                        return true;
                                    }));
        out_.complete = out_.complete && places.size() < kDeliveriesMax;
        for (const std::string& place : places) {
            SCHWARM_TRY(bytes, view_.get_sealed(place));
            if (!bytes) continue;
            SCHWARM_TRY(delivery, Delivery::decode(*bytes));
            // Of the node itself (evidence).
            if (delivery.participant.empty()) continue;
            const std::string open =
                keys::open_delivery(storage::KeyReader(place.substr(prefix.size())).number());
            SCHWARM_TRY(row, view_.get(Space::exchange, open));
            SCHWARM_TRY_VOID(add(delivery, row));
        }
        return {};
    }

    Result<void> add(const Delivery& delivery, const std::optional<std::string>& open) {
        SentMessage message;
        message.id = delivery.id;
        message.type = delivery.type();
        message.participant = delivery.participant;
        message.conversation = delivery.conversation;
        message.sent = delivery.created;
        conversations_.emplace(delivery.conversation, delivery.participant);
        if (open) {
            SCHWARM_TRY(row, OpenDelivery::decode(*open));
            message.open = row.state;
            message.to = std::move(row.to);
            message.expires = row.expires;
            message.reason = std::move(row.reason);
        } else if (const auto line = processed_.find(delivery.id); line != processed_.end()) {
            message.to = line->second.to;
            message.processed = line->second.processed;
            processed_.erase(line);
        }
        out_.sent.push_back(std::move(message));
        return {};
    }

    Result<void> read_partners() {
        const std::string prefix = keys::partners(id_);
        SCHWARM_TRY_VOID(view_.scan(Space::exchange, storage::prefix_range(prefix, kPartnersMax),
                                    [&](std::string_view key, std::string_view conversation) {
                                        conversations_.emplace(
                                            conversation,
                                            storage::KeyReader(key.substr(prefix.size())).text());
                                        return true;
                                    }));
        for (const auto& [conversation, participant] : conversations_) {
            SCHWARM_TRY(bytes, view_.get(Space::exchange, keys::conversation(conversation)));
            if (!bytes) continue;
            SCHWARM_TRY(row, Conversation::decode(*bytes));
            CaseConversation one;
            one.id = conversation;
            one.participant = participant;
            one.peer = std::move(row.peer);
            one.sent = row.next_sent - 1;
            one.received = row.next_expected - 1;
            SCHWARM_TRY_VOID(view_.scan(Space::exchange,
                                        storage::prefix_range(keys::held_prefix(conversation)),
                                        [&](std::string_view, std::string_view) {
                                            ++one.held;
                                            return true;
                                        }));
            out_.conversations.push_back(std::move(one));
        }
        std::stable_sort(out_.conversations.begin(), out_.conversations.end(),
                         [](const CaseConversation& a, const CaseConversation& b) {
                             return a.participant < b.participant;
                         });
        return {};
    }

    const runtime::ReadView& view_;
    const CaseId id_;
    CaseMail out_;
    std::map<std::string, SentMessage> processed_;      // by id, as the audit log has them
    std::map<std::string, std::string> conversations_;  // id, participant
};

}  // namespace

Result<CaseMail> read_mail(const runtime::ReadView& view, CaseId id) {
    return MailReader(view, id).run();
}

Result<std::optional<CaseId>> case_of_conversation(const runtime::ReadView& view,
                                                   std::string_view conversation) {
    SCHWARM_TRY(bytes, view.get(Space::exchange, keys::conversation(conversation)));
    if (!bytes) return std::optional<CaseId>();
    SCHWARM_TRY(row, Conversation::decode(*bytes));
    return std::optional(row.case_id);
}

}  // namespace schwarm::post
