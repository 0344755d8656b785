// Cases and decisions in a node's database, laid out and sealed as docs/formats/storage.md says:
// `keys` (the case's key, wrapped), `state` (the application and what was decided), `documents`
// (the new decision). `meta` holds what the run is about and one mark for each range of cases,
// written in the transaction of its rows: an interrupted run goes on with the ranges that have
// none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::bench {

struct Row {
    storage::Space space;
    std::string key;
    std::string value;
};

// Sums over the cases of a range, or of all.
struct RangeTotals {
    std::uint64_t cases = 0;
    std::uint64_t granted = 0;
    std::uint64_t more = 0;  // than before
    std::uint64_t less = 0;
    std::uint64_t human = 0;       // for a human to decide
    std::int64_t euro_before = 0;  // a month
    std::int64_t euro_after = 0;
    std::uint64_t checksum = 0;       // of the decisions, whatever their order
    std::uint64_t decide_nanos = 0;   // of one core
    std::uint64_t payload_bytes = 0;  // keys and values of the rows

    void add(const RangeTotals& other);
    std::string encode() const;
    static std::optional<RangeTotals> decode(std::string_view bytes);
};

struct StoredCase {
    std::uint64_t number = 0;
    crypto::Key key;
    std::string state;
};

class CaseStore {
  public:
    // Opens or makes `cases.db` and `node.key` in the folder.
    static Result<std::unique_ptr<CaseStore>> open(const std::filesystem::path& folder);

    storage::Storage& storage() { return *storage_; }
    std::uint64_t file_bytes() const;

    // Thread-safe, as is all that follows.
    Result<void> add_case(std::uint64_t number, std::string_view state, Random& random,
                          std::vector<Row>& rows) const;
    Result<void> add_decision(const StoredCase& of, std::string_view decision, Random& random,
                              std::vector<Row>& rows) const;
    // The cases from <= number < to; all must be there.
    Result<std::vector<StoredCase>> cases(storage::Reader& reader, std::uint64_t from,
                                          std::uint64_t to) const;
    // Their decisions in the same order; all must be there, and no other.
    Result<std::vector<std::string>> decisions(storage::Reader& reader,
                                               const std::vector<StoredCase>& of) const;

    static std::string mark_key(std::string_view phase, std::uint64_t range);
    Result<std::vector<std::pair<std::uint64_t, RangeTotals>>> marks(std::string_view phase) const;
    // A line in `meta`; written at once.
    Result<std::optional<std::string>> note(std::string_view name) const;
    Result<void> set_note(std::string_view name, std::string_view text);

  private:
    CaseStore(std::filesystem::path folder, crypto::Key wrapping,
              std::unique_ptr<storage::Storage> storage)
        : folder_(std::move(folder)), wrapping_(wrapping), storage_(std::move(storage)) {}

    std::filesystem::path folder_;
    crypto::Key wrapping_;
    std::unique_ptr<storage::Storage> storage_;
};

}  // namespace schwarm::bench
