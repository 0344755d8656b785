// The size limits every implementation enforces alike.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/storage/storage.hpp"

namespace schwarm::storage {

inline Result<void> check_sizes(Space space, std::string_view key, std::string_view value = {}) {
    if (key.empty() || key.size() > kMaxKeySize) {
        return fail(ErrorCode::limit_exceeded, "a key has 1 to 512 bytes",
                    std::string(name_of(space)));
    }
    if (value.size() > kMaxValueSize) {
        return fail(ErrorCode::limit_exceeded, "a stored value is larger than 64 MiB",
                    std::string(name_of(space)));
    }
    return {};
}

}  // namespace schwarm::storage
