// One worker process, spoken to over pipes. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/pdf/weasyprint.hpp"

namespace schwarm::pdf {

class WorkerProcess {
  public:
    explicit WorkerProcess(const Options& options) : options_(options) {}
    ~WorkerProcess() { stop(); }
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    // Starts the process if there is none.
    Result<std::string> render(std::string_view html);
    void stop();

  private:
    using Deadline = std::chrono::steady_clock::time_point;
    Result<void> start(Deadline deadline);
    Result<void> write_frame(std::string_view bytes, Deadline deadline);
    Result<std::string> read_frame(Deadline deadline);
    Result<void> read_exactly(char* out, std::size_t size, Deadline deadline);

    const Options& options_;
    pid_t pid_ = -1;
    int to_ = -1;
    int from_ = -1;
    std::size_t pages_ = 0;
};

}  // namespace schwarm::pdf
