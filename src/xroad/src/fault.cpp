#include "fault.hpp"

#include "schwarm/base/check.hpp"
#include "schwarm/json/writer.hpp"
#include "xml_writer.hpp"

namespace schwarm::xroad {
namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// Empty: JSON.
std::string_view xml_type(const http::Request& request) {
    if (accepts(request, "text/xml") || accepts(request, "text/*")) return "text/xml";
    if (accepts(request, "application/xml")) return "application/xml";
    return {};
}

}  // namespace

void throw_exception_from_error(const Fault& fault, const boost::source_location&) {
    CHECK(false, "a fault was taken for a value: " + fault.message);
    std::abort();
}

Fault fault_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::unavailable:
            return {kClientNetwork, error.message};
        case ErrorCode::maybe_done:
            return {kProviderNetwork, error.message};
        case ErrorCode::not_found:
            return {kUnknownService, error.message};
        case ErrorCode::unauthenticated:
            return {kAccessDenied, error.message};
        case ErrorCode::storage_failed:
            return {kClientDatabase, "the node could not store the question"};
        default:
            return {kClientInternal, "an error of the node"};
    }
}

bool accepts(const http::Request& request, std::string_view media_type) {
    for (const auto& [name, value] : request.headers) {
        if (!http::equal_ignoring_case(name, "Accept")) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const auto comma = rest.find(',');
            const std::string_view item = rest.substr(0, comma);
            rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
            if (http::equal_ignoring_case(trim(item.substr(0, item.find(';'))), media_type)) {
                return true;
            }
        }
    }
    return false;
}

http::Response fault_response(const http::Request& request, const Fault& fault,
                              std::string_view detail) {
    const int status = fault.type.starts_with("server.") ? 500 : 400;
    const std::string_view type = xml_type(request);
    http::Response response;
    if (type.empty()) {
        json::Writer writer;
        writer.begin_object();
        writer.member("type", fault.type);
        writer.member("message", fault.message);
        writer.member("detail", detail);
        writer.end_object();
        response = http::Response::make(status, "application/json;charset=utf-8", writer.take());
    } else {
        XmlWriter writer;
        writer.begin("error");
        writer.element("type", fault.type);
        writer.element("message", fault.message);
        writer.element("detail", detail);
        writer.end("error");
        response =
            http::Response::make(status, std::string(type) + ";charset=utf-8", writer.take());
    }
    response.header("X-Road-Error", std::string(fault.type));
    return response;
}

}  // namespace schwarm::xroad
