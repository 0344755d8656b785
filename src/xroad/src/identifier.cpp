#include "identifier.hpp"

#include <algorithm>

#include "schwarm/base/utf8.hpp"
#include "schwarm/http/url.hpp"

namespace schwarm::xroad {
namespace {

constexpr std::size_t kPathBytesMax = 2000;  // PR-REST 4.2
constexpr std::size_t kHeaderBytesMax = 2000;
constexpr std::size_t kSegmentsMax = 8;

bool is_letter_or_digit(char32_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7);
}

bool is_pchar(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("-._~!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

// At most `most` pieces; one more says that there were too many.
std::vector<std::string_view> split(std::string_view text, std::size_t most) {
    std::vector<std::string_view> pieces;
    while (pieces.size() <= most) {
        const auto slash = text.find('/');
        pieces.push_back(text.substr(0, slash));
        if (slash == std::string_view::npos) break;
        text.remove_prefix(slash + 1);
    }
    return pieces;
}

}  // namespace

bool is_part(std::string_view part) {
    if (part.empty() || part.size() > kPartBytesMax || !utf8::is_valid(part)) return false;
    if (part == "." || part.find("..") != std::string_view::npos) return false;
    for (std::size_t at = 0; at < part.size();) {
        const char32_t c = utf8::next(part, at);
        const bool mark = c < 0x80 && std::string_view(" '()+,-.=?_").find(static_cast<char>(c)) !=
                                          std::string_view::npos;
        if (!mark && !is_letter_or_digit(c)) return false;
    }
    return true;
}

std::string escape_part(std::string_view part) {
    std::string out;
    for (const char& c : part) {
        if (is_pchar(c)) {
            out += c;
        } else {
            out += http::percent_encode({&c, 1});
        }
    }
    return out;
}

std::string SubsystemId::text() const {
    std::string out = escape_part(instance) + "/" + escape_part(member_class) + "/";
    out += escape_part(member);
    if (!subsystem.empty()) out += "/" + escape_part(subsystem);
    return out;
}

std::string ServiceId::text() const {
    return subsystem.text() + "/" + escape_part(service);
}

SubsystemId id_of(const Settings& settings, const exchange::Address& address) {
    return {settings.instance, std::string(kMemberClass), address.member.value(),
            address.tenant.value()};
}

std::optional<exchange::Address> address_of(const Settings& settings, const SubsystemId& id) {
    if (id.instance != settings.instance || id.member_class != kMemberClass) return std::nullopt;
    auto address = exchange::parse_address(id.subsystem + "@" + id.member);
    if (address.has_error()) return std::nullopt;
    return std::move(address.value());
}

Checked<std::vector<std::string>> read_parts(std::string_view value, std::string_view header) {
    const std::string name(header);
    if (value.size() > kHeaderBytesMax) return bad_request(name + " is too long");
    std::vector<std::string> parts;
    for (const std::string_view piece : split(value, kSegmentsMax)) {
        auto part = http::percent_decode(piece);
        if (!part || !is_part(*part)) {
            return bad_request("a part of " + name + " is no identifier of X-Road");
        }
        parts.push_back(std::move(*part));
    }
    return parts;
}

Checked<ServicePath> read_path(std::string_view path) {
    if (path.size() > kPathBytesMax) return bad_request("the path is too long");
    if (!path.starts_with("/r1/")) return bad_request("the path does not begin with /r1/");
    path.remove_prefix(4);
    std::vector<std::string_view> pieces = split(path, kSegmentsMax);
    if (pieces.size() == 6 && pieces.back().empty()) pieces.pop_back();  // ".../service/"
    if (pieces.size() < 5) {
        return bad_request(
            "the path is not /r1/INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE: parts are missing");
    }
    if (!std::all_of(pieces.begin(), pieces.end(), is_part)) {
        return bad_request("a part of the path is no identifier of X-Road");
    }
    if (pieces.size() > 6) return bad_request("services here have paths of one segment at most");
    ServicePath out;
    out.service.subsystem = {std::string(pieces[0]), std::string(pieces[1]), std::string(pieces[2]),
                             std::string(pieces[3])};
    out.service.service = pieces[4];
    if (pieces.size() == 6) out.rest = pieces[5];
    return out;
}

}  // namespace schwarm::xroad
