// That a node's database comes from a backup, as a row of the node's own tenant until it may sign
// again (docs/decisions/0013-restore.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::server {

struct RestoredRow {
    Instant since;                  // the time of the backup
    bool alone = false;             // the operator answers for it that nobody has more
    std::uint64_t incarnation = 0;  // to be announced; 0: nothing has been learned yet
    bool done = false;

    std::string write() const;
    // corrupt.
    static Result<RestoredRow> read(std::string_view text);
};

// In the space directory.
inline constexpr std::string_view kRestoredRow = "restored";

}  // namespace schwarm::server
