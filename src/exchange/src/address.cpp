#include "schwarm/exchange/address.hpp"

#include <algorithm>

namespace schwarm::exchange {
namespace {

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

}  // namespace

Result<MemberId> parse_member(std::string_view text) {
    if (!is_name(text)) {
        return fail(ErrorCode::invalid_input, "a member's name has 1 to 63 of a-z, 0-9 and '-': " +
                                                  std::string(text.substr(0, 80)));
    }
    return MemberId(std::string(text));
}

Result<Address> parse_address(std::string_view text) {
    const auto at = text.find('@');
    if (at == std::string_view::npos || !is_name(text.substr(0, at)) ||
        !is_name(text.substr(at + 1))) {
        return fail(ErrorCode::invalid_input, "not an address of the form tenant@member: " +
                                                  std::string(text.substr(0, 140)));
    }
    return Address{TenantId(std::string(text.substr(0, at))),
                   MemberId(std::string(text.substr(at + 1)))};
}

}  // namespace schwarm::exchange
