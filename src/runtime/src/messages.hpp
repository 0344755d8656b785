// Correlating one message within one stage: all of it is in one commit. Writer's thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "message_rows.hpp"
#include "start_index.hpp"
#include "writer.hpp"

namespace schwarm::runtime {

// The engine (or the state of the case) says no; anything else is a failure of the storage or ours.
bool is_refusal(const Error& error);

class MessageDesk {
  public:
    MessageDesk(Writer& writer, Stage& stage, std::string actor)
        : writer_(writer), stage_(stage), actor_(std::move(actor)) {}

    Result<Published> publish(const Message& message);
    Result<Published> correlate_now(const Message& message);
    // Gives kept messages to what this stage opened and to the starts it made free.
    Result<void> deliver_kept();
    // Those that are for this case alone.
    Result<void> forget_case(CaseId id);
    // Forgets messages whose time is over; answers when the next one's is.
    Result<Instant> expire();
    // One command in this stage; nothing if it changed nothing or was refused before it did.
    Result<std::optional<Reply>> attempt(Submission submission);
    Submission creation(const StartEvent& start, const engine::Variables& variables) const;
    // Whether a case is among those meant.
    Result<bool> includes(const Audience& audience, CaseId id);

  private:
    PersonHash hash_of(std::string_view correlation_key) const;
    Result<bool> to_subscription(const Message& message, CaseId id, engine::SubscriptionKey key,
                                 const SubscriptionValue& value, Published& out);
    Result<bool> to_start(const Message& message, const StartEvent& start, Published& out);
    Result<void> correlate(KeptMessage& kept, Published& out);
    Result<void> store(std::uint64_t key, const KeptMessage& kept);
    void forget(std::uint64_t key, const KeptMessage& kept);
    Result<std::optional<KeptMessage>> load(std::uint64_t key);
    Result<std::vector<std::uint64_t>> kept(std::string_view name, const PersonHash& hash);
    Result<void> deliver_to(const OpenedSubscription& open);
    Result<void> deliver_to(const FreedStart& freed);

    Writer& writer_;
    Stage& stage_;
    const std::string actor_;
};

}  // namespace schwarm::runtime
