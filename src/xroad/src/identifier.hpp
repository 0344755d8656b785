// Identifiers of X-Road (PR-REST 4.1, 4.2): parts that are checked one by one. Pure, thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/exchange/address.hpp"
#include "schwarm/xroad/xroad.hpp"

#include "fault.hpp"

namespace schwarm::xroad {

inline constexpr std::size_t kPartBytesMax = 255;

// Letters (also those of Latin-1 and Latin Extended), digits, space and '()+,-.=?_ ; no "..", and
// not dots alone. So never '/', '\', '%', ':', ';' or a control character.
bool is_part(std::string_view part);

// Percent-encoded as one segment of a path: RFC 3986's pchar stays.
std::string escape_part(std::string_view part);

// INSTANCE/CLASS/MEMBER/SUBSYSTEM: who asks, or who is asked.
struct SubsystemId {
    std::string instance;
    std::string member_class;
    std::string member;
    std::string subsystem;  // empty: the member itself
    bool operator==(const SubsystemId&) const = default;
    std::string text() const;  // escaped
};

struct ServiceId {
    SubsystemId subsystem;
    std::string service;
    bool operator==(const ServiceId&) const = default;
    std::string text() const;
};

SubsystemId id_of(const Settings& settings, const exchange::Address& address);
// nullopt: another instance or class, or names that no tenant can have.
std::optional<exchange::Address> address_of(const Settings& settings, const SubsystemId& id);

// The parts of a header's value, each decoded for itself and checked. `header` is for the message.
Checked<std::vector<std::string>> read_parts(std::string_view value, std::string_view header);

// "/r1/..." as http::Request has it: decoded already, which is the same as decoding each part,
// since a path with an encoded '/' does not come here.
struct ServicePath {
    ServiceId service;
    std::string rest;  // the one segment behind it, or empty
};
Checked<ServicePath> read_path(std::string_view path);

}  // namespace schwarm::xroad
