// Errors as X-Road answers them (PR-REST 4.6): type, message and detail, in JSON or XML.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "schwarm/http/message.hpp"

namespace schwarm::xroad {

// Names as the source of X-Road 7.8 has them; older ones write Client.BadRequest.
inline constexpr std::string_view kBadRequest = "client.bad_request";
inline constexpr std::string_view kInvalidHttpMethod = "client.invalid_http_method";
inline constexpr std::string_view kInvalidClient = "server.clientproxy.invalid_client_identifier";
inline constexpr std::string_view kUnknownMember = "server.clientproxy.unknown_member";
inline constexpr std::string_view kNotProven = "server.clientproxy.ssl_authentication_failed";
inline constexpr std::string_view kInvalidServer = "server.clientproxy.invalid_security_server";
inline constexpr std::string_view kClientNetwork = "server.clientproxy.network_error";
inline constexpr std::string_view kClientDatabase = "server.clientproxy.database_error";
inline constexpr std::string_view kClientInternal = "server.clientproxy.internal_error";
inline constexpr std::string_view kUnknownService = "server.serverproxy.unknown_service";
inline constexpr std::string_view kAccessDenied = "server.serverproxy.access_denied";
inline constexpr std::string_view kInvalidRequest = "server.serverproxy.invalid_request";
inline constexpr std::string_view kProviderNetwork = "server.serverproxy.network_error";

struct Fault {
    Fault() = default;
    // No aggregate: C++20 would make one from a text.
    Fault(std::string_view t, std::string m) : type(t), message(std::move(m)) {}

    std::string_view type = kClientInternal;  // one of the above
    std::string message;
};

template <class T>
using Checked = boost::system::result<T, Fault>;
[[noreturn]] void throw_exception_from_error(const Fault& fault, const boost::source_location&);

inline Fault bad_request(std::string message) {
    return {kBadRequest, std::move(message)};
}

// Of what the host says about a question.
Fault fault_of(const Error& error);

// 500 if the type begins with "server.", else 400. `detail` names the call in the log.
http::Response fault_response(const http::Request& request, const Fault& fault,
                              std::string_view detail);

// Whether Accept lists the media type, whatever its weight.
bool accepts(const http::Request& request, std::string_view media_type);

}  // namespace schwarm::xroad
