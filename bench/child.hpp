// A child process with a pipe from its standard output (and one to its input), and what it costs.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

class Child {
  public:
    // `arguments[0]` is the program. The child dies with this process.
    static Result<Child> start(const std::vector<std::string>& arguments);
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;
    // Kills it if it still runs.
    ~Child();

    void write_input(std::string_view text);  // and closes it
    // The next line without its end; empty at the end of the output.
    std::string read_line();
    std::string read_all();
    void terminate() const;  // SIGTERM
    int wait();              // exit code, 128 + signal if killed

    // User and system time so far, from /proc; 0 once it has ended.
    double cpu_seconds() const;
    std::uint64_t resident_bytes() const;

  private:
    Child(pid_t pid, int in, int out) : pid_(pid), in_(in), out_(out) {}

    pid_t pid_ = -1;
    int in_ = -1;
    int out_ = -1;
    std::string buffer_;
};

// The running program.
std::string own_program();

}  // namespace schwarm::bench
