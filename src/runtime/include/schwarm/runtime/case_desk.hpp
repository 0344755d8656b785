// Commands and messages for cases of a tenant as parts of one durable write: for hosts whose own
// rows (what was received, a receipt) and the effect on a case must not come apart.
#pragma once

#include <functional>
#include <optional>

#include "schwarm/base/result.hpp"
#include "schwarm/runtime/messages.hpp"
#include "schwarm/runtime/write_batch.hpp"

namespace schwarm::runtime {

struct Submission;
struct Reply;
struct CaseRow;

// Lives only during the call; the writer's thread. An error of the storage must be handed on: the
// whole write is then dropped.
class CaseDesk {
  public:
    virtual ~CaseDesk() = default;

    // Nothing if the engine (or the state of the case) refused it, or if it changed nothing.
    virtual Result<std::optional<Reply>> attempt(Submission submission) = 0;
    // Runtime::publish_message, in this write.
    virtual Result<Published> publish(const Message& message) = 0;
    // not_found; gone after a deletion by law.
    virtual Result<CaseRow> case_row(CaseId id) = 0;
};

using DeskFunction = std::function<Result<void>(WriteBatch&, CaseDesk&)>;

}  // namespace schwarm::runtime
