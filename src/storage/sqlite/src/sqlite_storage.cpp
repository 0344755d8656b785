#include "schwarm/storage_sqlite/sqlite_storage.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mutex>
#include <string>
#include <vector>

#include "connection.hpp"
#include "schema.hpp"
#include "schwarm/storage/limits.hpp"

namespace schwarm::storage_sqlite {
namespace {

using storage::Reader;
using storage::ScanRange;
using storage::Visitor;
using storage::WriteTransaction;

// "SCHW"
constexpr std::int64_t kApplicationId = 0x53434857;

class LockFile {
  public:
    LockFile() = default;
    LockFile(const LockFile&) = delete;
    LockFile& operator=(const LockFile&) = delete;
    ~LockFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Result<void> acquire(const std::filesystem::path& file) {
        descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (descriptor_ < 0) {
            return fail(ErrorCode::storage_failed, "the lock file cannot be created",
                        file.string());
        }
        if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
            return fail(ErrorCode::unavailable, "the database is in use by another node",
                        file.string());
        }
        return {};
    }

  private:
    int descriptor_ = -1;
};

// SQLite would create the file with the umask of the process.
Result<void> create_private(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return fail(ErrorCode::storage_failed, "the database cannot be created", file.string());
    }
    ::close(descriptor);
    return {};
}

Result<std::int64_t> check_version(Connection& connection, const std::filesystem::path& file) {
    SCHWARM_TRY(application, connection.query_number("PRAGMA application_id"));
    SCHWARM_TRY(tables, connection.query_number("SELECT count(*) FROM sqlite_schema"));
    SCHWARM_TRY(version, connection.query_number("PRAGMA user_version"));
    if (tables > 0 && application != kApplicationId) {
        return fail(ErrorCode::corrupt, "this is the database of another program", file.string());
    }
    const auto known = static_cast<std::int64_t>(migrations().size());
    if (version > known) {
        return fail(ErrorCode::unsupported,
                    "the database has schema version " + std::to_string(version) +
                        ", this program knows versions up to " + std::to_string(known) +
                        ": start a newer version of the program",
                    file.string());
    }
    return version;
}

Result<void> migrate_step(Connection& connection, std::int64_t to) {
    SCHWARM_TRY_VOID(connection.begin_immediate());
    const std::string version = "PRAGMA user_version=" + std::to_string(to);
    const std::string application = "PRAGMA application_id=" + std::to_string(kApplicationId);
    const auto run = [&](const char* sql) -> Result<void> { return connection.execute(sql); };
    for (const char* sql : {migrations()[static_cast<std::size_t>(to - 1)].sql, version.c_str(),
                            application.c_str()}) {
        if (auto result = run(sql); result.has_error()) {
            connection.rollback();
            Error problem = result.error();
            problem.where = migrations()[static_cast<std::size_t>(to - 1)].name;
            return problem;
        }
    }
    return connection.commit();
}

class SqliteStorage final : public storage::Storage {
  public:
    SqliteStorage(std::filesystem::path file, const Options& options)
        : file_(std::move(file)), options_(options) {}

    ~SqliteStorage() override {
        idle_.clear();
        writer_.reset();
    }

    Result<void> open() {
        if (options_.read_only || options_.beside_node) {
            SCHWARM_TRY(probe, open_reader());
            SCHWARM_TRY(version, check_version(*probe, file_));
            if (version != static_cast<std::int64_t>(migrations().size())) {
                return fail(ErrorCode::unsupported,
                            "the database must first be migrated by starting the node",
                            file_.string());
            }
            idle_.push_back(std::move(probe));
            if (options_.read_only) return {};
            SCHWARM_TRY(writer,
                        Connection::open(file_, SQLITE_OPEN_READWRITE, options_.cache_bytes));
            writer_ = std::move(writer);
            return set_durability();
        }
        SCHWARM_TRY_VOID(lock_.acquire(file_.string() + ".lock"));
        SCHWARM_TRY_VOID(create_private(file_));
        SCHWARM_TRY(writer, Connection::open(file_, SQLITE_OPEN_READWRITE, options_.cache_bytes));
        writer_ = std::move(writer);
        SCHWARM_TRY(version, check_version(*writer_, file_));
        SCHWARM_TRY_VOID(set_durability());
        for (auto next = version; next < static_cast<std::int64_t>(migrations().size()); ++next) {
            SCHWARM_TRY_VOID(migrate_step(*writer_, next + 1));
        }
        return {};
    }

    Result<std::unique_ptr<Reader>> begin_read() override;
    Result<std::unique_ptr<WriteTransaction>> begin_write() override;

    Result<void> scrub() override {
        const std::lock_guard lock(mutex_);
        if (options_.read_only || writing_) {
            return fail(ErrorCode::conflict, "a write transaction is open");
        }
        SCHWARM_TRY_VOID(writer_->execute("PRAGMA busy_timeout=50"));
        const auto busy = writer_->query_number("PRAGMA wal_checkpoint(TRUNCATE)");
        SCHWARM_TRY_VOID(writer_->execute("PRAGMA busy_timeout=5000"));
        if (busy.has_error()) return busy.error();
        if (busy.value() != 0) {
            return fail(ErrorCode::unavailable, "a reader still holds an older snapshot");
        }
        return {};
    }

    void end_read(std::unique_ptr<Connection> connection) {
        connection->rollback();
        const std::lock_guard lock(mutex_);
        if (idle_.size() < options_.readers_kept) idle_.push_back(std::move(connection));
    }

    void end_write() {
        const std::lock_guard lock(mutex_);
        writing_ = false;
    }

  private:
    Result<void> set_durability() {
        for (const char* sql : {"PRAGMA page_size=8192", "PRAGMA journal_mode=WAL",
                                "PRAGMA synchronous=FULL", "PRAGMA secure_delete=ON"}) {
            SCHWARM_TRY_VOID(writer_->execute(sql));
        }
        const std::string checkpoint =
            "PRAGMA wal_autocheckpoint=" + std::to_string(options_.checkpoint_pages);
        SCHWARM_TRY_VOID(writer_->execute(checkpoint.c_str()));
        SCHWARM_TRY(full, writer_->query_number("PRAGMA synchronous"));
        SCHWARM_TRY(secure, writer_->query_number("PRAGMA secure_delete"));
        if (full != 2 || secure != 1) {
            return fail(ErrorCode::storage_failed,
                        "SQLite does not keep synchronous=FULL or "
                        "secure_delete=ON",
                        file_.string());
        }
        return {};
    }

    Result<std::unique_ptr<Connection>> open_reader() {
        SCHWARM_TRY(connection,
                    Connection::open(file_, SQLITE_OPEN_READWRITE, options_.reader_cache_bytes));
        SCHWARM_TRY_VOID(connection->execute("PRAGMA query_only=ON"));
        return connection;
    }

    const std::filesystem::path file_;
    const Options options_;
    LockFile lock_;
    std::mutex mutex_;
    std::unique_ptr<Connection> writer_;             // used by the one open WriteTransaction
    std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_
    bool writing_ = false;                           // guarded by mutex_
};

class SqliteReader final : public Reader {
  public:
    SqliteReader(SqliteStorage& owner, std::unique_ptr<Connection> connection)
        : owner_(owner), connection_(std::move(connection)) {}
    ~SqliteReader() override { owner_.end_read(std::move(connection_)); }

    Result<std::optional<std::string>> get(Space space, std::string_view key) override {
        return connection_->get(space, key);
    }
    Result<void> scan(Space space, const ScanRange& range, const Visitor& visit) override {
        return connection_->scan(space, range, visit);
    }

  private:
    SqliteStorage& owner_;
    std::unique_ptr<Connection> connection_;
};

class SqliteWrite final : public WriteTransaction {
  public:
    SqliteWrite(SqliteStorage& owner, Connection& connection)
        : owner_(owner), connection_(connection) {}
    ~SqliteWrite() override {
        if (over_) return;
        connection_.rollback();
        owner_.end_write();
    }

    Result<std::optional<std::string>> get(Space space, std::string_view key) override {
        return connection_.get(space, key);
    }
    Result<void> scan(Space space, const ScanRange& range, const Visitor& visit) override {
        return connection_.scan(space, range, visit);
    }
    Result<void> put(Space space, std::string_view key, std::string_view value) override {
        SCHWARM_TRY_VOID(storage::check_sizes(space, key, value));
        return connection_.put(space, key, value);
    }
    Result<void> erase(Space space, std::string_view key) override {
        SCHWARM_TRY_VOID(storage::check_sizes(space, key));
        return connection_.erase(space, key);
    }
    Result<void> commit() override {
        if (over_) return fail(ErrorCode::storage_failed, "the transaction is over");
        auto result = connection_.commit();
        over_ = true;
        owner_.end_write();
        return result;
    }

  private:
    SqliteStorage& owner_;
    Connection& connection_;
    bool over_ = false;
};

Result<std::unique_ptr<Reader>> SqliteStorage::begin_read() {
    std::unique_ptr<Connection> connection;
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            connection = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (connection == nullptr) {
        SCHWARM_TRY(opened, open_reader());
        connection = std::move(opened);
    }
    SCHWARM_TRY_VOID(connection->begin_snapshot());
    return std::unique_ptr<Reader>(std::make_unique<SqliteReader>(*this, std::move(connection)));
}

Result<std::unique_ptr<WriteTransaction>> SqliteStorage::begin_write() {
    const std::lock_guard lock(mutex_);
    if (options_.read_only) return fail(ErrorCode::conflict, "the database is open for reading");
    if (writing_) return fail(ErrorCode::conflict, "another write transaction is open");
    SCHWARM_TRY_VOID(writer_->begin_immediate());
    writing_ = true;
    return std::unique_ptr<WriteTransaction>(std::make_unique<SqliteWrite>(*this, *writer_));
}

}  // namespace

Result<std::unique_ptr<storage::Storage>> open_sqlite(const std::filesystem::path& file,
                                                      const Options& options) {
    auto storage = std::make_unique<SqliteStorage>(file, options);
    SCHWARM_TRY_VOID(storage->open());
    return std::unique_ptr<storage::Storage>(std::move(storage));
}

}  // namespace schwarm::storage_sqlite
