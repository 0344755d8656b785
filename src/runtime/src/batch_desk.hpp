// Beginning batch operations and carrying them out slice by slice. Writer's thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "batch_rows.hpp"
#include "writer.hpp"

namespace schwarm::runtime {

class BatchDesk {
  public:
    BatchDesk(Writer& writer, Stage& stage) : writer_(writer), stage_(stage) {}

    // Answers the batch's key.
    Result<std::uint64_t> start(const BatchOrder& order, const std::string& actor);
    // conflict: it has ended, or it is (not) suspended already.
    Result<void> set_status(std::uint64_t key, BatchStatus wanted, const std::string& actor);
    // The next slice of the oldest batch that is under way, at most so many items; answers when to
    // go on. skip: the next item cannot be carried out for this reason.
    Result<Instant> go_on(std::size_t most, const std::optional<Error>& skip);

  private:
    Result<std::optional<BatchRecord>> load(std::uint64_t key);
    Result<StoredOrder> load_order(std::uint64_t key);
    Result<void> store(const BatchRecord& batch);
    Result<void> collect(BatchRecord& batch, const StoredOrder& stored);
    Result<void> slice(BatchRecord& batch, const StoredOrder& stored, std::size_t most,
                       const std::optional<Error>& skip);
    void add_items(BatchRecord& batch, const std::vector<std::uint64_t>& items);
    void end(BatchRecord& batch, BatchStatus status);
    struct Attempt {
        bool refused = false;
        Error reason;  // if it was refused
    };
    Result<Attempt> carry_out(const BatchRecord& batch, const StoredOrder& stored,
                              std::uint64_t item);
    Result<Attempt> command(const BatchRecord& batch, CaseId id, engine::CommandBody body);
    Result<Attempt> resolve_all(const BatchRecord& batch, const StoredOrder& stored, CaseId id);
    Result<Attempt> erase(const BatchRecord& batch, const StoredOrder& stored, CaseId id);

    Writer& writer_;
    Stage& stage_;
};

}  // namespace schwarm::runtime
