// JSON Schema, draft 4, as RapidJSON's validator knows it (no `format`, no references to other
// documents). For what others send; our own formats are read by code that names each member.
#pragma once

#include <memory>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::json {

// Immutable; thread-safe.
class Schema {
  public:
    // invalid_input: a reference that leads out of the schema. Limits: 1 MB, depth 32.
    static Result<Schema> compile(const Value& schema);
    // invalid_input: the keyword that is broken, and as place the JSON pointer into the document.
    Result<void> check(const Value& document) const;

  private:
    struct Impl;
    explicit Schema(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<const Impl> impl_;
};

}  // namespace schwarm::json
