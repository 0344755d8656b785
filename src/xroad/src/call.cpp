#include "call.hpp"

#include "schwarm/base/utf8.hpp"

namespace schwarm::xroad {
namespace {

constexpr std::size_t kTextBytesMax = 255;
constexpr std::size_t kQueryBytesMax = 4000;

const std::string* last_of(const http::Headers& headers, std::string_view name) {
    const std::string* found = nullptr;
    for (const auto& [key, value] : headers) {
        if (http::equal_ignoring_case(key, name)) found = &value;
    }
    return found;
}

// Free text that is logged, and for X-Road-Id sent back.
Checked<std::string> read_text(const http::Headers& headers, std::string_view name) {
    const std::string* value = last_of(headers, name);
    if (value == nullptr) return std::string();
    bool good = value->size() <= kTextBytesMax && utf8::is_valid(*value);
    for (std::size_t at = 0; good && at < value->size();) {
        const char32_t c = utf8::next(*value, at);
        good = c >= 0x20 && (c < 0x7F || c > 0x9F) && c != 0x2028 && c != 0x2029;
    }
    if (!good) {
        return bad_request(std::string(name) + " is too long or has control characters");
    }
    return *value;
}

Checked<void> read_client(const http::Headers& headers, Call& call) {
    const std::string* value = last_of(headers, "X-Road-Client");
    if (value == nullptr) return Fault{kInvalidClient, "The client identifier is missing"};
    SCHWARM_TRY(parts, read_parts(*value, "X-Road-Client"));
    if (parts.size() != 3 && parts.size() != 4) {
        return bad_request("X-Road-Client is not INSTANCE/CLASS/MEMBER/SUBSYSTEM");
    }
    call.client = {parts[0], parts[1], parts[2], parts.size() == 4 ? parts[3] : std::string()};
    if (parts.size() == 3) {
        return Fault{kInvalidClient,
                     "The client identifier names no subsystem: members do not ask here"};
    }
    return {};
}

Checked<void> read_targets(const http::Headers& headers, Call& call) {
    if (const std::string* value = last_of(headers, "X-Road-Security-Server")) {
        SCHWARM_TRY(parts, read_parts(*value, "X-Road-Security-Server"));
        if (parts.size() != 4) {
            return bad_request("X-Road-Security-Server is not INSTANCE/CLASS/MEMBER/SERVER");
        }
        call.server = std::move(parts);
    }
    if (const std::string* value = last_of(headers, "X-Road-Represented-Party")) {
        SCHWARM_TRY(parts, read_parts(*value, "X-Road-Represented-Party"));
        if (parts.size() > 2) {
            return bad_request("X-Road-Represented-Party is not [CLASS/]MEMBER");
        }
        call.represented = std::move(parts);
    }
    return {};
}

}  // namespace

Checked<void> read_call(const http::Request& request, Call& call) {
    if (request.query.size() > kQueryBytesMax) return bad_request("the query is too long");
    SCHWARM_TRY(path, read_path(request.path));
    call.service = std::move(path.service);
    call.rest = std::move(path.rest);
    if (request.method != http::Method::get && request.method != http::Method::post) {
        return Fault{kInvalidHttpMethod, "services here are asked by GET or POST"};
    }
    SCHWARM_TRY(id, read_text(request.headers, "X-Road-Id"));
    SCHWARM_TRY(user, read_text(request.headers, "X-Road-UserId"));
    SCHWARM_TRY(issue, read_text(request.headers, "X-Road-Issue"));
    call.id = std::move(id);
    call.user = std::move(user);
    call.issue = std::move(issue);
    SCHWARM_TRY_VOID(read_client(request.headers, call));
    return read_targets(request.headers, call);
}

}  // namespace schwarm::xroad
