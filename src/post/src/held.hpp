// An opened message while it waits for an earlier one, as bytes (sealed by who stores them).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/exchange/envelope.hpp"
#include "schwarm/runtime/write_batch.hpp"

namespace schwarm::post {

std::string encode_held(const exchange::Envelope& envelope);
Result<exchange::Envelope> decode_held(std::string_view bytes);

// A message whose turn never came, with the documents that were collected for it. Nothing: there is
// none under this key.
Result<std::optional<exchange::Envelope>> erase_held(runtime::WriteBatch& batch,
                                                     const std::string& key);

}  // namespace schwarm::post
