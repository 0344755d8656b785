// Rows of the families of definitions, and the way to a tenant's definitions.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "members.hpp"
#include "schwarm/services/definitions.hpp"

namespace schwarm::api::v2 {

using DefinitionsPtr = std::shared_ptr<const services::DefinitionSet>;

// The committed definitions of the asker's tenant.
inline Result<DefinitionsPtr> definitions_of(const Call& call) {
    return call.api.deployments.of(call.tenant());
}

inline Error no_such(std::string_view what, std::uint64_t key) {
    return fail(ErrorCode::not_found, "no " + std::string(what) + " has the key " + key_text(key));
}
// What `find(set, key)` finds among the tenant's definitions, a pointer or the like; not_found
// names `what`.
template <class Find>
auto find_definition(const Call& call, std::uint64_t key, std::string_view what, const Find& find)
    -> Result<std::invoke_result_t<const Find&, const services::DefinitionSet&, std::uint64_t>> {
    SCHWARM_TRY(set, definitions_of(call));
    auto found = find(*set, key);
    if (!found) return no_such(what, key);
    return found;
}
// A deleted definition stays known for the cases that run on it, but is not found.
template <class T>
std::shared_ptr<const T> unless_deleted(std::shared_ptr<const T> definition) {
    return definition != nullptr && !definition->deleted ? std::move(definition) : nullptr;
}
Result<std::shared_ptr<const services::ProcessDefinition>> definition_of(const Call& call,
                                                                         std::uint64_t key);

// The file of a definition as `media_type`.
void answer_content(const Call& call, const Answer& answer, const services::Definition& definition,
                    std::string_view media_type);
// {tenantId, formId, schema, version, formKey}
void answer_form(const Call& call, const Answer& answer, const services::FormDefinition& form);

}  // namespace schwarm::api::v2
