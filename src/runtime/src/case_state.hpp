// A case's state: the stored one, and the events after it.
#pragma once

#include "layout.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/engine/engine.hpp"

namespace schwarm::runtime {

// Reads as many rows as there were commands since the stored state. A stored state of a format that
// is not known any more is passed over: all events are applied then.
Result<engine::CaseState> load_state(storage::Reader& reader, const TenantId& tenant,
                                     const CaseRecord& record, const crypto::Key& key);

// The events of the commands after position `after` up to `last`, oldest first.
Result<std::vector<engine::Event>> load_events(storage::Reader& reader, const TenantId& tenant,
                                               CaseId id, const crypto::Key& key, Position after,
                                               Position last);

}  // namespace schwarm::runtime
