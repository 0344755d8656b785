// Broadcasting one signal to all that wait for it: a slice with the call, the others one by one,
// each in a commit of its own, from a row that says how far it is. Writer's thread only.
#pragma once

#include <string>

#include "messages.hpp"

namespace schwarm::runtime {

// The sealed part of the row of a signal that has not reached all yet.
struct RunningSignal {
    Signal signal;
    std::string actor;
    Position bound = 0;  // what was opened by this command or later is not meant
    std::uint64_t after_case = 0;
    std::uint64_t after_subscription = 0;

    std::string encode() const;
    static Result<RunningSignal> decode(std::string_view bytes);
};

class SignalDesk {
  public:
    SignalDesk(Writer& writer, Stage& stage) : writer_(writer), stage_(stage) {}

    // Answers the signal's key.
    Result<std::uint64_t> broadcast(Signal signal, std::string actor);
    // The next slice of the oldest signal that is under way; answers when to go on.
    Result<Instant> go_on();

  private:
    Result<void> slice(std::uint64_t key, RunningSignal running);
    Result<void> trigger(const RunningSignal& running, std::string_view place,
                         std::string_view value);

    Writer& writer_;
    Stage& stage_;
};

}  // namespace schwarm::runtime
