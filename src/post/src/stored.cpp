#include "stored.hpp"

#include "schwarm/storage/key.hpp"

namespace schwarm::post {
namespace {

using storage::Space;

template <class Row>
Result<std::optional<Row>> find(runtime::WriteBatch& batch, std::string_view key) {
    SCHWARM_TRY(bytes, batch.get(Space::exchange, key));
    if (!bytes) return std::optional<Row>();
    SCHWARM_TRY(row, Row::decode(*bytes));
    return std::optional(std::move(row));
}

}  // namespace

Result<std::optional<Conversation>> find_conversation(runtime::WriteBatch& batch,
                                                      std::string_view id) {
    return find<Conversation>(batch, keys::conversation(id));
}

Result<Conversation> conversation_of(runtime::WriteBatch& batch, std::string_view id) {
    SCHWARM_TRY(found, find_conversation(batch, id));
    if (!found) return fail(ErrorCode::corrupt, "the row of a conversation is missing");
    return std::move(*found);
}

void put(runtime::WriteBatch& batch, std::string_view id, const Conversation& conversation) {
    batch.put(Space::exchange, keys::conversation(id), conversation.encode());
}

Result<std::optional<OpenDelivery>> find_open(runtime::WriteBatch& batch, std::uint64_t number) {
    return find<OpenDelivery>(batch, keys::open_delivery(number));
}

void put(runtime::WriteBatch& batch, std::uint64_t number, const OpenDelivery& delivery) {
    batch.put(Space::exchange, keys::open_delivery(number), delivery.encode());
}

Result<bool> report_undelivered(const runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                CaseId case_id, const std::string& reason) {
    runtime::Submission report;
    report.tenant = batch.tenant();
    report.case_id = case_id;
    report.command.actor = "system:post";
    report.command.body = engine::ReportUndelivered{reason};
    SCHWARM_TRY(told, desk.attempt(std::move(report)));
    return static_cast<bool>(told);
}

Result<bool> has_open_deliveries(runtime::WriteBatch& batch, CaseId case_id) {
    std::vector<std::uint64_t> numbers;
    const std::string prefix = keys::deliveries(case_id);
    SCHWARM_TRY_VOID(batch.scan(Space::exchange, storage::prefix_range(prefix),
                                [&](std::string_view key, std::string_view) {
                                    numbers.push_back(
                                        storage::KeyReader(key.substr(prefix.size())).number());
                                    return true;
                                }));
    for (const std::uint64_t number : numbers) {
        SCHWARM_TRY(open, find_open(batch, number));
        if (open && !is_over(open->state)) return true;
    }
    return false;
}

}  // namespace schwarm::post
