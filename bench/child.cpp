#include "child.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace schwarm::bench {

Result<Child> Child::start(const std::vector<std::string>& arguments) {
    std::array<int, 2> to_child{};
    std::array<int, 2> from_child{};
    if (pipe2(to_child.data(), O_CLOEXEC) != 0 || pipe2(from_child.data(), O_CLOEXEC) != 0) {
        return fail(ErrorCode::unavailable, "no pipe for a child process");
    }
    std::vector<char*> argv;
    std::vector<std::string> copies = arguments;
    for (std::string& argument : copies) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(to_child[0], STDIN_FILENO);
        dup2(from_child[1], STDOUT_FILENO);
        execv(argv[0], argv.data());
        _exit(127);
    }
    close(to_child[0]);
    close(from_child[1]);
    if (pid < 0) {
        close(to_child[1]);
        close(from_child[0]);
        return fail(ErrorCode::unavailable, "no child process could be started");
    }
    return Child(pid, to_child[1], from_child[0]);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      in_(std::exchange(other.in_, -1)),
      out_(std::exchange(other.out_, -1)),
      buffer_(std::move(other.buffer_)) {}

Child::~Child() {
    if (in_ >= 0) close(in_);
    if (out_ >= 0) close(out_);
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
}

void Child::write_input(std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = write(in_, text.data(), text.size());
        if (n <= 0) break;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    close(std::exchange(in_, -1));
}

std::string Child::read_line() {
    while (true) {
        const auto end = buffer_.find('\n');
        if (end != std::string::npos) {
            std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return line;
        }
        std::array<char, 4096> bytes;
        const ssize_t n = read(out_, bytes.data(), bytes.size());
        if (n <= 0) return std::exchange(buffer_, {});
        buffer_.append(bytes.data(), static_cast<std::size_t>(n));
    }
}

std::string Child::read_all() {
    std::array<char, 65536> bytes;
    for (ssize_t n = 0; (n = read(out_, bytes.data(), bytes.size())) > 0;) {
        buffer_.append(bytes.data(), static_cast<std::size_t>(n));
    }
    return std::exchange(buffer_, {});
}

void Child::terminate() const {
    kill(pid_, SIGTERM);
}

int Child::wait() {
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

double Child::cpu_seconds() const {
    std::ifstream in("/proc/" + std::to_string(pid_) + "/stat");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return 0;
    std::istringstream fields(text.substr(name_end + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::uint64_t Child::resident_bytes() const {
    std::ifstream in("/proc/" + std::to_string(pid_) + "/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    in >> size >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string own_program() {
    return std::filesystem::read_symlink("/proc/self/exe").string();
}

}  // namespace schwarm::bench
