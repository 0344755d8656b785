// Reads the members of a JSON object strictly: each with its type and limits, none unknown. The
// first failure sticks and names its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/exchange/cryptography.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange::detail {

inline constexpr std::int64_t kNumberMax = std::int64_t{1} << 53;  // what JSON carries everywhere

class Fields {
  public:
    // Collects failures of all objects that are read within one document.
    struct Failure {
        std::optional<Error> error;
    };
    Fields(const json::Value& object, std::string where, Failure& failure);

    bool has(std::string_view name) const { return object_.find(name) != nullptr; }
    std::string text(std::string_view name, std::size_t max_bytes);
    std::int64_t number(std::string_view name, std::int64_t min, std::int64_t max = kNumberMax);
    Instant time(std::string_view name);
    bool boolean(std::string_view name);
    crypto::Hash hash(std::string_view name);
    // A key by its form only; whether it is one, Cryptography::read_key says.
    PublicKey key(std::string_view name);
    MemberId member(std::string_view name);
    TenantId tenant(std::string_view name);
    Address address(std::string_view name);
    // An object of its own; an empty one after a failure.
    const json::Value& object(std::string_view name);
    const json::Value::Array& list(std::string_view name, std::size_t min, std::size_t max);
    std::vector<std::string> texts(std::string_view name, std::size_t min, std::size_t max,
                                   std::size_t max_bytes);

    void refuse(std::string_view name, std::string reason);
    bool ok() const { return !failure_.error.has_value(); }
    // Refuses members that nobody asked for.
    void end();
    std::string place(std::string_view name) const { return where_ + "/" + std::string(name); }
    Failure& failure() { return failure_; }

  private:
    const json::Value* take(std::string_view name);

    const json::Value& object_;
    std::string where_;
    Failure& failure_;
    std::vector<std::string_view> asked_;
};

std::string hash_text(const crypto::Hash& hash);
Result<crypto::Hash> read_hash(std::string_view text);

inline std::int64_t millis(Instant at) {
    return at.time_since_epoch().count();
}
inline Instant at_millis(std::int64_t ms) {
    return Instant(std::chrono::milliseconds(ms));
}

// More than two thirds of `members`.
inline std::size_t quorum(std::size_t members) {
    return members * 2 / 3 + 1;
}

// The payload of a compact JWS; neither its signature nor its header is looked at (peek_jws reads
// the header): a start reads a hundred thousand of them. Limits: 256 kB.
Result<std::string> signed_text(std::string_view jws);

}  // namespace schwarm::exchange::detail
