#include "connection.hpp"

namespace schwarm::storage_sqlite {
namespace {

constexpr std::size_t kLargeValue = std::size_t{16} << 10;
constexpr std::size_t kLargeBytesKept = std::size_t{4} << 20;

// SQLite keeps the bytes until the statement is reset; ours outlive that.
int bind_blob(sqlite3_stmt* statement, int index, std::string_view bytes) {
    return sqlite3_bind_blob64(statement, index, bytes.empty() ? "" : bytes.data(), bytes.size(),
                               SQLITE_STATIC);
}

std::string_view column(sqlite3_stmt* statement, int index) {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, index));
    const int size = sqlite3_column_bytes(statement, index);
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(size)};
}

ErrorCode code_of(int result) {
    switch (result & 0xFF) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return ErrorCode::corrupt;
        case SQLITE_TOOBIG:
            return ErrorCode::limit_exceeded;
        default:
            return ErrorCode::storage_failed;
    }
}

}  // namespace

Connection::Borrowed::~Borrowed() {
    if (statement_ == nullptr) return;
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
    if (*home_ == nullptr) *home_ = std::move(statement_);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& file, int flags,
                                                     std::size_t cache_bytes) {
    auto connection = std::make_unique<Connection>();
    sqlite3* raw = nullptr;
    const int result = sqlite3_open_v2(file.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    connection->database_.reset(raw);
    if (result != SQLITE_OK) {
        return fail(code_of(result),
                    std::string("the database cannot be opened: ") + sqlite3_errstr(result),
                    file.string());
    }
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, 5000);
    const std::string cache = "PRAGMA cache_size=-" + std::to_string(cache_bytes / 1024);
    SCHWARM_TRY_VOID(connection->execute(cache.c_str()));
    SCHWARM_TRY_VOID(connection->execute("PRAGMA temp_store=MEMORY"));
    return connection;
}

Error Connection::error(int code) const {
    return fail(code_of(code), std::string("SQLite: ") + sqlite3_errmsg(database_.get()) + " (" +
                                   std::to_string(code) + ")");
}

Result<void> Connection::execute(const char* sql) {
    const int result = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) return error(result);
    return {};
}

Result<std::int64_t> Connection::query_number(const char* sql) {
    sqlite3_stmt* raw = nullptr;
    const int prepared = sqlite3_prepare_v2(database_.get(), sql, -1, &raw, nullptr);
    const Statement statement(raw);
    if (prepared != SQLITE_OK) return error(prepared);
    const int result = sqlite3_step(raw);
    if (result == SQLITE_DONE) return 0;
    if (result != SQLITE_ROW) return error(result);
    return sqlite3_column_int64(raw, 0);
}

std::string Connection::sql_of(Space space, Verb verb) {
    const std::string table(name_of(space));
    switch (verb) {
        case Verb::get:
            return "SELECT v FROM " + table + " WHERE k=?1";
        case Verb::put:
            return "INSERT INTO " + table +
                   " VALUES(?1,?2) ON CONFLICT(k) DO UPDATE SET v=excluded.v";
        case Verb::erase:
            return "DELETE FROM " + table + " WHERE k=?1";
        case Verb::from:
            return "SELECT k,v FROM " + table + " WHERE k>=?1 ORDER BY k LIMIT ?3";
        case Verb::from_to:
            return "SELECT k,v FROM " + table + " WHERE k>=?1 AND k<?2 ORDER BY k LIMIT ?3";
        case Verb::last:
            return "SELECT k,v FROM " + table + " WHERE k>=?1 ORDER BY k DESC LIMIT ?3";
        case Verb::last_to:
            return "SELECT k,v FROM " + table + " WHERE k>=?1 AND k<?2 ORDER BY k DESC LIMIT ?3";
    }
    return {};
}

Result<Connection::Borrowed> Connection::borrow(Space space, Verb verb) {
    Statement& home =
        cache_[static_cast<std::size_t>(space) * kVerbs + static_cast<std::size_t>(verb)];
    if (home != nullptr) return Borrowed(std::move(home), home);
    const std::string sql = sql_of(space, verb);
    sqlite3_stmt* raw = nullptr;
    const int result = sqlite3_prepare_v3(database_.get(), sql.c_str(), -1,
                                          SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (result != SQLITE_OK) return error(result);
    return Borrowed(Statement(raw), home);
}

Result<std::optional<std::string>> Connection::get(Space space, std::string_view key) {
    SCHWARM_TRY(statement, borrow(space, Verb::get));
    bind_blob(statement.get(), 1, key);
    const int result = sqlite3_step(statement.get());
    if (result == SQLITE_DONE) return std::optional<std::string>();
    if (result != SQLITE_ROW) return error(result);
    return std::optional(std::string(column(statement.get(), 0)));
}

Result<void> Connection::put(Space space, std::string_view key, std::string_view value) {
    SCHWARM_TRY(statement, borrow(space, Verb::put));
    bind_blob(statement.get(), 1, key);
    bind_blob(statement.get(), 2, value);
    const int result = sqlite3_step(statement.get());
    if (result != SQLITE_DONE) return error(result);
    if (value.size() >= kLargeValue) large_bytes_ += value.size();
    return {};
}

Result<void> Connection::erase(Space space, std::string_view key) {
    SCHWARM_TRY(statement, borrow(space, Verb::erase));
    bind_blob(statement.get(), 1, key);
    const int result = sqlite3_step(statement.get());
    if (result != SQLITE_DONE) return error(result);
    return {};
}

Result<void> Connection::scan(Space space, const storage::ScanRange& range,
                              const storage::Visitor& visit) {
    const bool open_end = range.to.empty();
    const Verb verb = range.reverse ? (open_end ? Verb::last : Verb::last_to)
                                    : (open_end ? Verb::from : Verb::from_to);
    SCHWARM_TRY(statement, borrow(space, verb));
    bind_blob(statement.get(), 1, range.from);
    if (!open_end) bind_blob(statement.get(), 2, range.to);
    const std::int64_t limit = range.limit > static_cast<std::size_t>(INT64_MAX)
                                   ? -1
                                   : static_cast<std::int64_t>(range.limit);
    sqlite3_bind_int64(statement.get(), 3, limit);
    for (;;) {
        const int result = sqlite3_step(statement.get());
        if (result == SQLITE_DONE) return {};
        if (result != SQLITE_ROW) return error(result);
        if (!visit(column(statement.get(), 0), column(statement.get(), 1))) return {};
    }
}

Result<void> Connection::begin_snapshot() {
    SCHWARM_TRY_VOID(execute("BEGIN"));
    // A deferred transaction sees the database as of its first read.
    const auto first = get(Space::meta, std::string_view("\0", 1));
    if (first.has_error()) {
        rollback();
        return first.error();
    }
    return {};
}

Result<void> Connection::begin_immediate() {
    return execute("BEGIN IMMEDIATE");
}

Result<void> Connection::commit() {
    const int result = sqlite3_exec(database_.get(), "COMMIT", nullptr, nullptr, nullptr);
    if (result == SQLITE_OK) {
        forget_large_values();
        return {};
    }
    Error problem = error(result);
    rollback();
    // The frames may already lie in the log with a valid commit mark: a crash right now could
    // still make them valid.
    if ((result & 0xFF) == SQLITE_IOERR) problem.code = ErrorCode::maybe_done;
    return problem;
}

void Connection::forget_large_values() {
    if (large_bytes_ < kLargeBytesKept) return;
    large_bytes_ = 0;
    sqlite3_db_release_memory(database_.get());
}

void Connection::rollback() {
    if (sqlite3_get_autocommit(database_.get()) == 0) {
        sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

}  // namespace schwarm::storage_sqlite
