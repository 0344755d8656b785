// The events of a case: what happened, in past tense, versioned. They are the history: applying
// them in order to an empty state gives the state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/engine/ids.hpp"
#include "schwarm/engine/state.hpp"

namespace schwarm::engine {

using FlowList = std::vector<bpmn::FlowIndex>;
using ValueList = feel::Value::List;
using TextList = std::vector<std::string>;
using OptionalInstant = std::optional<Instant>;
using ElementKeyList = std::vector<ElementKey>;

// What timer_armed and subscription_opened held in their first version.
struct TimerV1 {
    TimerKey key;
    ElementKey host;
    std::uint16_t definition = 0;
    bpmn::NodeIndex node = 0;
    Instant due;
    std::int32_t repetitions = 0;
    std::string cycle;
};
struct SubscriptionV1 {
    SubscriptionKey key;
    ElementKey host;
    std::uint16_t definition = 0;
    bpmn::NodeIndex node = 0;
    std::string message_name;
    std::string correlation_key;
};

#define SCHWARM_RECORD(type, record, version, tag)         \
    struct type {                                          \
        static constexpr std::string_view kName = #record; \
        static constexpr std::uint8_t kVersion = version;  \
        static constexpr std::uint8_t kTag = tag;
#define SCHWARM_FIELD(type, name) type name{};
#define SCHWARM_END \
    }               \
    ;
#include "schwarm/engine/records.def"
#undef SCHWARM_RECORD
#undef SCHWARM_FIELD
#undef SCHWARM_END

namespace detail {
struct NoEvent {};
template <class... T>
std::variant<T...> event_variant(NoEvent, std::type_identity<T>...);
}  // namespace detail

using Event = decltype(detail::event_variant(detail::NoEvent{}
#define SCHWARM_RECORD(type, record, version, tag) \
    , std::type_identity<type> {}
#define SCHWARM_FIELD(type, name)
#define SCHWARM_END
#include "schwarm/engine/records.def"
#undef SCHWARM_RECORD
#undef SCHWARM_FIELD
#undef SCHWARM_END
                                             ));

// Calls f(field_name, field) for each field in order; R is a record or const record.
#define SCHWARM_RECORD(type, record, version, tag) \
    template <class F>                             \
    void visit_fields(const type& r, F&& f) {      \
        static_cast<void>(r), static_cast<void>(f);
#define SCHWARM_FIELD(type, name) f(std::string_view{#name}, r.name);
#define SCHWARM_END }
#include "schwarm/engine/records.def"
#undef SCHWARM_RECORD
#undef SCHWARM_END
#define SCHWARM_RECORD(type, record, version, tag) \
    template <class F>                             \
    void visit_fields(type& r, F&& f) {            \
        static_cast<void>(r), static_cast<void>(f);
#define SCHWARM_END }
#include "schwarm/engine/records.def"
#undef SCHWARM_RECORD
#undef SCHWARM_FIELD
#undef SCHWARM_END

// "element_activated"
std::string_view name_of(const Event& event);
// One line for people and tests: `element_passed key=3 scope=1 ... `. Contains personal data:
// never for logs.
std::string text_of(const Event& event);

// All events of one command are one history row. The bytes are the contract of the database:
// README, "Format". decode answers `corrupt` for anything that encode did not make.
std::string encode_events(std::span<const Event> events);
Result<std::vector<Event>> decode_events(std::string_view bytes);

}  // namespace schwarm::engine
