// What became of the messages of a case, flow by flow of its model.
#include <algorithm>
#include <array>
#include <set>

#include "progress.hpp"

namespace schwarm::app {
namespace {

MessageState state_of(std::string_view name) {
    if (name == "waiting") return MessageState::waiting;
    if (name == "delivered") return MessageState::delivered;
    if (name == "expired") return MessageState::expired;
    if (name == "refused") return MessageState::refused;
    if (name == "processed") return MessageState::processed;
    return MessageState::sent;
}

// A message flow as the own pool sees it.
struct OwnFlow {
    std::string id;
    bool outgoing = false;
    const bpmn::Node* node = nullptr;
    std::string participant;
    std::string participant_name;
    std::string message;
    std::string type;  // contract/version/message; empty: not between tenants
};

std::vector<OwnFlow> own_flows(const services::Package& package) {
    std::vector<OwnFlow> out;
    const bpmn::Process& process = *package.process;
    for (const auto& collaboration : package.model().collaborations()) {
        for (const auto& flow : collaboration.message_flows) {
            const bpmn::NodeIndex from = process.find(flow.source_id);
            const bpmn::NodeIndex to = process.find(flow.target_id);
            if ((from == bpmn::kNoNode) == (to == bpmn::kNoNode)) continue;
            OwnFlow own;
            own.id = flow.id;
            own.outgoing = from != bpmn::kNoNode;
            own.node = &process.node(own.outgoing ? from : to);
            own.participant = own.outgoing ? flow.target_id : flow.source_id;
            for (const auto& participant : collaboration.participants) {
                if (participant.id == own.participant) own.participant_name = participant.name;
            }
            own.message = flow.name;
            for (const auto& message : package.model().messages()) {
                if (message.id == flow.message_id) own.message = message.name;
            }
            if (const auto& partner = own.node->details.partner) {
                own.type = partner->contract + "/" + partner->version + "/" + own.message;
            }
            out.push_back(std::move(own));
        }
    }
    return out;
}

class Messages {
  public:
    Messages(const LoadedCase& loaded, const engine::CaseHistory& history,
             const std::vector<Sending>& sendings, const CaseMail& mail)
        : loaded_(loaded),
          history_(history),
          sendings_(sendings),
          mail_(mail),
          flows_(own_flows(*loaded.package)),
          of_flow_(flows_.size()),
          used_(mail.sent.size()) {}

    std::vector<MessageProgress> run() {
        for (std::size_t i = 0; i < flows_.size(); ++i) {
            flows_[i].outgoing ? sent(i) : received(i);
        }
        for (std::size_t i = 0; i < flows_.size(); ++i) {
            if (flows_[i].outgoing) settle_by_log(i);
        }
        for (std::size_t i = 0; i < flows_.size(); ++i) {
            if (!flows_[i].outgoing) arrivals(i);
        }
        std::vector<MessageProgress> out;
        for (std::size_t i = 0; i < flows_.size(); ++i) {
            if (of_flow_[i].empty()) of_flow_[i].push_back(none(flows_[i]));
            std::move(of_flow_[i].begin(), of_flow_[i].end(), std::back_inserter(out));
        }
        return out;
    }

  private:
    static MessageProgress begin(const OwnFlow& flow, MessageState state) {
        MessageProgress out;
        out.flow = flow.id;
        out.name = flow.message;
        out.participant = flow.participant;
        out.participant_name = flow.participant_name;
        out.outgoing = flow.outgoing;
        out.state = state;
        return out;
    }

    void take(MessageProgress& out, std::size_t item) {
        const SentMessage& message = mail_.sent[item];
        used_[item] = true;
        out.state = state_of(message.state);
        out.settled = message.processed;
        out.reason = message.reason;
    }

    // A delivery is recorded in the commit of its element, so the times are the same.
    void sent(std::size_t i) {
        const OwnFlow& flow = flows_[i];
        for (const Sending& sending : sendings_) {
            if (sending.element != flow.node->id) continue;
            MessageProgress one = begin(flow, MessageState::sent);
            one.at = sending.at;
            for (std::size_t k = 0; k < mail_.sent.size(); ++k) {
                const SentMessage& message = mail_.sent[k];
                if (used_[k] || message.type != flow.type || message.sent != sending.at ||
                    message.participant != flow.participant) {
                    continue;
                }
                take(one, k);
                break;
            }
            of_flow_[i].push_back(std::move(one));
        }
        if (of_flow_[i].empty()) worked(i);
    }

    // Of send tasks that a worker does nothing is known but that they are done.
    void worked(std::size_t i) {
        if (flows_[i].node->details.partner || !flows_[i].node->details.job) return;
        for (const auto& element : history_.elements) {
            if (element.element_id != flows_[i].node->id || !element.end ||
                element.state != engine::HistoryState::completed) {
                continue;
            }
            of_flow_[i].push_back(begin(flows_[i], MessageState::sent));
            of_flow_[i].back().at = element.end;
        }
    }

    std::set<std::string> peers(const OwnFlow& flow) const {
        std::set<std::string> out;
        for (const CaseConversation& one : mail_.conversations) {
            if (one.participant == flow.participant && !one.peer.empty()) out.insert(one.peer);
        }
        return out;
    }

    // The rows of the rest are gone: the log says in which order they took effect.
    void settle_by_log(std::size_t i) {
        const auto to = peers(flows_[i]);
        for (MessageProgress& one : of_flow_[i]) {
            if (one.state != MessageState::sent || flows_[i].type.empty()) continue;
            for (std::size_t k = 0; k < mail_.sent.size(); ++k) {
                const SentMessage& message = mail_.sent[k];
                if (used_[k] || message.sent || message.type != flows_[i].type ||
                    !to.contains(message.to) || message.processed < one.at) {
                    continue;
                }
                take(one, k);
                break;
            }
        }
    }

    void received(std::size_t i) {
        const OwnFlow& flow = flows_[i];
        const auto add = [&](Instant at) {
            of_flow_[i].push_back(begin(flow, MessageState::received));
            of_flow_[i].back().at = at;
        };
        if (flow.node->kind == bpmn::NodeKind::start_event &&
            flow.node->parent == bpmn::kProcessNode) {
            for (const auto& element : history_.elements) {
                if (element.element_id == flow.node->id) add(element.start);
            }
            return;
        }
        for (const auto& correlation : history_.correlations) {
            if (correlation.element_id == flow.node->id) add(correlation.at);
        }
    }

    // What has come besides: too early for the case, or what this side did not take.
    void arrivals(std::size_t i) {
        const OwnFlow& flow = flows_[i];
        if (flow.type.empty() || !seen_.insert(flow.participant + "\n" + flow.type).second) return;
        const auto from = peers(flow);
        std::vector<Instant> taken;
        for (const ReceivedMessage& message : mail_.received) {
            if (message.type != flow.type || !from.contains(message.from)) continue;
            if (message.state == "processed") {
                taken.push_back(message.at);
                continue;
            }
            if (message.state != "refused" && message.state != "closed") continue;
            of_flow_[i].push_back(begin(flow, MessageState::rejected));
            of_flow_[i].back().at = message.at;
            of_flow_[i].back().reason =
                message.state == "closed" ? "the case had ended" : message.reason;
        }
        std::size_t known = 0;
        for (std::size_t k = 0; k < flows_.size(); ++k) {
            if (flows_[k].outgoing || flows_[k].type != flow.type ||
                flows_[k].participant != flow.participant) {
                continue;
            }
            known += static_cast<std::size_t>(
                std::count_if(of_flow_[k].begin(), of_flow_[k].end(),
                              [](const auto& one) { return one.state == MessageState::received; }));
        }
        for (std::size_t k = known; k < taken.size(); ++k) {
            of_flow_[i].push_back(begin(flow, MessageState::arrived));
            of_flow_[i].back().at = taken[k];
        }
    }

    MessageProgress none(const OwnFlow& flow) const {
        if (flow.outgoing) return begin(flow, MessageState::not_sent);
        const engine::CaseState& state = loaded_.state;
        const bool waits = std::any_of(
            state.subscriptions.begin(), state.subscriptions.end(), [&](const auto& one) {
                return one.definition == state.definition && one.node == flow.node->index &&
                       one.kind == engine::SubscriptionKind::message;
            });
        return begin(flow, waits ? MessageState::expected : MessageState::not_received);
    }

    const LoadedCase& loaded_;
    const engine::CaseHistory& history_;
    const std::vector<Sending>& sendings_;
    const CaseMail& mail_;
    const std::vector<OwnFlow> flows_;
    std::vector<std::vector<MessageProgress>> of_flow_;  // as flows_
    std::vector<bool> used_;                             // as mail_.sent
    std::set<std::string> seen_;                         // kinds of messages that arrive
};

}  // namespace

std::string_view name_of(MessageState state) {
    constexpr std::array<std::string_view, 12> kNames = {
        "not_sent", "sent",         "waiting",  "delivered", "processed", "expired",
        "refused",  "not_received", "expected", "arrived",   "received",  "rejected"};
    return kNames.at(static_cast<std::size_t>(state));
}

std::vector<MessageProgress> messages_of(const LoadedCase& loaded,
                                         const engine::CaseHistory& history,
                                         const std::vector<Sending>& sendings,
                                         const CaseMail& mail) {
    return Messages(loaded, history, sendings, mail).run();
}

std::vector<PartnerProgress> partners_of(const services::Package& package, const CaseMail& mail) {
    std::vector<PartnerProgress> out;
    for (const auto& collaboration : package.model().collaborations()) {
        for (const auto& participant : collaboration.participants) {
            if (!participant.process_id.empty()) continue;
            const std::size_t before = out.size();
            for (const CaseConversation& conversation : mail.conversations) {
                if (conversation.participant != participant.id) continue;
                out.push_back({participant.id, participant.name, conversation, {}});
            }
            if (out.size() == before) out.push_back({participant.id, participant.name, {}, {}});
        }
    }
    return out;
}

}  // namespace schwarm::app
