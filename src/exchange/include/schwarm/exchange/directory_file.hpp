// The directory as one file, for who belongs to no node and verifies what a tenant shows him
// (docs/formats/network.md, "Exported directory"). Every signature in it is verified on reading;
// what cannot be proven is whether it is the right network: compare the founding file's hash.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/exchange/directory.hpp"

namespace schwarm::exchange {

inline constexpr std::size_t kDirectoryFileBytesMax = std::size_t{512} << 20;

Result<std::string> export_directory(const Directory& directory, const DirectoryRows& rows,
                                     const Cryptography& cryptography);
// invalid_input; corrupt: an item in it does not verify.
Result<Directory> import_directory(std::string_view text, const Cryptography& cryptography);

}  // namespace schwarm::exchange
