// Secrets that are kept only as what can be compared with them: Argon2id (RFC 9106).
//
// Slow and hungry for memory on purpose (19 MiB and some ten milliseconds a call): bound how often
// strangers may ask. Both functions may be called from any thread.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::crypto {

// "$argon2id$v=19$m=19456,t=2,p=1$...": parameters, salt and hash in one text.
Result<std::string> hash_password(std::string_view password, Random& random);
// Whether `encoded` was made from this password; false for a text that is no such encoding.
bool password_matches(std::string_view encoded, std::string_view password);

}  // namespace schwarm::crypto
