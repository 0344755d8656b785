// Reads rows of a table in somebody else's SQLite database: a specialist software's register. The
// file is opened read-only for each question, so that nothing of it is locked between them.
// Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "schwarm/base/result.hpp"

namespace schwarm::storage_sqlite {

// A column and its value as text; NULL is left out.
using ForeignRow = std::vector<std::pair<std::string, std::string>>;

// The rows whose columns equal all of these values (bound, never part of the statement), at most
// `most`. Names of table and columns are compared with those of the database. unavailable: the file
// cannot be opened or read now; invalid_input: there is no such table or column.
Result<std::vector<ForeignRow>> read_foreign_table(
    const std::string& file, const std::string& table,
    const std::vector<std::pair<std::string, std::string>>& equals, std::size_t most);

}  // namespace schwarm::storage_sqlite
