// Commands to what stands in a tenant's cases, for the families that change something.
//
// Only cases of deployed definitions are found, never those of service packages; who has ended is
// not found either, except by who repeats a command with its Idempotency-Key.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "call.hpp"
#include "schwarm/engine/command.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/services/definitions.hpp"

namespace schwarm::api::v2 {

// How long Camunda waits where a request names no time.
inline constexpr std::chrono::milliseconds kDefaultWait = std::chrono::seconds(10);
inline constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(1);

// Something within an active case, or, for the repetition of a command, within one that has ended.
struct Place {
    CaseId case_id;
    std::uint64_t local = 0;
    bool ended = false;
};
// not_found names `what` ("job"). place_of finds nothing that has ended.
Result<Place> place_of(const Call& call, std::uint64_t key, std::string_view what);
Result<Place> place_param(const Call& call, std::string_view parameter, std::string_view what);
// An active process instance, called ones among them.
Result<Place> instance_param(const Call& call);

// The command in the asker's name. Idempotency-Key: the same one again by the same client, for the
// same kind of command, changes nothing. invalid_input: the key is too long.
Result<engine::Command> command_of(const Call& call, engine::CommandBody body);
// Carries the command out in a case and answers 204, or why not.
void carry_out(const Call& call, const Answer& answer, CaseId case_id, engine::CommandBody body);
// The same with an answer of one's own.
void carry_out(const Call& call, const Answer& answer, CaseId case_id, engine::CommandBody body,
               runtime::Callback done);
// As clients are to see what the engine refuses.
Error shown_refusal(const Error& error);
// The same where all that can be missing is what the body names.
Error shown_refusal_of_body(const Error& error);

// Members of a body that may be missing or null. Errors: invalid_input, naming the member.
Result<std::optional<std::int64_t>> whole_member(const json::Value& body, std::string_view name,
                                                 std::int64_t least, std::int64_t most);
Result<std::optional<bool>> flag_member(const json::Value& body, std::string_view name);
Result<std::optional<std::string>> optional_text(const json::Value& body, std::string_view name);
Result<std::optional<std::vector<std::string>>> texts_member(const json::Value& body,
                                                             std::string_view name);
// Empty text: the time is to be taken away.
Result<std::optional<std::optional<Instant>>> time_member(const json::Value& body,
                                                          std::string_view name);
Result<engine::Variables> set_variables(const json::Value& body,
                                        std::string_view name = "variables");
// The items of a list of objects; empty if there is none.
Result<std::span<const json::Value>> objects_member(const json::Value& body, std::string_view name);
// A text that must be there and not be empty.
Result<std::string> needed_text(const json::Value& body, std::string_view name);
// "requestTimeout": 0 and nothing mean `none`.
Result<std::chrono::milliseconds> wait_member(const json::Value& body,
                                              std::chrono::milliseconds none);

}  // namespace schwarm::api::v2
