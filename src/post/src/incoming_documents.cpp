// Documents of a message that takes effect: they become those of its case.
#include "incoming.hpp"
#include "message_type.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::post {

using storage::Space;

namespace {

std::string name_of_document(std::uint64_t number) {
    return std::string(runtime::kReceivedPrefix) + std::to_string(number);
}

Result<std::optional<Collected>> find_collected(runtime::WriteBatch& batch,
                                                const exchange::Envelope& envelope) {
    SCHWARM_TRY(row,
                batch.get(Space::exchange, keys::collected(envelope.from.text(), envelope.id)));
    if (!row) return std::optional<Collected>();
    SCHWARM_TRY(decoded, Collected::decode(*row));
    return std::optional(std::move(decoded));
}

}  // namespace

std::size_t Incoming::documents_max(const exchange::Envelope& envelope) const {
    const auto type = parse_type(envelope.type);
    if (type.has_error()) return 0;
    const auto terms = environment_.contracts.terms(type->contract, type->version, type->message);
    return terms.has_error() ? 0 : terms->documents;
}

Result<bool> Incoming::awaits_documents(runtime::WriteBatch& batch,
                                        const exchange::Envelope& envelope) {
    // Nothing is fetched of what is refused anyway.
    if (envelope.documents.empty() || envelope.documents.size() > documents_max(envelope)) {
        return false;
    }
    SCHWARM_TRY(collected, find_collected(batch, envelope));
    return !collected.has_value();
}

Result<std::string> Incoming::wrong_documents(runtime::WriteBatch& batch,
                                              const exchange::Envelope& envelope) {
    if (envelope.documents.empty()) return std::string();
    const std::size_t most = documents_max(envelope);
    if (envelope.documents.size() > most) {
        return "the contract allows " + std::to_string(most) + " documents beside it";
    }
    SCHWARM_TRY(collected, find_collected(batch, envelope));
    if (!collected) return fail(ErrorCode::corrupt, "documents are missing");
    return std::move(collected->reason);
}

std::vector<std::string> Incoming::names_for_new_case(const exchange::Envelope& envelope) {
    std::vector<std::string> out;
    for (std::size_t i = 1; i <= envelope.documents.size(); ++i) out.push_back(name_of_document(i));
    return out;
}

Result<std::vector<std::string>> Incoming::names_for_documents(runtime::WriteBatch& batch,
                                                               CaseId case_id,
                                                               const exchange::Envelope& envelope) {
    const std::string counter =
        std::string(runtime::kReceivedPrefix) + std::to_string(case_id.value());
    std::vector<std::string> out;
    for (std::size_t i = 0; i < envelope.documents.size(); ++i) {
        SCHWARM_TRY(number, batch.next_number(counter));
        out.push_back(name_of_document(number));
    }
    return out;
}

Result<feel::Value> Incoming::content_of(const exchange::Envelope& envelope,
                                         const std::vector<std::string>& names) const {
    SCHWARM_TRY(content, feel::from_json(envelope.body));
    if (documents_max(envelope) == 0 || !content.is_context()) return content;
    feel::Value::List list;
    for (const std::string& name : names) list.emplace_back(name);
    return feel::ContextBuilder(content.as_context())
        .set(kDocumentsVariable, feel::Value::list(std::move(list)))
        .build();
}

Result<void> Incoming::give_documents(runtime::WriteBatch& batch, CaseId case_id,
                                      const exchange::Envelope& envelope,
                                      const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        const exchange::Document& document = envelope.documents[i];
        SCHWARM_TRY_VOID(batch.put_segmented(case_id, names[i],
                                             {store_of(envelope, document), document.length,
                                              document.type, document.sha256, document.key}));
    }
    return {};
}

}  // namespace schwarm::post
