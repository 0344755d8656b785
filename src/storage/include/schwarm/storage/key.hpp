// Keys whose order as bytes is the order of their parts.
//
//   KeyBuilder(TenantId("leipzig")).number(7).text("x").take()
//
// The tenant comes first and ends with a zero byte; a number is 8 bytes, most significant first; a
// text has each zero byte written as 00 FF and ends with 00 00 (so "a" < "ab" < "b" also holds
// with parts behind them); raw bytes have a length both sides know.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::storage {

class KeyBuilder {
  public:
    // What stands behind the tenant; or any text whose numbers sort.
    KeyBuilder() = default;
    // The empty tenant stands for the node itself.
    explicit KeyBuilder(const TenantId& tenant);
    KeyBuilder& number(std::uint64_t value);
    KeyBuilder& text(std::string_view value);
    KeyBuilder& raw(std::string_view bytes);
    const std::string& data() const { return key_; }
    std::string take() { return std::move(key_); }

  private:
    std::string key_;
};

// Reads the parts in the same order. Keys come from our own files: damage is answered by ok().
class KeyReader {
  public:
    explicit KeyReader(std::string_view key) : rest_(key) {}
    TenantId tenant();
    std::uint64_t number();
    std::string text();
    std::string_view raw(std::size_t size);
    // Nothing failed so far.
    bool ok() const { return ok_; }
    bool at_end() const { return rest_.empty(); }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

// 1 to 63 of a-z, 0-9 and '-'.
Result<void> check_tenant(const TenantId& tenant);

}  // namespace schwarm::storage
