// The whole directory in one text: whoever has it and trusts the hash of the founding file can
// verify it, and every proof that rests upon it, with nothing else (docs/formats/network.md,
// "Export").
#pragma once

#include <iosfwd>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/exchange/directory.hpp"

namespace schwarm::exchange {

// From the rows of a node: the founding file, epochs, entries, proofs of forks and lies; not what
// its administrator agreed to, and no checkpoint. unavailable if `out` takes no more.
Result<void> export_directory(const DirectoryRows& rows, std::ostream& out);

// Verifies every signature. invalid_input: names the line; not_well_formed; and what
// Directory::found() answers.
Result<Directory> import_directory(const Cryptography& cryptography, std::istream& in,
                                   DirectorySettings settings = {});

}  // namespace schwarm::exchange
