#include "disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "load_client.hpp"
#include "schwarm/server/stopwatch.hpp"
#include "schwarm/storage/key.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace schwarm::bench {

Result<DiskFigures> measure_fsync(const std::filesystem::path& folder, double seconds) {
    const std::filesystem::path file = folder / "fsync-test";
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return fail(ErrorCode::unavailable, "cannot write here", folder.string());
    const std::string block(4096, 'x');
    std::vector<std::uint32_t> micros;
    const server::Stopwatch watch;
    bool good = true;
    while (good && watch.seconds() < seconds) {
        const server::Stopwatch one;
        good = write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size()) &&
               fsync(fd) == 0;
        micros.push_back(static_cast<std::uint32_t>(one.elapsed().count() / 1000));
    }
    const double took = watch.seconds();
    close(fd);
    std::filesystem::remove(file);
    if (!good) return fail(ErrorCode::storage_failed, "fsync failed", folder.string());
    const auto count = static_cast<double>(micros.size());
    return DiskFigures{count / took, percentile(micros, 0.99) / 1000.0};
}

Result<SqliteFigures> measure_sqlite(const std::filesystem::path& folder, double seconds,
                                     std::size_t rows, std::size_t bytes) {
    using storage::Space;
    constexpr Space kSpaces[] = {Space::events, Space::keys, Space::cases, Space::audit,
                                 Space::state};
    SCHWARM_TRY(storage, storage_sqlite::open_sqlite(folder / "sqlite-test.db"));
    const std::string value(bytes, 'x');
    std::uint64_t number = 0;
    std::uint64_t commits = 0;
    const server::Stopwatch watch;
    while (watch.seconds() < seconds) {
        SCHWARM_TRY(transaction, storage->begin_write());
        for (std::size_t i = 0; i < rows; ++i, ++number) {
            const auto key = storage::KeyBuilder(TenantId("t")).number(number / 5).take();
            SCHWARM_TRY_VOID(transaction->put(kSpaces[number % 5], key, value));
        }
        SCHWARM_TRY_VOID(transaction->commit());
        ++commits;
    }
    const double took = watch.seconds();
    storage.reset();
    for (const char* file : {"sqlite-test.db", "sqlite-test.db-wal", "sqlite-test.db-shm"}) {
        std::error_code ignored;
        std::filesystem::remove(folder / file, ignored);
    }
    return SqliteFigures{static_cast<double>(number) / took, static_cast<double>(commits) / took};
}

}  // namespace schwarm::bench
