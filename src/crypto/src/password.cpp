#include "schwarm/crypto/password.hpp"

#include <argon2.h>

#include <array>
#include <span>

namespace schwarm::crypto {
namespace {

// RFC 9106 clause 4 leaves the choice to the use; these are the first ones that OWASP names.
constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kMemoryKib = 19'456;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

}  // namespace

Result<std::string> hash_password(std::string_view password, Random& random) {
    std::array<std::byte, kSaltBytes> salt{};
    random.fill(salt);
    std::string encoded(
        argon2_encodedlen(kPasses, kMemoryKib, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
    const int code =
        argon2id_hash_encoded(kPasses, kMemoryKib, kLanes, password.data(), password.size(),
                              salt.data(), salt.size(), kHashBytes, encoded.data(), encoded.size());
    if (code != ARGON2_OK) return fail(ErrorCode::crypto_failed, argon2_error_message(code));
    encoded.resize(encoded.find('\0'));
    return encoded;
}

bool password_matches(std::string_view encoded, std::string_view password) {
    const std::string text(encoded);
    return argon2id_verify(text.c_str(), password.data(), password.size()) == ARGON2_OK;
}

}  // namespace schwarm::crypto
