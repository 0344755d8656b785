// Rows of the exchange as one write sees them. corrupt: a row is damaged, or missing where another
// one says that it is there.
#pragma once

#include <optional>
#include <string_view>

#include "rows.hpp"
#include "schwarm/runtime/write_batch.hpp"

namespace schwarm::post {

Result<std::optional<Conversation>> find_conversation(runtime::WriteBatch& batch,
                                                      std::string_view id);
// The one that a case or a delivery names.
Result<Conversation> conversation_of(runtime::WriteBatch& batch, std::string_view id);
void put(runtime::WriteBatch& batch, std::string_view id, const Conversation& conversation);

Result<std::optional<OpenDelivery>> find_open(runtime::WriteBatch& batch, std::uint64_t number);
void put(runtime::WriteBatch& batch, std::uint64_t number, const OpenDelivery& delivery);

}  // namespace schwarm::post
