#include "journey.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <thread>

#include "demo_server.hpp"
#include "disk.hpp"
#include "figures.hpp"
#include "load_client.hpp"
#include "samples.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/server/stopwatch.hpp"

namespace schwarm::bench {
namespace {

constexpr int kStepsMax = 80;

struct Page {
    int status = 0;
    std::string location;
    std::string body;
};

// One visitor: a connection that stays, and its cookies.
class Visitor {
  public:
    explicit Visitor(std::uint16_t port) : port_(port) {}
    ~Visitor() {
        if (fd_ >= 0) close(fd_);
    }
    Visitor(const Visitor&) = delete;
    Visitor& operator=(const Visitor&) = delete;

    void forget() { cookies_.clear(); }
    std::vector<std::uint32_t>& latencies() { return latencies_; }
    std::uint64_t bytes() const { return bytes_; }

    Result<Page> get(const std::string& path) { return exchange("GET " + path, ""); }
    // Follows the redirect after the post.
    Result<Page> post(const std::string& path, const std::string& body) {
        SCHWARM_TRY(answer, exchange("POST " + path, body));
        if (answer.status != 303) {
            return fail(ErrorCode::internal,
                        path + " was answered " + std::to_string(answer.status));
        }
        return answer;
    }

  private:
    Result<void> connect_if_needed() {
        if (fd_ >= 0) return {};
        fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port_);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            return fail(ErrorCode::unavailable, "cannot connect");
        }
        const int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return {};
    }

    Result<Page> exchange(const std::string& line, const std::string& body) {
        SCHWARM_TRY_VOID(connect_if_needed());
        std::string request = line + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n";
        if (!cookies_.empty()) {
            request += "Cookie: ";
            bool first = true;
            for (const auto& [name, value] : cookies_) {
                request += (first ? "" : "; ") + name + "=" + value;
                first = false;
            }
            request += "\r\n";
        }
        if (line.starts_with("POST")) {
            request += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
                       std::to_string(body.size()) + "\r\n";
        }
        request += "\r\n" + body;
        const server::Stopwatch watch;
        if (send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request.size())) {
            return fail(ErrorCode::unavailable, "the server closed a connection");
        }
        SCHWARM_TRY(page, receive());
        latencies_.push_back(static_cast<std::uint32_t>(watch.elapsed().count() / 1000));
        return page;
    }

    Result<Page> receive() {
        std::string in;
        std::size_t head_end = std::string::npos;
        std::size_t length = 0;
        char bytes[32768];
        while (head_end == std::string::npos || in.size() < head_end + 4 + length) {
            const ssize_t n = recv(fd_, bytes, sizeof bytes, 0);
            if (n <= 0) return fail(ErrorCode::unavailable, "the server closed a connection");
            in.append(bytes, static_cast<std::size_t>(n));
            bytes_ += static_cast<std::uint64_t>(n);
            if (head_end != std::string::npos) continue;
            head_end = in.find("\r\n\r\n");
            if (head_end == std::string::npos) continue;
            const auto at = in.find("\r\nContent-Length: ");
            if (at < head_end) length = std::stoul(in.substr(at + 18, 20));
        }
        Page page;
        page.status = std::stoi(in.substr(9, 3));
        read_head(std::string_view(in).substr(0, head_end + 2), page);
        page.body = in.substr(head_end + 4);
        return page;
    }

    void read_head(std::string_view head, Page& page) {
        while (!head.empty()) {
            const auto end = head.find("\r\n");
            const std::string_view line = head.substr(0, end);
            head.remove_prefix(end + 2);
            if (line.starts_with("Location: ")) page.location = line.substr(10);
            if (line.starts_with("Set-Cookie: ")) {
                const std::string_view pair = line.substr(12, line.find(';') - 12);
                const auto equals = pair.find('=');
                cookies_[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
            }
        }
    }

    std::uint16_t port_;
    int fd_ = -1;
    std::map<std::string, std::string> cookies_;
    std::vector<std::uint32_t> latencies_;
    std::uint64_t bytes_ = 0;
};

Result<std::string> redirect_of(const Page& page) {
    if (page.status == 303 && !page.location.empty()) return page.location;
    return fail(ErrorCode::internal, "no redirect but " + std::to_string(page.status));
}

// From the service's page to the receipt, as somebody new.
Result<void> one_journey(Visitor& visitor, const json::Value& answers) {
    visitor.forget();
    SCHWARM_TRY(service, visitor.get("/dienste/leipzig/wohngeld"));
    if (service.status != 200) return fail(ErrorCode::internal, "there is no service's page");
    SCHWARM_TRY(entry, visitor.get("/antrag/leipzig/wohngeld"));
    SCHWARM_TRY(path, redirect_of(entry));
    for (int step = 0; step < kStepsMax; ++step) {
        const std::string address = path.substr(0, path.find('#'));
        SCHWARM_TRY(page, visitor.get(address));
        if (page.status != 200) {
            return fail(ErrorCode::internal, address + ": " + std::to_string(page.status));
        }
        if (address.ends_with("/eingang")) return {};
        if (address.find("pruefen=1") != std::string::npos) {
            return fail(ErrorCode::invalid_input, "an answer was refused at " + address);
        }
        SCHWARM_TRY(form, fill_form(page.body, answers));
        SCHWARM_TRY(sent, visitor.post(form.action, form.body));
        path = sent.location;
    }
    return fail(ErrorCode::internal, "the form does not end, last at " + path);
}

double own_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct Totals {
    std::mutex mutex;
    std::vector<std::uint32_t> journeys;  // microseconds each
    std::vector<std::uint32_t> pages;
    std::optional<Error> failure;
};

void visit_until(const server::Stopwatch& watch, double seconds, std::uint16_t port,
                 const std::vector<json::Value>& samples, std::atomic<std::size_t>& turn,
                 Totals& totals) {
    Visitor visitor(port);
    std::vector<std::uint32_t> journeys;
    while (watch.seconds() < seconds) {
        const server::Stopwatch one;
        const auto done = one_journey(visitor, samples[turn++ % samples.size()]);
        if (done.has_error()) {
            const std::lock_guard lock(totals.mutex);
            totals.failure = done.error();
            return;
        }
        // Counted only if it ended within the measured time.
        if (watch.seconds() < seconds) {
            journeys.push_back(static_cast<std::uint32_t>(one.elapsed().count() / 1000));
        }
    }
    const std::lock_guard lock(totals.mutex);
    totals.journeys.insert(totals.journeys.end(), journeys.begin(), journeys.end());
    totals.pages.insert(totals.pages.end(), visitor.latencies().begin(), visitor.latencies().end());
}

}  // namespace

Result<void> run_journey_process() {
    std::stringstream input;
    input << std::cin.rdbuf();
    SCHWARM_TRY(spec, json::parse(input.str()));
    const auto port = static_cast<std::uint16_t>(spec.int_or("port", 0));
    const double seconds = static_cast<double>(spec.int_or("milliseconds", 10'000)) / 1000;
    const std::int64_t visitors = spec.int_or("visitors", 32);
    SCHWARM_TRY(samples, sample_answers(256));
    std::atomic<std::size_t> turn{0};
    {
        Visitor first(port);  // everything is compiled and cached once
        SCHWARM_TRY_VOID(one_journey(first, samples.front()));
    }
    Totals totals;
    const double cpu = own_cpu_seconds();
    const server::Stopwatch watch;
    std::vector<std::thread> threads;
    for (std::int64_t i = 0; i < visitors; ++i) {
        threads.emplace_back([&] { visit_until(watch, seconds, port, samples, turn, totals); });
    }
    for (std::thread& thread : threads) thread.join();
    const double took = watch.seconds();
    if (totals.failure) return *totals.failure;
    json::Writer out;
    out.begin_object();
    out.member("journeys", totals.journeys.size()).member("pages", totals.pages.size());
    out.name("seconds").number(fixed(seconds, 6));
    out.name("took").number(fixed(took, 6));
    out.name("cpu_seconds").number(fixed(own_cpu_seconds() - cpu, 6));
    out.member("journey_p50_micros", percentile(totals.journeys, 0.5));
    out.member("journey_p99_micros", percentile(totals.journeys, 0.99));
    out.member("page_p50_micros", percentile(totals.pages, 0.5));
    out.member("page_p99_micros", percentile(totals.pages, 0.99));
    out.end_object();
    std::cout << out.take() << std::endl;
    return {};
}

Result<void> bench_journey(const ApplicationsOptions& options) {
    SCHWARM_TRY(scratch, ScratchFolder::make(options.folder));
    SCHWARM_TRY(disk, measure_fsync(scratch->path(), 1));
    SCHWARM_TRY(server, start_demo(options.packages, scratch->path() / "journey"));
    SCHWARM_TRY(load, Child::start({own_program(), "bench", "journey-generator"}));
    json::Writer spec;
    spec.begin_object();
    spec.member("port", server.port).member("visitors", options.connections);
    spec.member("milliseconds", static_cast<std::int64_t>(options.seconds * 1000)).end_object();
    const double cpu_before = server.child.cpu_seconds();
    SCHWARM_TRY(commits_before, read_metric(server, "schwarm_commits_total"));
    load.write_input(spec.take());
    const std::string report = load.read_line();
    const double cpu_after = server.child.cpu_seconds();
    SCHWARM_TRY(commits_after, read_metric(server, "schwarm_commits_total"));
    if (load.wait() != 0) return fail(ErrorCode::internal, "the generator failed " + report);
    SCHWARM_TRY(r, json::parse(report));
    server.child.terminate();
    if (server.child.wait() != 0) return fail(ErrorCode::internal, "the server did not end well");
    const double seconds = number(r, "seconds");
    const double took = number(r, "took");
    const double per_second = number(r, "journeys") / seconds;
    const double pages = number(r, "pages") / took;
    json::Writer out = json::Writer::pretty();
    out.begin_object();
    out.member("benchmark", "journey").member("service", "wohngeld");
    out.member("cores", static_cast<std::int64_t>(sysconf(_SC_NPROCESSORS_ONLN)));
    out.name("seconds").number(fixed(seconds, 1));
    out.name("journeys_per_second").number(fixed(per_second, 1));
    out.name("pages_per_second").number(fixed(pages, 0));
    out.name("journey_p50_ms").number(fixed(number(r, "journey_p50_micros") / 1000, 1));
    out.name("journey_p99_ms").number(fixed(number(r, "journey_p99_micros") / 1000, 1));
    out.name("page_p50_ms").number(fixed(number(r, "page_p50_micros") / 1000, 2));
    out.name("page_p99_ms").number(fixed(number(r, "page_p99_micros") / 1000, 2));
    out.name("commits_per_second").number(fixed((commits_after - commits_before) / took, 1));
    out.name("server_cpu_cores").number(fixed((cpu_after - cpu_before) / took, 2));
    out.name("load_generator_cpu_cores").number(fixed(number(r, "cpu_seconds") / took, 2));
    out.name("fsync_per_second").number(fixed(disk.fsyncs_per_second, 0));
    out.end_object();
    if (options.json) {
        std::cout << out.take() << std::endl;
    } else {
        std::cout << "journey: " << fixed(per_second, 1) << " complete journeys/s, "
                  << fixed(pages, 0) << " pages/s, page p50 "
                  << fixed(number(r, "page_p50_micros") / 1000, 2) << " ms, p99 "
                  << fixed(number(r, "page_p99_micros") / 1000, 2) << " ms; server "
                  << fixed((cpu_after - cpu_before) / took, 2) << " cores, generator "
                  << fixed(number(r, "cpu_seconds") / took, 2) << " cores\n";
    }
    return {};
}

}  // namespace schwarm::bench
