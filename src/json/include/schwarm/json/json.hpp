// Reading and writing JSON (RFC 8259). The reader is strict: one value, no duplicate names, valid
// UTF-8, all limits kept while reading. Numbers are kept as text,
// whatever their size. Errors name line and column and the reason.
// Thread-safe: no state between calls.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/json/value.hpp"
#include "schwarm/json/writer.hpp"

namespace schwarm::json {

struct Limits {
    std::size_t max_bytes = 16 * 1024 * 1024;
    std::size_t max_depth = 64;         // of arrays and objects in one another
    std::size_t max_nodes = 1'000'000;  // values, of all kinds
};

// What a document consists of, in order. A handler that answers false stops the reading; parse
// then fails with the handler's own error().
class Visitor {
  public:
    virtual ~Visitor() = default;
    virtual bool null() = 0;
    virtual bool boolean(bool value) = 0;
    virtual bool number(std::string_view text) = 0;
    virtual bool string(std::string_view value) = 0;
    virtual bool begin_object() = 0;
    virtual bool name(std::string_view name) = 0;
    virtual bool end_object() = 0;
    virtual bool begin_array() = 0;
    virtual bool end_array() = 0;
    // The reason for having answered false.
    virtual std::string error() const { return "refused"; }
};

Result<Value> parse(std::string_view text, const Limits& limits = {});
// Calls the visitor; duplicate names are refused here too.
Result<void> parse(std::string_view text, Visitor& visitor, const Limits& limits = {});

void write(const Value& value, Writer& writer);
// Compact.
std::string to_string(const Value& value);
// Two spaces, a newline after each member.
std::string to_pretty_string(const Value& value);

}  // namespace schwarm::json
