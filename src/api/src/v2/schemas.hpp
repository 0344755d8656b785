// The bodies of /v2 by name, for the OpenAPI document.
#pragma once

#include <span>
#include <string_view>

#include "schwarm/json/writer.hpp"

namespace schwarm::api::v2 {

struct Schema {
    std::string_view name;
    // Members, separated by spaces: "name:type", with '?' behind the type if it may be missing or
    // null, with "[]" if it is a list of them. Types: text key int bool number time any object
    // binary, or the name of another schema. "*" alone: any object. "binary" alone: a file.
    // "Name[]" alone: a list.
    std::string_view members;
};
std::span<const Schema> schemas();
// Those of the families that change something.
std::span<const Schema> command_schemas();

// "Name": {...} as JSON schema.
void write_schema(const Schema& schema, json::Writer& out);

}  // namespace schwarm::api::v2
