#include "fields.hpp"

#include <algorithm>

#include "schwarm/base/calendar.hpp"
#include "schwarm/base/utf8.hpp"
#include "schwarm/crypto/encode.hpp"

namespace schwarm::exchange {

Result<Fields> Fields::of(const json::Value& object, std::string where) {
    if (!object.is_object()) {
        return fail(ErrorCode::invalid_input, "must be an object", std::move(where));
    }
    return Fields(object, std::move(where));
}

Error Fields::refuse(std::string_view name, std::string reason) const {
    return fail(ErrorCode::invalid_input, std::move(reason),
                where_ + " /" + std::string(name.substr(0, 40)));
}

Result<const json::Value*> Fields::any(std::string_view name) {
    const json::Value* const member = object_->find(name);
    if (member == nullptr) return refuse(name, "is missing");
    known_.push_back(name);
    return member;
}

Result<std::string> Fields::text(std::string_view name) {
    SCHWARM_TRY(member, any(name));
    if (!member->is_string()) return refuse(name, "must be a string");
    return member->as_string();
}

Result<std::uint64_t> Fields::number(std::string_view name, std::uint64_t max) {
    SCHWARM_TRY(member, any(name));
    const auto value = member->as_int64();
    if (!value || *value < 0 || static_cast<std::uint64_t>(*value) > max) {
        return refuse(name, "must be a whole number from 0 to " + std::to_string(max));
    }
    return static_cast<std::uint64_t>(*value);
}

Result<Address> Fields::address(std::string_view name) {
    SCHWARM_TRY(value, text(name));
    auto parsed = parse_address(value);
    if (!parsed) return refuse(name, parsed.error().message);
    return parsed;
}

Result<Instant> Fields::instant(std::string_view name) {
    constexpr std::string_view kShape = "0000-00-00T00:00:00";
    SCHWARM_TRY(value, text(name));
    if (value.size() > kShape.size() && value.size() <= kShape.size() + 5 && value[4] == '-') {
        const auto parsed = DateTime::parse(value);
        // One text only, so that equal instants are equal texts.
        if (parsed && parsed->date.days >= 0 && instant_text(parsed->to_instant()) == value) {
            return parsed->to_instant();
        }
    }
    return refuse(name, "must be a time in UTC like 2026-03-01T10:30:00Z");
}

Result<std::string> Fields::bytes(std::string_view name, std::size_t size) {
    SCHWARM_TRY(value, text(name));
    auto decoded = crypto::base64url_decode(value);
    if (!decoded) return refuse(name, decoded.error().message);
    if (decoded->size() != size) {
        return refuse(name, "must have " + std::to_string(size) + " bytes");
    }
    return decoded;
}

Result<void> Fields::no_others() const {
    for (const auto& [name, member] : object_->members()) {
        if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
            return refuse(name, "is not known in this version");
        }
    }
    return {};
}

std::string instant_text(Instant instant) {
    return DateTime::from_instant(instant, Zone::utc()).to_string();
}

bool is_token(std::string_view text, std::size_t max, std::string_view more) {
    return !text.empty() && text.size() <= max &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == ':' || c == '-' ||
                      more.find(c) != std::string_view::npos;
           });
}

bool is_line(std::string_view text, std::size_t max) {
    return !text.empty() && text.size() <= max && utf8::is_valid(text) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

}  // namespace schwarm::exchange
