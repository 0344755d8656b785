// A database that comes from a backup (docs/decisions/0013-restore.md).
//
// A tenant marked here sends, receives and signs nothing until Post::recover(), and nothing to a
// member, nor takes anything from it, until that one has said what happened since the backup.
#pragma once

#include <string>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::post {

// Marks a tenant in a database that no node works on: it is of the time `since`. A mark that is
// there already, of an older backup, keeps its time. What was under way is sealed anew, with a new
// time to live, so that it does not expire before its receipt has come again.
Result<void> mark_restored(storage::Storage& storage, const TenantId& tenant, Instant since,
                           Instant now);

// Whose answer a restored tenant waits for, and why it has none.
struct Awaited {
    TenantId tenant;
    exchange::MemberId member;
    std::string reason;
};

}  // namespace schwarm::post
