// Rows of the families of definitions, and the way to a tenant's definitions.
#pragma once

#include <memory>

#include "call.hpp"
#include "schwarm/services/definitions.hpp"

namespace schwarm::api::v2 {

using DefinitionsPtr = std::shared_ptr<const services::DefinitionSet>;

// The committed definitions of the asker's tenant.
inline Result<DefinitionsPtr> definitions_of(const Call& call) {
    return call.api.deployments.of(call.tenant());
}

// A member that is left out where there is nothing to say: the official clients know no null there.
inline void write_text_if_any(json::Writer& out, std::string_view name, std::string_view text) {
    if (!text.empty()) out.member(name, text);
}

// The file of a definition as `media_type`.
void answer_content(const Call& call, const Answer& answer, const services::Definition& definition,
                    std::string_view media_type);
// {tenantId, formId, schema, version, formKey}
void answer_form(const Call& call, const Answer& answer, const services::FormDefinition& form);

}  // namespace schwarm::api::v2
