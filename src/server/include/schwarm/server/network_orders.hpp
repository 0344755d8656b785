// What an operator does to the network by commands, beside the working node
// (docs/decisions/0014-operator-commands.md). Each function checks what can be checked there and
// answers the order; give_order() lays it down for the node. Errors are sentences for the operator.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/exchange/directory.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/server/administration.hpp"
#include "schwarm/server/membership_card.hpp"

namespace schwarm::server {

inline constexpr json::Limits kOrderLimits{std::size_t{64} * 1024, 6, 200};
inline constexpr const char* kOrderEntered = ".entered";
inline constexpr const char* kOrderRefused = ".refused";

// not_found: no such tenant here. conflict: an exchange is under way.
Result<json::Value> order_tenant_keys(const Place& place, const std::string& tenant);
// That a signing key of a tenant was lost; an empty `key` means the one that the directory names.
// not_found: no such tenant or key here. conflict: it is withdrawn already.
Result<json::Value> order_lost_key(const Place& place, const std::string& tenant,
                                   const std::string& key);
Result<json::Value> order_operator_key(const Place& place);
Result<json::Value> order_tls_key(const Place& place);

// Which agreement is meant; what is empty may be anything.
struct AgreementChoice {
    exchange::Address client;
    exchange::Address provider;
    std::string evidence;
    std::string service;
};
// not_found: none of them holds; conflict: several do.
Result<json::Value> order_withdrawal(const Place& place, const AgreementChoice& choice,
                                     const std::string& reason);
// conflict: it is so already.
Result<json::Value> order_suspension(const Place& place, const std::string& tenant, bool suspended);

Result<json::Value> order_admission(const Place& place, const MembershipCard& card);
Result<json::Value> order_admission(const Place& place, const std::string& member,
                                    const std::string& key);
Result<json::Value> order_removal(const Place& place, const std::string& member);
Result<json::Value> order_choice(const Place& place, const std::string& epoch);

std::filesystem::path order_folder(const Place& place);

struct OrderOutcome {
    enum class State : std::uint8_t { entered, refused, waits } state = State::waits;
    std::string sentence;
    std::filesystem::path file;  // of the order
};
// `patience`: how long to wait for the outcome.
Result<OrderOutcome> give_order(const Place& place, const json::Value& order,
                                std::chrono::milliseconds patience);

}  // namespace schwarm::server
