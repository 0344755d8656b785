// Strict reading of JSON objects that came over the network: each member once, no others, errors
// with the place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::exchange {

class Fields {
  public:
    // invalid_input: no object. `object` must outlive this. `where`: "envelope".
    static Result<Fields> of(const json::Value& object, std::string where);

    // invalid_input: missing, or of another kind.
    Result<const json::Value*> any(std::string_view name);
    Result<std::string> text(std::string_view name);
    Result<std::uint64_t> number(std::string_view name, std::uint64_t max);
    Result<Address> address(std::string_view name);
    // "2026-03-01T10:30:00Z" or with one to three digits of a second; one text for each instant.
    Result<Instant> instant(std::string_view name);
    // base64url of exactly `size` bytes.
    Result<std::string> bytes(std::string_view name, std::size_t size);

    // invalid_input: there are members that nobody asked for.
    Result<void> no_others() const;

    Error refuse(std::string_view name, std::string reason) const;
    const std::string& where() const { return where_; }

  private:
    Fields(const json::Value& object, std::string where)
        : object_(&object), where_(std::move(where)) {}

    const json::Value* object_;
    std::string where_;
    std::vector<std::string_view> known_;
};

std::string instant_text(Instant instant);

// 1 to `max` characters of A-Z a-z 0-9 . _ : - and of `more`.
bool is_token(std::string_view text, std::size_t max, std::string_view more = "");
// 1 to `max` bytes of UTF-8 without control characters.
bool is_line(std::string_view text, std::size_t max);

}  // namespace schwarm::exchange
