#include "exchange.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <iostream>
#include <optional>

#include "demo_server.hpp"
#include "disk.hpp"
#include "engine_load.hpp"
#include "exchange_world.hpp"
#include "load_client.hpp"
#include "schwarm/crypto/elliptic.hpp"
#include "schwarm/json/writer.hpp"
#include "schwarm/server/stopwatch.hpp"

namespace schwarm::bench {
namespace {

namespace fs = std::filesystem;
constexpr double kWarmUpSeconds = 2;
constexpr auto kLongestExchange = std::chrono::minutes(2);
constexpr std::size_t kChecked = 500;
constexpr double kPrimitiveSeconds = 0.5;
constexpr const char* kHere = "register";

// --- the limit -------------------------------------------------------------------------------

// Microseconds of one core.
struct Costs {
    double sign = 0;
    double verify = 0;
    double agree = 0;
    double generate = 0;
};

// Processor time of the calling thread.
double thread_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Processor time, so that it says the same while others use the machine.
Result<double> cost_of(const std::function<Result<void>()>& operation) {
    std::uint64_t times = 0;
    const double before = thread_seconds();
    while (thread_seconds() - before < kPrimitiveSeconds) {
        for (int i = 0; i < 20; ++i) SCHWARM_TRY_VOID(operation());
        times += 20;
    }
    return (thread_seconds() - before) * 1e6 / static_cast<double>(times);
}

Result<Costs> measure_costs() {
    SystemRandom random;
    SCHWARM_TRY(own, crypto::EcPrivateKey::generate(random));
    SCHWARM_TRY(other, crypto::EcPrivateKey::generate(random));
    const std::string text(1200, 'x');
    SCHWARM_TRY(signature, crypto::sign_es256(own, text));
    Costs out;
    SCHWARM_TRY(sign, cost_of([&]() -> Result<void> {
                    const auto made = crypto::sign_es256(own, text);
                    return made.has_error() ? Result<void>(made.error()) : Result<void>();
                }));
    SCHWARM_TRY(verify,
                cost_of([&] { return crypto::verify_es256(own.public_key(), text, signature); }));
    SCHWARM_TRY(agree, cost_of([&]() -> Result<void> {
                    const auto made = crypto::agree(own, other.public_key());
                    return made.has_error() ? Result<void>(made.error()) : Result<void>();
                }));
    SCHWARM_TRY(generate, cost_of([&]() -> Result<void> {
                    const auto made = crypto::EcPrivateKey::generate(random);
                    return made.has_error() ? Result<void>(made.error()) : Result<void>();
                }));
    return Costs{sign, verify, agree, generate};
}

// --- load ------------------------------------------------------------------------------------

struct Figures {
    std::uint64_t count = 0;
    double per_second = 0;
    double p50_millis = 0;
    double p99_millis = 0;
    double cpu_cores = 0;
    double commits_per_second = 0;  // of both nodes
    CountedCryptography::Counts operations;
};

// Keeps a number of requests for evidence under way, from the submission to the end of the case
// that asked, which is after the commit that took the answer.
class ExchangeLoad {
  public:
    ExchangeLoad(ExchangeNode& requester, ExchangeNode& provider,
                 const CountedCryptography& cryptography, int in_flight_max)
        : requester_(requester),
          provider_(provider),
          cryptography_(cryptography),
          in_flight_max_(in_flight_max) {}

    Result<Figures> run(double warm_up_seconds, double seconds) {
        const server::Stopwatch warm_up;
        while (warm_up.seconds() < warm_up_seconds) ask();
        {
            const std::lock_guard lock(mutex_);
            latencies_micros_.clear();
        }
        const double cpu = cpu_seconds();
        const std::uint64_t commits = all_commits();
        const auto before = cryptography_.counts();
        const server::Stopwatch watch;
        while (watch.seconds() < seconds) ask();
        const double took = watch.seconds();
        Figures out;
        {
            const std::lock_guard lock(mutex_);
            out.count = latencies_micros_.size();
            out.p50_millis = percentile(latencies_micros_, 0.5) / 1000.0;
            out.p99_millis = percentile(latencies_micros_, 0.99) / 1000.0;
        }
        const auto after = cryptography_.counts();
        out.per_second = static_cast<double>(out.count) / took;
        out.cpu_cores = (cpu_seconds() - cpu) / took;
        out.commits_per_second = static_cast<double>(all_commits() - commits) / took;
        out.operations = {after.signatures - before.signatures,
                          after.verifications - before.verifications, after.seals - before.seals,
                          after.opens - before.opens};
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return in_flight_ == 0; });
        if (failure_) return *failure_;
        return out;
    }

  private:
    std::uint64_t all_commits() const {
        return requester_.runtime().metrics().commits + provider_.runtime().metrics().commits;
    }

    void ask() {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return in_flight_ < in_flight_max_; });
            ++in_flight_;
        }
        requester_.runtime().submit(
            evidence_request(requester_.tenant(), ++number_, kHere),
            [this, watch = server::Stopwatch()](const Result<runtime::Reply>& reply) {
                if (reply.has_error()) {
                    end(watch, reply.error());
                    return;
                }
                requester_.runtime().await_case(
                    requester_.tenant(), reply.value().case_id, kLongestExchange,
                    [this, watch](const Result<runtime::CaseRow>& row) {
                        if (row.has_error()) {
                            end(watch, row.error());
                        } else if (row.value().status != engine::CaseStatus::completed) {
                            end(watch, fail(ErrorCode::internal, "a request was not answered"));
                        } else {
                            end(watch, std::nullopt);
                        }
                    });
            });
    }

    void end(const server::Stopwatch& watch, std::optional<Error> error) {
        const std::lock_guard lock(mutex_);
        if (error) failure_ = std::move(error);
        latencies_micros_.push_back(static_cast<std::uint32_t>(watch.elapsed().count() / 1000));
        --in_flight_;
        changed_.notify_all();
    }

    ExchangeNode& requester_;
    ExchangeNode& provider_;
    const CountedCryptography& cryptography_;
    const int in_flight_max_;
    std::int64_t number_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    int in_flight_ = 0;
    std::vector<std::uint32_t> latencies_micros_;
    std::optional<Error> failure_;
};

// The newest cases hold the answer to what they asked.
Result<void> check_answers(ExchangeNode& requester) {
    SCHWARM_TRY(view, requester.runtime().read(requester.tenant()));
    runtime::CaseFilter filter;
    filter.limit = kChecked;
    SCHWARM_TRY(page, view.cases(filter));
    for (const runtime::CaseRow& row : page.rows) {
        SCHWARM_TRY(state, view.case_state(row.id));
        const feel::Value* asked = state.variables.find("nummer");
        const feel::Value* answer = state.variables.find("doppelt");
        const feel::Value* evidence = state.variables.find("meldung");
        if (asked == nullptr || answer == nullptr || evidence == nullptr ||
            std::stoll(answer->to_string()) != 2 * std::stoll(asked->to_string())) {
            return fail(ErrorCode::internal, "a case has not the answer to what it asked");
        }
    }
    return {};
}

// --- those who are absent --------------------------------------------------------------------

// A port of this machine where connections are taken by the system and nobody ever answers, or,
// once it is closed, where they are refused.
class DeadPort {
  public:
    static Result<DeadPort> open() {
        DeadPort out(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        if (out.fd_ < 0 || bind(out.fd_, plain, size) != 0 || ::listen(out.fd_, 128) != 0 ||
            getsockname(out.fd_, plain, &size) != 0) {
            return fail(ErrorCode::unavailable, "no port for the absent members");
        }
        out.port_ = ntohs(address.sin_port);
        return out;
    }
    DeadPort(DeadPort&& other) noexcept : fd_(std::exchange(other.fd_, -1)), port_(other.port_) {}
    DeadPort& operator=(DeadPort&&) = delete;
    ~DeadPort() {
        if (fd_ >= 0) close(fd_);
    }
    std::uint16_t port() const { return port_; }

  private:
    explicit DeadPort(int fd) : fd_(fd) {}
    int fd_;
    std::uint16_t port_ = 0;
};

std::string absent_name(int number) {
    return "fern-" + std::to_string(number);
}

// Every second one refuses connections, the others are silent.
Result<void> add_absent(MemberTable& members, const CountedCryptography& cryptography, int count,
                        std::uint16_t silent, std::uint16_t refusing) {
    SystemRandom random;
    for (int i = 0; i < count; ++i) {
        SCHWARM_TRY(sign, cryptography.make_key(exchange::KeyUse::sign, random));
        SCHWARM_TRY(seal, cryptography.make_key(exchange::KeyUse::seal, random));
        members.add({{TenantId("amt"), exchange::MemberId(absent_name(i))},
                     sign.public_key,
                     seal.public_key,
                     i % 2 == 0 ? silent : refusing,
                     std::string(64, '0')});
    }
    return {};
}

Result<void> leave_waiting(ExchangeNode& requester, const ExchangeOptions& options) {
    std::uint64_t number = 0;
    EngineLoad load(requester.runtime(), options.in_flight, [&] {
        const int member = static_cast<int>(number % static_cast<std::uint64_t>(options.absent));
        return evidence_request(requester.tenant(), static_cast<std::int64_t>(number++),
                                absent_name(member));
    });
    const auto figures = load.run_count(options.waiting);
    return figures.has_error() ? Result<void>(figures.error()) : Result<void>();
}

struct Comparison {
    std::uint64_t waiting = 0;
    std::vector<double> without;  // p99 of each run, milliseconds
    std::vector<double> with;
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// The two nodes over the databases in a folder; may be closed and opened again.
struct Nodes {
    std::unique_ptr<ExchangeNode> requester;
    std::unique_ptr<ExchangeNode> provider;

    static Result<Nodes> open(const fs::path& folder, const ExchangeModels& models,
                              const CountedCryptography& cryptography, MemberTable& members) {
        // The table may change only while no node runs.
        SCHWARM_TRY(provider,
                    ExchangeNode::prepare(folder / kHere, kHere, models, cryptography, members));
        SCHWARM_TRY(requester,
                    ExchangeNode::prepare(folder / "amt", "amt", models, cryptography, members));
        provider->start();
        requester->start();
        return Nodes{std::move(requester), std::move(provider)};
    }
};

// In turn, so that what else the machine does meets both alike; the other nodes are closed
// meanwhile.
Result<Comparison> compare(const ExchangeOptions& options, const fs::path& folder,
                           const ExchangeModels& models, const CountedCryptography& cryptography,
                           MemberTable& members) {
    {
        SCHWARM_TRY(nodes, Nodes::open(folder / "with", models, cryptography, members));
        SCHWARM_TRY_VOID(leave_waiting(*nodes.requester, options));
    }
    Comparison out;
    for (int i = 0; i < options.runs; ++i) {
        for (const bool waits : {false, true}) {
            SCHWARM_TRY(nodes, Nodes::open(folder / (waits ? "with" : "without"), models,
                                           cryptography, members));
            ExchangeLoad load(*nodes.requester, *nodes.provider, cryptography,
                              options.run_in_flight);
            SCHWARM_TRY(figures, load.run(kWarmUpSeconds, options.run_seconds));
            (waits ? out.with : out.without).push_back(figures.p99_millis);
            if (waits) out.waiting = nodes.requester->post().metrics().waiting;
        }
    }
    if (out.waiting < options.waiting) {
        return fail(ErrorCode::internal, "what should wait does not");
    }
    return out;
}

// --- report ----------------------------------------------------------------------------------

void write_list(json::Writer& out, std::string_view name, const std::vector<double>& values) {
    out.name(name).begin_array();
    for (const double value : values) out.number(fixed(value, 2));
    out.end_array();
}

void write_comparison(json::Writer& out, const Comparison& c, const ExchangeOptions& options) {
    out.name("absent").begin_object();
    out.member("members", static_cast<std::int64_t>(options.absent));
    out.member("waiting", c.waiting);
    out.member("in_flight", static_cast<std::int64_t>(options.run_in_flight));
    write_list(out, "p99_ms_without", c.without);
    write_list(out, "p99_ms_with", c.with);
    out.name("median_ratio").number(fixed(median(c.with) / median(c.without), 2));
    out.end_object();
}

void write_rate(json::Writer& out, const Figures& f, const Costs& costs, std::int64_t cores) {
    const auto each = [&f](std::uint64_t count) {
        return static_cast<double>(count) / static_cast<double>(f.count);
    };
    const double signatures = each(f.operations.signatures);
    const double verifications = each(f.operations.verifications);
    const double generations = each(f.operations.seals);
    const double agreements = each(f.operations.seals + f.operations.opens);
    const double sum = signatures * costs.sign + verifications * costs.verify +
                       agreements * costs.agree + generations * costs.generate;
    const double limit = static_cast<double>(cores) * 1e6 / sum;
    out.name("exchanges_per_second").number(fixed(f.per_second, 1));
    out.member("exchanges", f.count);
    out.name("p50_ms").number(fixed(f.p50_millis, 2));
    out.name("p99_ms").number(fixed(f.p99_millis, 2));
    out.name("cpu_cores").number(fixed(f.cpu_cores, 2));
    out.name("commits_per_second").number(fixed(f.commits_per_second, 1));
    out.name("operations_of_one_exchange").begin_object();
    out.name("signatures").number(fixed(signatures, 2));
    out.name("verifications").number(fixed(verifications, 2));
    out.name("key_agreements").number(fixed(agreements, 2));
    out.name("key_generations").number(fixed(generations, 2));
    out.end_object();
    out.name("core_microseconds").begin_object();
    out.name("signature").number(fixed(costs.sign, 1));
    out.name("verification").number(fixed(costs.verify, 1));
    out.name("key_agreement").number(fixed(costs.agree, 1));
    out.name("key_generation").number(fixed(costs.generate, 1));
    out.name("of_one_exchange").number(fixed(sum, 1));
    out.end_object();
    out.name("cryptographic_limit_per_second").number(fixed(limit, 1));
    out.name("share_of_limit").number(fixed(f.per_second / limit, 3));
    // What it would be if nothing but the processor kept the nodes waiting.
    const double cpu_micros = f.cpu_cores * 1e6 / f.per_second;
    out.name("cpu_microseconds_of_one_exchange").number(fixed(cpu_micros, 1));
    out.name("share_of_cpu_that_is_cryptography").number(fixed(sum / cpu_micros, 3));
}

}  // namespace

Result<void> bench_exchange(const ExchangeOptions& options) {
    SCHWARM_TRY(scratch, ScratchFolder::make(options.folder));
    SCHWARM_TRY(disk, measure_fsync(scratch->path(), 1));
    SCHWARM_TRY(costs, measure_costs());
    SCHWARM_TRY(models, ExchangeModels::load());
    SCHWARM_TRY(silent, DeadPort::open());
    std::uint16_t refusing = 0;
    {
        SCHWARM_TRY(closed, DeadPort::open());
        refusing = closed.port();
    }
    const SystemClock clock;
    const CountedCryptography cryptography(clock);
    MemberTable members;
    SCHWARM_TRY_VOID(add_absent(members, cryptography, options.absent, silent.port(), refusing));
    Figures rate;
    {
        SCHWARM_TRY(nodes, Nodes::open(scratch->path() / "rate", *models, cryptography, members));
        ExchangeLoad load(*nodes.requester, *nodes.provider, cryptography, options.in_flight);
        SCHWARM_TRY(figures, load.run(kWarmUpSeconds, options.seconds));
        rate = figures;
        SCHWARM_TRY_VOID(check_answers(*nodes.requester));
    }
    std::optional<Comparison> comparison;
    if (options.waiting > 0) {
        SCHWARM_TRY(compared, compare(options, scratch->path(), *models, cryptography, members));
        comparison = std::move(compared);
    }
    const std::int64_t cores = sysconf(_SC_NPROCESSORS_ONLN);
    json::Writer out = json::Writer::pretty();
    out.begin_object();
    out.member("benchmark", "exchange");
    out.member("cores", cores);
    out.member("in_flight", static_cast<std::int64_t>(options.in_flight));
    out.name("disk").begin_object();
    out.name("fsync_per_second").number(fixed(disk.fsyncs_per_second, 0));
    out.name("fsync_p99_ms").number(fixed(disk.p99_millis, 2));
    out.end_object();
    write_rate(out, rate, costs, cores);
    if (comparison) write_comparison(out, *comparison, options);
    out.end_object();
    std::cout << out.take() << std::endl;
    return {};
}

}  // namespace schwarm::bench
