// Secrets of the node in files of their own, sealed under a key derived from the node key
// (docs/formats/storage.md, "Sealed files"): who has the file alone has nothing.
//
// A name is what the secret is for and whose it is; both are bound to it, not the path, so that a
// file may be renamed but not take another's place. Not for two threads on one file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/seal.hpp"

namespace schwarm::server {

inline constexpr std::size_t kSealedFileBytesMax = 64 * 1024;

struct SecretName {
    std::string_view purpose;  // one word, shown in the file
    std::string_view owner;
};

// Mode 0600; complete or not at all, and durable.
Result<void> write_sealed(const std::filesystem::path& file, const crypto::Key& node_key,
                          const SecretName& name, std::string_view secret, Random& random);
// The secret: wipe() it. Each error names the file. not_found; limit_exceeded: longer than
// kSealedFileBytesMax; corrupt: no sealed file with this purpose; crypto_failed: sealed under
// another node key, for another owner, or changed.
Result<std::string> read_sealed(const std::filesystem::path& file, const crypto::Key& node_key,
                                const SecretName& name);
// A private key that lies there in the clear (PEM) is sealed; its old bytes are overwritten once
// the sealed ones are durable, unless another hard link shows them. Does nothing with any other
// file, or without one.
Result<void> seal_if_plain(const std::filesystem::path& file, const crypto::Key& node_key,
                           const SecretName& name, Random& random);
// Removes a file that may hold a secret in the clear, its bytes overwritten before; nothing if
// there is none.
void destroy_file(const std::filesystem::path& file);

}  // namespace schwarm::server
