// The numbered migrations, in order; the nth file leads to schema version n.
#pragma once

#include <span>
#include <string_view>

namespace schwarm::storage_sqlite {

struct Migration {
    const char* name;
    const char* sql;
};

std::span<const Migration> migrations();

}  // namespace schwarm::storage_sqlite
