#include "worker_process.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "schwarm/html/assets.hpp"

namespace schwarm::pdf {

// worker.py, embedded by the build.
extern const char* const kWorkerScript;

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the sandbox of the PDF worker knows x86-64 and arm64"
#endif

// No sockets of any family; foreign system call tables kill the process.
sock_filter kNoSockets[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
    // x32 calls carry this bit on x86-64.
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 4, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 3, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socketpair, 2, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
};

void limit(int resource, rlim_t value) {
    const rlimit both{value, value};
    setrlimit(static_cast<__rlimit_resource_t>(resource), &both);
}

// Between fork and exec: system calls only.
[[noreturn]] void become_worker(int in, int out, const Options& options, char* const* arguments) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0) _exit(126);
    const int null = open("/dev/null", O_WRONLY);
    if (null < 0 || dup2(null, 2) < 0) _exit(126);
    syscall(SYS_close_range, 3U, ~0U, 0U);
    limit(RLIMIT_AS, options.memory_bytes_max);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, 64);
    limit(RLIMIT_FSIZE, 64U << 20);
    const sock_fprog program{sizeof kNoSockets / sizeof kNoSockets[0], kNoSockets};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        _exit(126);
    }
    char* const environment[] = {nullptr};
    execve(arguments[0], arguments, environment);
    _exit(127);
}

int milliseconds_left(std::chrono::steady_clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

Error gone() {
    return fail(ErrorCode::unavailable,
                "the PDF worker ended; is the package weasyprint installed?");
}
Error too_slow() {
    return fail(ErrorCode::limit_exceeded, "the PDF took too long");
}

constexpr const char* kFontFaces =
    "@font-face { font-family: 'Fira Sans'; font-weight: 400; src: url(schwarm:regular) }"
    "@font-face { font-family: 'Fira Sans'; font-weight: 600; src: url(schwarm:semibold) }"
    "@font-face { font-family: 'Fira Sans'; font-weight: 700; src: url(schwarm:semibold) }";

}  // namespace

Result<void> WorkerProcess::start(Deadline deadline) {
    int to[2];
    int from[2];
    if (pipe2(to, O_CLOEXEC) != 0) {
        return fail(ErrorCode::unavailable, "no pipe for the PDF worker");
    }
    if (pipe2(from, O_CLOEXEC) != 0) {
        close(to[0]);
        close(to[1]);
        return fail(ErrorCode::unavailable, "no pipe for the PDF worker");
    }
    std::string arguments[] = {options_.python, "-I", "-c", kWorkerScript};
    std::vector<char*> pointers;
    for (std::string& argument : arguments) {
        pointers.push_back(argument.data());
    }
    pointers.push_back(nullptr);
    const pid_t pid = fork();
    if (pid == 0) {
        become_worker(to[0], from[1], options_, pointers.data());
    }
    close(to[0]);
    close(from[1]);
    to_ = to[1];
    from_ = from[0];
    if (pid < 0) {
        stop();
        return fail(ErrorCode::unavailable, "the PDF worker could not be started");
    }
    pid_ = pid;
    pages_ = 0;
    fcntl(to_, F_SETFL, O_NONBLOCK);
    fcntl(from_, F_SETFL, O_NONBLOCK);
    const auto file = [&](std::string_view name, std::string_view bytes) -> Result<void> {
        SCHWARM_TRY_VOID(write_frame(name, deadline));
        return write_frame(bytes, deadline);
    };
    SCHWARM_TRY_VOID(file("fonts.css", kFontFaces));
    for (const auto& [name, path] : {std::pair("regular", "kern/fira-sans-400.woff2"),
                                     std::pair("semibold", "kern/fira-sans-600.woff2")}) {
        if (const html::Asset* asset = html::find_asset(path)) {
            SCHWARM_TRY_VOID(file(name, asset->bytes));
        }
    }
    return write_frame({}, deadline);
}

void WorkerProcess::stop() {
    for (int* end : {&to_, &from_}) {
        if (*end >= 0) {
            close(*end);
            *end = -1;
        }
    }
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
    }
}

Result<void> WorkerProcess::write_frame(std::string_view bytes, Deadline deadline) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    std::string frame;
    for (int shift = 24; shift >= 0; shift -= 8) {
        frame += static_cast<char>((size >> shift) & 0xFF);
    }
    frame += bytes;
    std::string_view rest = frame;
    while (!rest.empty()) {
        const ssize_t written = write(to_, rest.data(), rest.size());
        if (written > 0) {
            rest.remove_prefix(static_cast<std::size_t>(written));
            continue;
        }
        if (written < 0 && errno != EAGAIN && errno != EINTR) {
            return gone();
        }
        pollfd ready{to_, POLLOUT, 0};
        if (poll(&ready, 1, milliseconds_left(deadline)) == 0) {
            return too_slow();
        }
    }
    return {};
}

Result<void> WorkerProcess::read_exactly(char* out, std::size_t size, Deadline deadline) {
    while (size > 0) {
        const ssize_t got = read(from_, out, size);
        if (got > 0) {
            out += got;
            size -= static_cast<std::size_t>(got);
            continue;
        }
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            return gone();
        }
        pollfd ready{from_, POLLIN, 0};
        if (poll(&ready, 1, milliseconds_left(deadline)) == 0) {
            return too_slow();
        }
    }
    return {};
}

Result<std::string> WorkerProcess::read_frame(Deadline deadline) {
    unsigned char head[4];
    SCHWARM_TRY_VOID(read_exactly(reinterpret_cast<char*>(head), sizeof head, deadline));
    std::size_t size = 0;
    for (const unsigned char byte : head) {
        size = size << 8 | byte;
    }
    if (size == 0 || size > options_.pdf_bytes_max) {
        return fail(ErrorCode::limit_exceeded, "the PDF is too large");
    }
    std::string body(size, '\0');
    SCHWARM_TRY_VOID(read_exactly(body.data(), size, deadline));
    return body;
}

Result<std::string> WorkerProcess::render(std::string_view html) {
    if (pages_ >= options_.pages_per_worker_max) {
        stop();
    }
    const Deadline deadline = std::chrono::steady_clock::now() + options_.time_max;
    const auto run = [&]() -> Result<std::string> {
        if (pid_ < 0) {
            SCHWARM_TRY_VOID(start(deadline));
        }
        SCHWARM_TRY_VOID(write_frame(html, deadline));
        return read_frame(deadline);
    };
    const bool reused = pid_ > 0;
    auto answer = run();
    if (answer.has_error() && reused && answer.error().code == ErrorCode::unavailable) {
        stop();  // it had died since the last page
        answer = run();
    }
    if (answer.has_error()) {
        stop();
        return answer.error();
    }
    ++pages_;
    if (answer->front() != 0) {
        return fail(ErrorCode::internal, "the PDF could not be made: " + answer->substr(1));
    }
    answer->erase(0, 1);
    return answer;
}

}  // namespace schwarm::pdf
