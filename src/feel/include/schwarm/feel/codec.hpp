// Values to and from JSON, and a compact binary form that keeps every kind of data.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/feel/value.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::feel {

// Dates, times, durations and ranges are written as strings in their FEEL form, functions as
// null.
json::Value to_json(const Value& value);
void write_json(const Value& value, json::Writer& writer);
std::string to_json_text(const Value& value);

// JSON has null, booleans, numbers, strings, lists and contexts only.
Result<Value> from_json(const json::Value& value);
Result<Value> from_json_text(std::string_view text, const json::Limits& limits = {});

struct DecodeLimits {
    std::size_t max_bytes = 64 * 1024 * 1024;
    std::size_t max_depth = 64;
    std::size_t max_nodes = 5'000'000;
};

// Version 1. Functions cannot be kept: they are encoded as null. Equal values built in the same
// order give equal bytes. Format: docs/formats/feel-value.md.
std::string encode(const Value& value);
Result<Value> decode(std::string_view bytes, const DecodeLimits& limits = {});

}  // namespace schwarm::feel
