#include "commands.hpp"

#include <algorithm>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/runtime/rows.hpp"
#include "views.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::size_t kIdempotencyKeyBytesMax = 200;

Error wrong(std::string_view name, std::string reason) {
    return fail(ErrorCode::invalid_input, std::move(reason), std::string(name));
}

// Digits, perhaps after a minus sign, without leading zeros.
bool is_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && (text == "0" || text.front() != '0') &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Null if it is not there or null.
const json::Value* given(const json::Value& body, std::string_view name) {
    const auto* member = body.find(name);
    return member == nullptr || member->is_null() ? nullptr : member;
}

// What the ids of commands with this Idempotency-Key of this client end with; of one length, as
// the runtime limits ids. Empty without such a header.
std::string repeatable(const Call& call) {
    const auto key = call.request.header("idempotency-key");
    if (key.empty()) return {};
    std::string text(call.principal.subject);
    text += '\n';
    text += key;
    return " " + crypto::base64url_encode(crypto::bytes_of(crypto::sha256(text)));
}

// Whether the client has given a command to this case with the Idempotency-Key it now sends again.
bool is_repetition(const Call& call, const runtime::ReadView& view, CaseId id) {
    const auto ending = repeatable(call);
    if (ending.empty()) return false;
    const auto state = view.case_state(id);
    if (!state) return false;
    const auto& seen = state->recent_commands;
    return std::any_of(seen.begin(), seen.end(),
                       [&](const std::string& command) { return command.ends_with(ending); });
}

enum class Ended { refused, repeated };  // repeated: found if the command is a repetition

Result<Place> find_place(const Call& call, std::uint64_t key, std::string_view what, Ended ended) {
    Place place{runtime::case_of(key), runtime::local_of(key), false};
    if (place.local == 0) return no_such(what, key);
    SCHWARM_TRY(view, call.api.runtime.read(call.tenant()));
    const auto row = view.case_row(place.case_id);
    if (!row && row.error().code != ErrorCode::not_found) return row.error();
    if (!row || !services::deployed_key_of(row->definition) || row->deleted) {
        return no_such(what, key);
    }
    place.ended = row->status != engine::CaseStatus::active;
    if (place.ended && (ended == Ended::refused || !is_repetition(call, view, place.case_id))) {
        return no_such(what, key);
    }
    return place;
}

}  // namespace

Result<Place> place_of(const Call& call, std::uint64_t key, std::string_view what) {
    return find_place(call, key, what, Ended::refused);
}

Result<Place> place_param(const Call& call, std::string_view parameter, std::string_view what) {
    SCHWARM_TRY(key, key_param(call, parameter));
    return find_place(call, key, what, Ended::repeated);
}

Result<Place> instance_param(const Call& call) {
    constexpr std::string_view kWhat = "active process instance";
    SCHWARM_TRY(key, key_param(call, "processInstanceKey"));
    SCHWARM_TRY(place, find_place(call, key, kWhat, Ended::repeated));
    if (place.ended) return place;
    SCHWARM_TRY(view, call.api.runtime.read(call.tenant()));
    SCHWARM_TRY(state, view.case_state(place.case_id));
    const auto* root = state.element(ElementKey(place.local));
    if (root == nullptr || root->node != bpmn::kProcessNode) return no_such(kWhat, key);
    return place;
}

Result<engine::Command> command_of(const Call& call, engine::CommandBody body) {
    engine::Command command;
    command.actor = call.principal.subject;
    const auto key = call.request.header("idempotency-key");
    if (key.size() > kIdempotencyKeyBytesMax) {
        return wrong("Idempotency-Key",
                     "this is longer than " + std::to_string(kIdempotencyKeyBytesMax) + " bytes");
    }
    if (!key.empty()) command.id = std::string(engine::name_of(body)) + repeatable(call);
    command.body = std::move(body);
    return command;
}

Error shown_refusal(const Error& error) {
    // 415 is for bodies.
    if (error.code == ErrorCode::unsupported) {
        return fail(ErrorCode::invalid_input, error.message, error.where);
    }
    return error;
}

Error shown_refusal_of_body(const Error& error) {
    auto shown = shown_refusal(error);
    if (shown.code == ErrorCode::not_found) shown.code = ErrorCode::invalid_input;
    return shown;
}

void carry_out(const Call& call, const Answer& answer, CaseId case_id, engine::CommandBody body,
               runtime::Callback done) {
    auto command = command_of(call, std::move(body));
    if (!command) return answer.problem(command.error());
    call.api.runtime.submit({call.tenant(), case_id, std::move(*command), {}}, std::move(done));
}

void carry_out(const Call& call, const Answer& answer, CaseId case_id, engine::CommandBody body) {
    carry_out(call, answer, case_id, std::move(body), [answer](const Result<runtime::Reply>& done) {
        if (!done) return answer.problem(shown_refusal(done.error()));
        answer.empty();
    });
}

Result<std::optional<std::int64_t>> whole_member(const json::Value& body, std::string_view name,
                                                 std::int64_t least, std::int64_t most) {
    const auto* member = given(body, name);
    if (member == nullptr) return std::optional<std::int64_t>();
    // Clients send whole numbers of 64 bits as texts.
    const auto number = member->is_string() && is_number(member->as_string())
                            ? json::Value::number(member->as_string()).as_int64()
                            : (member->is_number() ? member->as_int64() : std::nullopt);
    if (!number || *number < least || *number > most) {
        return wrong(name, "this must be a whole number from " + std::to_string(least) + " to " +
                               std::to_string(most));
    }
    return number;
}

Result<std::optional<bool>> flag_member(const json::Value& body, std::string_view name) {
    const auto* member = given(body, name);
    if (member == nullptr) return std::optional<bool>();
    if (!member->is_boolean()) return wrong(name, "this must be true or false");
    return std::optional<bool>(member->as_boolean());
}

Result<std::optional<std::string>> optional_text(const json::Value& body, std::string_view name) {
    if (given(body, name) == nullptr) return std::optional<std::string>();
    SCHWARM_TRY(text, text_member(body, name));
    return std::optional(std::move(text));
}

Result<std::optional<std::vector<std::string>>> texts_member(const json::Value& body,
                                                             std::string_view name) {
    const auto* member = given(body, name);
    if (member == nullptr) return std::optional<std::vector<std::string>>();
    const auto is_text = [](const json::Value& item) { return item.is_string(); };
    if (!member->is_array() ||
        !std::all_of(member->items().begin(), member->items().end(), is_text)) {
        return wrong(name, "this must be a list of texts");
    }
    std::vector<std::string> out;
    for (const auto& item : member->items()) out.push_back(item.as_string());
    return std::optional(std::move(out));
}

Result<std::optional<std::optional<Instant>>> time_member(const json::Value& body,
                                                          std::string_view name) {
    using Change = std::optional<std::optional<Instant>>;
    SCHWARM_TRY(text, optional_text(body, name));
    if (!text) return Change();
    if (text->empty()) return Change(std::optional<Instant>());
    const auto at = parse_time(*text);
    if (!at) return wrong(name, "this must be a time such as 2026-03-14T09:00:00Z");
    return Change(at);
}

Result<engine::Variables> set_variables(const json::Value& body, std::string_view name) {
    SCHWARM_TRY(context, variables_member(body, name));
    return engine::Variables::from_context(context);
}

Result<std::span<const json::Value>> objects_member(const json::Value& body,
                                                    std::string_view name) {
    const auto* member = given(body, name);
    if (member == nullptr) return std::span<const json::Value>();
    const auto is_object = [](const json::Value& item) { return item.is_object(); };
    if (!member->is_array() ||
        !std::all_of(member->items().begin(), member->items().end(), is_object)) {
        return wrong(name, "this must be a list of objects");
    }
    return std::span<const json::Value>(member->items());
}

Result<std::string> needed_text(const json::Value& body, std::string_view name) {
    SCHWARM_TRY(text, text_member(body, name));
    if (text.empty()) return wrong(name, "this must be given");
    return text;
}

Result<std::chrono::milliseconds> wait_member(const json::Value& body,
                                              std::chrono::milliseconds none) {
    SCHWARM_TRY(wait, whole_member(body, "requestTimeout", INT64_MIN, INT64_MAX));
    if (wait.value_or(0) == 0) return none;
    return std::min(std::chrono::milliseconds(std::max<std::int64_t>(*wait, -1)), kLongestWait);
}

}  // namespace schwarm::api::v2
