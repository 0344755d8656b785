// Identifiers within a case. All of them are drawn from one counter of the case, so they are
// unique within it, count up in the order of creation and never return.
#pragma once

#include <cstdint>
#include <string>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"

namespace schwarm::engine {

using TimerKey = StrongId<struct TimerTag, std::uint64_t>;
using SubscriptionKey = StrongId<struct SubscriptionTag, std::uint64_t>;
using JobKey = StrongId<struct JobTag, std::uint64_t>;
using IncidentKey = StrongId<struct IncidentTag, std::uint64_t>;
using EffectKey = StrongId<struct EffectTag, std::uint64_t>;

// Every key of a case is smaller: the host puts the number of the case before these 24 bits.
inline constexpr std::uint64_t kKeysEnd = std::uint64_t{1} << 24U;

// One version of one process as the host deployed it, for example
// "wohngeld/Process_Wohngeld@1.2.0". The host chooses the text; the same key must mean the same
// bytes for ever.
using DefinitionKey = StrongId<struct DefinitionTag, std::string>;

}  // namespace schwarm::engine
