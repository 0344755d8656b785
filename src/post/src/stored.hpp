// Rows of the exchange as one write sees them. corrupt: a row is damaged, or missing where another
// one says that it is there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rows.hpp"
#include "schwarm/runtime/write_batch.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::post {

Result<std::optional<Conversation>> find_conversation(runtime::WriteBatch& batch,
                                                      std::string_view id);
// The one that a case or a delivery names.
Result<Conversation> conversation_of(runtime::WriteBatch& batch, std::string_view id);
void put(runtime::WriteBatch& batch, std::string_view id, const Conversation& conversation);

Result<std::optional<OpenDelivery>> find_open(runtime::WriteBatch& batch, std::uint64_t number);
void put(runtime::WriteBatch& batch, std::uint64_t number, const OpenDelivery& delivery);

// All deliveries that are not over. A ReadView or a WriteBatch.
template <class View, class Visit>
Result<void> each_open(View& view, Visit visit) {
    Result<void> decoding;
    SCHWARM_TRY_VOID(view.scan(storage::Space::exchange,
                               storage::prefix_range(std::string(keys::kOpenPrefix)),
                               [&](std::string_view key, std::string_view value) {
                                   auto row = OpenDelivery::decode(value);
                                   if (row.has_error()) {
                                       decoding = row.error();
                                       return false;
                                   }
                                   visit(keys::number_of(key), std::move(row.value()));
                                   return true;
                               }));
    return decoding;
}

// A case learns that a message of its conversations is lost. False: it has ended.
Result<bool> report_undelivered(const runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                CaseId case_id, const std::string& reason);

}  // namespace schwarm::post
