// Message subscriptions of process instances, and the messages that arrived at them.
#include <array>

#include "histories.hpp"
#include "history_routes.hpp"

namespace schwarm::api::v2 {
namespace {

using engine::HistoricCorrelation;
using engine::HistoricSubscription;
using SubscriptionRow = Row<HistoricSubscription>;
using CorrelationRow = Row<HistoricCorrelation>;

constexpr std::string_view kTag = "Message subscription";

// --- subscriptions -------------------------------------------------------------------------

FieldValue subscription_key(const SubscriptionRow& row) {
    return key_field(row.key(row->subscription.key));
}
FieldValue host_key(const SubscriptionRow& row) {
    return key_field(row.key(row->subscription.host));
}

void write(const SubscriptionRow& row, json::Writer& out) {
    out.begin_object();
    write_instance(row, out);
    out.member("messageSubscriptionKey", key_text(row.key(row->subscription.key)))
        .member("elementId", row->element_id)
        .member("elementInstanceKey", key_text(row.key(row->subscription.host)))
        .member("messageSubscriptionState", engine::name_of(row->state))
        .member("lastUpdatedDate", time_text(row->changed))
        .member("messageName", row->subscription.message_name)
        .member("correlationKey", row->subscription.correlation_key)
        .end_object();
}

constexpr std::array kColumns = {
    Column<SubscriptionRow>{"messageSubscriptionKey", FieldType::key, subscription_key},
    Column<SubscriptionRow>{"processDefinitionId", FieldType::text, definition_id},
    Column<SubscriptionRow>{"processInstanceKey", FieldType::key, instance_key},
    Column<SubscriptionRow>{"elementId", FieldType::text, element_id},
    Column<SubscriptionRow>{"elementInstanceKey", FieldType::key, host_key},
    Column<SubscriptionRow>{
        "messageSubscriptionState", FieldType::text,
        [](const SubscriptionRow& row) { return text_field(engine::name_of(row->state)); }},
    Column<SubscriptionRow>{"lastUpdatedDate", FieldType::time,
                            [](const SubscriptionRow& row) { return time_field(row->changed); }},
    Column<SubscriptionRow>{
        "messageName", FieldType::text,
        [](const SubscriptionRow& row) { return text_field(row->subscription.message_name); }},
    Column<SubscriptionRow>{
        "correlationKey", FieldType::text,
        [](const SubscriptionRow& row) { return text_field(row->subscription.correlation_key); }},
    Column<SubscriptionRow>{"tenantId", FieldType::text, tenant_id},
    Column<SubscriptionRow>{"processDefinitionKey", FieldType::key, definition_key, false}};

constexpr std::array kHints = {Hint{"messageSubscriptionState", "CREATED", Needs::active}};

Result<Keep<HistoricSubscription>> messages_only(const json::Value& /*extras*/) {
    return Keep<HistoricSubscription>([](const SubscriptionRow& row) {
        return row->subscription.kind == engine::SubscriptionKind::message;
    });
}

const Table<HistoricSubscription> kTable = {
    &engine::CaseHistory::subscriptions, kColumns, write, kHints, {}, messages_only};

void search_subscriptions(const Call& call, const Answer& answer) {
    search_histories(call, answer, kTable);
}

// --- correlated ----------------------------------------------------------------------------

// Histories have no number of the message, so this is one of its arrival.
std::uint64_t arrival_key(const CorrelationRow& row) {
    const auto position = static_cast<std::uint64_t>(row.item - row.in->correlations.data());
    return row.key(kCorrelationKeys + position);
}

constexpr std::int64_t kPartition = 1;

void write_arrival(const CorrelationRow& row, json::Writer& out) {
    out.begin_object();
    write_instance(row, out);
    out.member("correlationKey", row->correlation_key)
        .member("correlationTime", time_text(row->at))
        .member("elementId", row->element_id)
        .member("elementInstanceKey", key_text(row.key(row->element)))
        .member("messageKey", key_text(arrival_key(row)))
        .member("messageName", row->message_name)
        .member("partitionId", kPartition)
        .member("subscriptionKey", key_text(row.key(row->subscription)))
        .end_object();
}

constexpr std::array kArrivalColumns = {
    Column<CorrelationRow>{"messageKey", FieldType::key,
                           [](const CorrelationRow& row) { return key_field(arrival_key(row)); }},
    Column<CorrelationRow>{
        "correlationKey", FieldType::text,
        [](const CorrelationRow& row) { return text_field(row->correlation_key); }},
    Column<CorrelationRow>{"correlationTime", FieldType::time,
                           [](const CorrelationRow& row) { return time_field(row->at); }},
    Column<CorrelationRow>{"elementId", FieldType::text, element_id},
    Column<CorrelationRow>{"elementInstanceKey", FieldType::key, element_key},
    Column<CorrelationRow>{"messageName", FieldType::text,
                           [](const CorrelationRow& row) { return text_field(row->message_name); }},
    Column<CorrelationRow>{"partitionId", FieldType::integer,
                           [](const CorrelationRow&) { return FieldValue(kPartition); }},
    Column<CorrelationRow>{"processDefinitionId", FieldType::text, definition_id},
    Column<CorrelationRow>{"processDefinitionKey", FieldType::key, definition_key},
    Column<CorrelationRow>{"processInstanceKey", FieldType::key, instance_key},
    Column<CorrelationRow>{
        "subscriptionKey", FieldType::key,
        [](const CorrelationRow& row) { return key_field(row.key(row->subscription)); }},
    Column<CorrelationRow>{"tenantId", FieldType::text, tenant_id}};

const Table<HistoricCorrelation> kArrivals = {
    &engine::CaseHistory::correlations, kArrivalColumns, write_arrival, {}, {}, nullptr};

void search_correlated(const Call& call, const Answer& answer) {
    search_histories(call, answer, kArrivals);
}

using http::Method;
constexpr auto kRead = app::Action::read_process;
constexpr std::array kRoutes = {
    Route{Method::post, "/message-subscriptions/search", "searchMessageSubscriptions", kTag,
          "Search what process instances wait or waited for", kRead, search_subscriptions,
          "MessageSubscriptionSearchQuery", "MessageSubscriptionSearchQueryResult"},
    Route{Method::post, "/correlated-message-subscriptions/search",
          "searchCorrelatedMessageSubscriptions", kTag, "Search messages that arrived", kRead,
          search_correlated, "CorrelatedMessageSubscriptionSearchQuery",
          "CorrelatedMessageSubscriptionSearchQueryResult"},
};

}  // namespace

std::span<const Route> subscription_search_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
