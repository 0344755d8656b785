#include "directory/fields.hpp"

#include <algorithm>

#include "schwarm/crypto/encode.hpp"

namespace schwarm::exchange::detail {
namespace {

constexpr std::size_t kKeyBytes = 1024;
constexpr std::size_t kJwsBytes = std::size_t{256} * 1024;
const json::Value kEmptyObject = json::Value::object();
const json::Value::Array kNoItems;

}  // namespace

Fields::Fields(const json::Value& object, std::string where, Failure& failure)
    : object_(object.is_object() ? object : kEmptyObject),
      where_(std::move(where)),
      failure_(failure) {
    if (!object.is_object() && ok()) {
        failure_.error = fail(ErrorCode::invalid_input, "not an object", where_);
    }
}

void Fields::refuse(std::string_view name, std::string reason) {
    if (ok()) failure_.error = fail(ErrorCode::invalid_input, std::move(reason), place(name));
}

const json::Value* Fields::take(std::string_view name) {
    asked_.push_back(name);
    const json::Value* value = object_.find(name);
    if (value == nullptr) refuse(name, "is missing");
    return value;
}

std::string Fields::text(std::string_view name, std::size_t max_bytes) {
    const json::Value* value = take(name);
    if (value == nullptr) return {};
    if (!value->is_string() || value->as_string().empty() ||
        value->as_string().size() > max_bytes) {
        refuse(name, "not a text of 1 to " + std::to_string(max_bytes) + " bytes");
        return {};
    }
    return value->as_string();
}

std::int64_t Fields::number(std::string_view name, std::int64_t min, std::int64_t max) {
    const json::Value* value = take(name);
    if (value == nullptr) return min;
    const auto number = value->as_int64();
    if (!number || *number < min || *number > max) {
        refuse(name,
               "not a whole number from " + std::to_string(min) + " to " + std::to_string(max));
        return min;
    }
    return *number;
}

Instant Fields::time(std::string_view name) {
    return at_millis(number(name, 0));
}

bool Fields::boolean(std::string_view name) {
    const json::Value* value = take(name);
    if (value == nullptr) return false;
    if (!value->is_boolean()) {
        refuse(name, "neither true nor false");
        return false;
    }
    return value->as_boolean();
}

crypto::Hash Fields::hash(std::string_view name) {
    const auto hash = read_hash(text(name, 43));
    if (hash.has_error()) {
        refuse(name, "not a SHA-256 in base64url");
        return {};
    }
    return hash.value();
}

PublicKey Fields::key(std::string_view name) {
    const json::Value& value = object(name);
    PublicKey key{value.string_or("kid", ""), json::to_string(value)};
    if (key.kid.empty() || key.kid.size() > 100 || key.jwk.size() > kKeyBytes) {
        refuse(name, "not a key with kid of at most 1024 bytes");
    }
    return key;
}

MemberId Fields::member(std::string_view name) {
    auto id = parse_member(text(name, 63));
    if (id.has_error()) refuse(name, id.error().message);
    return id.has_error() ? MemberId() : id.value();
}

TenantId Fields::tenant(std::string_view name) {
    // A tenant's name has the form of a member's.
    return TenantId(member(name).value());
}

Address Fields::address(std::string_view name) {
    auto address = parse_address(text(name, 127));
    if (address.has_error()) refuse(name, address.error().message);
    return address.has_error() ? Address() : address.value();
}

const json::Value& Fields::object(std::string_view name) {
    const json::Value* value = take(name);
    if (value != nullptr && value->is_object()) return *value;
    refuse(name, "not an object");
    return kEmptyObject;
}

const json::Value::Array& Fields::list(std::string_view name, std::size_t min, std::size_t max) {
    const json::Value* value = take(name);
    if (value == nullptr) return kNoItems;
    if (!value->is_array() || value->items().size() < min || value->items().size() > max) {
        refuse(name, "not a list of " + std::to_string(min) + " to " + std::to_string(max));
        return kNoItems;
    }
    return value->items();
}

std::vector<std::string> Fields::texts(std::string_view name, std::size_t min, std::size_t max,
                                       std::size_t max_bytes) {
    std::vector<std::string> out;
    for (const json::Value& item : list(name, min, max)) {
        if (!item.is_string() || item.as_string().empty() || item.as_string().size() > max_bytes) {
            refuse(name, "not a list of texts of 1 to " + std::to_string(max_bytes) + " bytes");
            return {};
        }
        out.push_back(item.as_string());
    }
    return out;
}

void Fields::end() {
    for (const auto& [name, value] : object_.members()) {
        if (std::find(asked_.begin(), asked_.end(), name) == asked_.end()) {
            refuse(name.substr(0, 60), "a member that does not belong here");
            return;
        }
    }
}

std::string hash_text(const crypto::Hash& hash) {
    return crypto::base64url_encode(crypto::bytes_of(hash));
}

Result<crypto::Hash> read_hash(std::string_view text) {
    if (text.size() != 43) return fail(ErrorCode::invalid_input, "not a SHA-256 in base64url");
    SCHWARM_TRY(bytes, crypto::base64url_decode(text));
    return crypto::hash_from_bytes(bytes);
}

Result<std::string> signed_text(std::string_view jws) {
    const auto first = jws.find('.');
    const auto last = jws.rfind('.');
    if (jws.size() > kJwsBytes || first == std::string_view::npos || first == last ||
        jws.substr(first + 1, last - first - 1).find('.') != std::string_view::npos) {
        return fail(ErrorCode::invalid_input, "not a compact JWS of at most 256 kB");
    }
    return crypto::base64url_decode(jws.substr(first + 1, last - first - 1));
}

}  // namespace schwarm::exchange::detail
