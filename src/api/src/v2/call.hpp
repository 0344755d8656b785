// What a handler of /v2 gets, and how it answers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "schwarm/api/v2.hpp"
#include "schwarm/app/access.hpp"
#include "schwarm/feel/value.hpp"
#include "schwarm/http/message.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::api::v2 {

// The one answer to a request; copy it into callbacks. Thread-safe.
class Answer {
  public:
    Answer(http::Respond respond, std::string instance)
        : respond_(std::move(respond)), instance_(std::move(instance)) {}

    void json(std::string body, int status = 200) const;
    void empty(int status = 204) const;
    void response(http::Response response) const { respond_(std::move(response)); }
    // application/problem+json {type, title, status, detail, instance}.
    void problem(const Error& error) const;
    void problem(int status, std::string_view title, std::string_view detail) const;

  private:
    http::Respond respond_;
    std::string instance_;
};

// Lives only until the handler returns. `api` lives as long as the node, `request` until the
// answer; copy the rest.
struct Call {
    const V2Dependencies& api;
    const http::Request& request;
    app::Principal principal;  // allowed by the route's action; anonymous on open routes
    const TenantId& tenant() const { return principal.tenant; }
};

// The key of the outermost process instance within its case.
inline constexpr std::uint64_t kRootInstance = 1;

// A key as it travels: a decimal text. nullopt for anything else.
std::optional<std::uint64_t> parse_key(std::string_view text);
inline std::string key_text(std::uint64_t key) {
    return std::to_string(key);
}
// The key in the path; not_found if it is no key.
Result<std::uint64_t> key_param(const Call& call, std::string_view name);
// A key in a body (text, or a number from older clients); invalid_input names the member.
Result<std::optional<std::uint64_t>> key_member(const json::Value& body, std::string_view name);
// UTC with milliseconds: "2026-03-14T09:00:00.000Z".
std::string time_text(Instant at);
std::optional<Instant> parse_time(std::string_view text);

// A number for something outside of cases that the tenant has not used yet; `done` is called once,
// after the commit.
void draw_key(const Call& call, std::function<void(Result<std::uint64_t>)> done);

// The body as a JSON object; an empty body is an empty object. unsupported (415 by answer_415) if
// it says to be something else.
Result<json::Value> json_body(const Call& call);
// A member that must be an object if it is there, as FEEL.
Result<feel::Value> variables_member(const json::Value& body, std::string_view name = "variables");
// An optional text; invalid_input if it is something else.
Result<std::string> text_member(const json::Value& body, std::string_view name);

// Clients name their tenant, none, or "<default>", which means the own one here; any other does
// not exist for them.
Result<void> check_tenant(const Call& call, std::string_view named);

}  // namespace schwarm::api::v2
