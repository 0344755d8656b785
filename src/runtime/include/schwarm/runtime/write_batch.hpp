// The small durable writes of one tenant: what a function handed to Runtime::submit_write (or
// added to a command) may do. All of it is in the same commit as the command, or not at all.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/feel/value.hpp"
#include "schwarm/runtime/documents.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::runtime {

// Lives only during the call; the writer's thread. Reads see all earlier commands, also those not
// committed yet, and (get, but not scan) this batch's own writes.
class WriteBatch {
  public:
    virtual ~WriteBatch() = default;

    virtual const TenantId& tenant() const = 0;
    virtual Instant now() const = 0;

    // Plain rows (nothing personal) of the spaces packages, settings, exchange and directory; `key`
    // is the part after the tenant. Other spaces are a CHECK.
    virtual Result<std::optional<std::string>> get(storage::Space space, std::string_view key) = 0;
    virtual Result<void> scan(storage::Space space, const storage::ScanRange& range,
                              const storage::Visitor& visit) = 0;
    virtual void put(storage::Space space, std::string_view key, std::string_view value) = 0;
    virtual void erase(storage::Space space, std::string_view key) = 0;

    // A row of the space exchange that holds something personal: sealed under the key of its case,
    // or of the tenant's log (case 0), and bound to its place. It goes with the case's deletion by
    // law if `key` begins with a letter and the case's number (rows_of_case()).
    virtual Result<void> put_sealed(std::string_view key, CaseId case_id,
                                    std::string_view plain) = 0;
    // Nothing if there is no such row; gone if its case was deleted by law.
    virtual Result<std::optional<std::string>> get_sealed(std::string_view key) = 0;

    // A secret of the tenant (a private key), in the space keys, sealed under the tenant's log key.
    virtual Result<void> put_secret(std::string_view name, std::string_view plain) = 0;

    // Called on the committing thread when this is durable, or when nobody knows whether it is
    // (maybe_done): a hint to look, before anybody is answered. Must be quick.
    virtual void after_commit(std::function<void()> hint) = 0;

    // A draft is sealed under a key of its own (class session) that dies with it. Saving again
    // replaces the content.
    virtual Result<void> put_draft(std::string_view draft_id, std::string_view content,
                                   Instant expires) = 0;
    virtual Result<void> erase_draft(std::string_view draft_id) = 0;

    // A document (upload, rendered notice) of an existing case, sealed under the case's key. It
    // replaces one of that name.
    virtual Result<void> put_document(CaseId case_id, std::string_view name,
                                      std::string_view content) = 0;
    // One that comes in pieces: first its segments, as crypto::seal_segment made them, in any
    // number of writes; then the case gets it. What no case gets is erased by its writer.
    virtual void put_segment(std::string_view store, std::uint64_t number,
                             std::string_view sealed) = 0;
    virtual Result<void> erase_segments(std::string_view store) = 0;
    virtual Result<void> put_segmented(CaseId case_id, std::string_view name,
                                       const SegmentedDocument& document) = 0;
    // A message to a person's inbox about a case, sealed under the case's key.
    virtual Result<void> put_inbox(CaseId case_id, std::string_view person, std::string_view name,
                                   const feel::Value& payload) = 0;
    // An entry of the print queue, sealed under the case's key.
    virtual Result<void> put_print(CaseId case_id, std::string_view name,
                                   const feel::Value& payload) = 0;
    // Ids as Reader listings gave them; not_found if they are gone.
    virtual Result<void> mark_read(std::string_view inbox_id) = 0;
    virtual Result<void> finish_print(std::string_view print_id) = 0;

    // Makes a personal value findable: find_cases(field, value) answers the case. Only a keyed
    // hash is stored.
    virtual Result<void> index_person(CaseId case_id, std::string_view field,
                                      std::string_view value) = 0;

    // A line in the tenant's audit chain. case_id 0: about no case.
    virtual Result<void> audit(std::string_view actor, std::string_view action, CaseId case_id,
                               std::string_view detail) = 0;

    // A number that counts up from 1 under this name, without holes between committed batches.
    virtual Result<std::uint64_t> next_number(std::string_view counter) = 0;
};

// Where rows about one case lie in the space exchange: `kind`, one of these, then the number.
inline constexpr std::string_view kKindsOfCaseRows = "CDFM";
std::string rows_of_case(char kind, CaseId case_id);

using WriteFunction = std::function<Result<void>(WriteBatch&)>;

}  // namespace schwarm::runtime
