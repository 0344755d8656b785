// One SQLite connection with its prepared statements. For one thread at a time.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::storage_sqlite {

using storage::Space;

struct CloseDatabase {
    void operator()(sqlite3* p) const { sqlite3_close_v2(p); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* p) const { sqlite3_finalize(p); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

class Connection {
  public:
    static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file, int flags,
                                                    std::size_t cache_bytes);

    Result<void> execute(const char* sql);
    // The first column of the first row as a number; 0 if there is none.
    Result<std::int64_t> query_number(const char* sql);

    Result<std::optional<std::string>> get(Space space, std::string_view key);
    Result<void> put(Space space, std::string_view key, std::string_view value);
    Result<void> erase(Space space, std::string_view key);
    Result<void> scan(Space space, const storage::ScanRange& range, const storage::Visitor& visit);

    // Begin, and pin the snapshot now instead of at the first read.
    Result<void> begin_snapshot();
    Result<void> begin_immediate();
    // maybe_done if the answer of the disk is unknown; the transaction is over in any case.
    Result<void> commit();
    void rollback();

    Error error(int code) const;

  private:
    enum class Verb : std::uint8_t { get, put, erase, from, from_to, last, last_to };
    static constexpr std::size_t kVerbs = 7;
    using Cache = std::array<Statement, storage::kSpaceCount * kVerbs>;

    // A statement taken out of the cache while it runs, so that a visitor may scan the same space.
    class Borrowed {
      public:
        Borrowed(Statement statement, Statement& home)
            : statement_(std::move(statement)), home_(&home) {}
        Borrowed(Borrowed&&) = default;
        Borrowed& operator=(Borrowed&&) = delete;
        ~Borrowed();
        sqlite3_stmt* get() const { return statement_.get(); }

      private:
        Statement statement_;
        Statement* home_;
    };

    Result<Borrowed> borrow(Space space, Verb verb);
    static std::string sql_of(Space space, Verb verb);

    // Gives back the pages of large values: they were written once and are not read again soon.
    void forget_large_values();

    std::unique_ptr<sqlite3, CloseDatabase> database_;
    std::size_t large_bytes_ = 0;  // put since then
    Cache cache_;
};

}  // namespace schwarm::storage_sqlite
