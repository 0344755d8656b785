#include "disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "load_client.hpp"
#include "schwarm/server/stopwatch.hpp"

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

}  // namespace schwarm::bench
