#include "scenario_host.hpp"

#include <future>
#include <utility>

#include "scenario_words.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::services {
namespace {

// Storage calls of one command; more means that it never works.
constexpr std::uint64_t kCallsMax = 2000;

bool environment_failed(const Error& error) {
    return error.code == ErrorCode::storage_failed || error.code == ErrorCode::maybe_done;
}

}  // namespace

ScenarioHost::ScenarioHost(const Regime& regime, runtime::DefinitionsSource definitions,
                           const runtime::StartSource* starts)
    : regime_(regime),
      definitions_(std::move(definitions)),
      starts_(starts),
      random_(1),
      node_key_(crypto::Key::random(random_)) {
    const auto begin = words::parse_at("2026-01-15");
    CHECK(begin.has_value(), "the first day of scenarios is a date");
    clock_.set(begin.value());
}

ScenarioHost::~ScenarioHost() = default;

const TenantId& ScenarioHost::tenant() {
    static const TenantId id("musterstadt");
    return id;
}

Result<void> ScenarioHost::open() {
    if (runtime_) return {};
    if (regime_.database) {
        opener_ = regime_.database();
        SCHWARM_TRY(database, opener_());
        database_ = std::move(database);
    } else {
        database_ = storage::make_memory_storage();
    }
    if (regime_.faulty) faulty_ = storage::make_faulty_storage(*database_, plan_);
    return start_runtime();
}

Result<void> ScenarioHost::start_runtime() {
    runtime::Environment environment{faulty_ ? *faulty_ : *database_,
                                     clock_,
                                     random_,
                                     node_key_,
                                     definitions_,
                                     {},
                                     {},
                                     {},
                                     {},
                                     starts_};
    // What a package sends goes to other parties; the scenario speaks for them.
    if (starts_ == nullptr) {
        const runtime::OutboxHandler keep = [this](const runtime::OutboxItem& item) {
            const std::scoped_lock lock(sent_mutex_);
            sent_.insert_or_assign(
                {item.case_id.value(), item.effect.key.value()},
                Sent{item.case_id, item.effect.name, item.effect.payload.get("variables")});
            return Result<void>();
        };
        environment.outbox_handlers["send"] = keep;
        environment.outbox_handlers["deliver"] = keep;
    }
    runtime::Options options;
    options.cached_cases_max = 16;
    if (regime_.tiny) {
        options.cached_cases_max = 1;
        options.group_commands_max = 1;
        options.group_bytes_max = 1024;
        options.timer_page = std::chrono::seconds(1);
    }
    SCHWARM_TRY(runtime, runtime::Runtime::open(std::move(environment), options));
    runtime_ = std::move(runtime);
    SCHWARM_TRY_VOID(runtime_->ensure_tenant(tenant()));
    if (starts_ == nullptr) return {};
    std::promise<Result<void>> done;
    runtime_->deployed(tenant(), [&](Result<void> answer) { done.set_value(std::move(answer)); });
    return done.get_future().get();
}

std::vector<ScenarioHost::Sent> ScenarioHost::sent() const {
    const std::scoped_lock lock(sent_mutex_);
    std::vector<Sent> out;
    for (const auto& [key, one] : sent_) out.push_back(one);
    return out;
}

Result<void> ScenarioHost::restart() {
    runtime_.reset();
    if (opener_) {
        database_.reset();
        SCHWARM_TRY(database, opener_());
        database_ = std::move(database);
    }
    SCHWARM_TRY_VOID(start_runtime());
    runtime_->wait_idle();
    return {};
}

// A restart as often as it, and what is still to be done after it, has storage calls: each of them
// fails once.
Result<void> ScenarioHost::restart_with_faults() {
    for (std::uint64_t n = 1; n <= kCallsMax; ++n) {
        plan_.fail_call = plan_.calls + n;
        const auto opened = restart();
        const bool met = plan_.calls >= plan_.fail_call;
        plan_.fail_call = 0;
        if (!met) return opened;
        if (opened.has_error() && !environment_failed(opened.error())) return opened;
    }
    return restart();
}

// Each storage call fails once, in turn, until it has worked: what failed changed nothing.
template <class T>
Result<T> ScenarioHost::ask_until_known(
    const std::function<void(std::function<void(Result<T>)>)>& call) {
    for (std::uint64_t n = 1;; ++n) {
        if (regime_.faulty) plan_.fail_call = plan_.calls + n;
        std::promise<Result<T>> promise;
        call([&](Result<T> answer) { promise.set_value(std::move(answer)); });
        auto answer = promise.get_future().get();
        const bool again = answer.has_error() && environment_failed(answer.error());
        if (!again || !regime_.faulty || n > kCallsMax) return answer;
    }
}

template <class T>
Result<T> ScenarioHost::ask(const std::function<void(std::function<void(Result<T>)>)>& call) {
    auto answer = ask_until_known(call);
    const bool met = settle();
    if (met || regime_.restart) SCHWARM_TRY_VOID(restart());
    return answer;
}

// Has the failing call been met? What follows from a command that worked and met it is tried again
// when the node is opened.
bool ScenarioHost::settle() {
    runtime_->wait_idle();
    const bool met = plan_.fail_call != 0 && plan_.calls >= plan_.fail_call;
    plan_.fail_call = 0;
    return met;
}

Result<runtime::Published> ScenarioHost::message(const runtime::Message& message, bool keep,
                                                 const std::string& actor) {
    return ask<runtime::Published>([&](runtime::MessageCallback done) {
        if (keep) {
            runtime_->publish_message(tenant(), message, actor, std::move(done));
        } else {
            runtime_->correlate_message(tenant(), message, actor, std::move(done));
        }
    });
}

Result<void> ScenarioHost::signal(const std::string& name, const engine::Variables& variables,
                                  const std::string& actor) {
    SCHWARM_TRY(
        key, ask<std::uint64_t>([&](runtime::SignalCallback done) {
            runtime_->broadcast_signal(tenant(), {name, variables, {}}, actor, std::move(done));
        }));
    static_cast<void>(key);
    return {};
}

Result<runtime::BatchRow> ScenarioHost::batch(const runtime::BatchOrder& order,
                                              const std::string& actor) {
    SCHWARM_TRY(key, ask_until_known<std::uint64_t>([&](runtime::BatchCallback done) {
                    runtime_->start_batch(tenant(), order, actor, std::move(done));
                }));
    settle();
    if (regime_.faulty) {
        SCHWARM_TRY_VOID(restart_with_faults());
    } else if (regime_.restart) {
        SCHWARM_TRY_VOID(restart());
    }
    SCHWARM_TRY(view, read());
    return view.batch(key);
}

Result<void> ScenarioHost::deployed() {
    return ask<void>(
        [&](runtime::WriteCallback done) { runtime_->deployed(tenant(), std::move(done)); });
}

Result<runtime::Reply> ScenarioHost::submit(CaseId id, engine::CommandBody body,
                                            std::string_view actor) {
    runtime::Submission submission;
    submission.tenant = tenant();
    submission.case_id = id;
    submission.command.id = "step-" + std::to_string(++commands_);
    submission.command.actor = std::string(actor);
    submission.command.body = std::move(body);
    auto reply = regime_.faulty ? submit_with_faults(submission)
                                : runtime_->submit_and_wait(std::move(submission));
    runtime_->wait_idle();
    if (regime_.restart) SCHWARM_TRY_VOID(restart());
    return reply;
}

// Every storage call of the command fails once, in turn; before that one commit changes nothing or
// its answer is lost, and is asked for again with the same command id.
Result<runtime::Reply> ScenarioHost::submit_with_faults(const runtime::Submission& submission) {
    auto& of_commit = commands_ % 2 == 0 ? plan_.drop_commit : plan_.lose_answer_of_commit;
    of_commit = plan_.commits + 1;
    auto reply = runtime_->submit_and_wait(submission);
    of_commit = 0;
    if (reply.has_error() && !environment_failed(reply.error())) return reply;
    for (std::uint64_t n = 1; n <= kCallsMax; ++n) {
        plan_.fail_call = plan_.calls + n;
        reply = runtime_->submit_and_wait(submission);
        if (reply.has_error() && environment_failed(reply.error())) continue;
        // What an earlier attempt sent may have met its failing call as well.
        const bool left = settle() || runtime_->metrics().outbox_waiting > 0;
        if (left) SCHWARM_TRY_VOID(restart());
        return reply;
    }
    plan_.fail_call = 0;
    return reply;
}

Result<void> ScenarioHost::wake() {
    for (std::uint64_t n = 1; regime_.faulty && n <= kCallsMax; ++n) {
        plan_.fail_call = plan_.calls + n;
        runtime_->wake();
        runtime_->wait_idle();
        const bool failed = plan_.calls >= plan_.fail_call;
        plan_.fail_call = 0;
        if (!failed) break;
        // The node tries timers again after some time, which does not pass here; opened again, it
        // does so at once.
        SCHWARM_TRY_VOID(restart());
    }
    runtime_->wake();
    runtime_->wait_idle();
    return regime_.restart ? restart() : Result<void>();
}

}  // namespace schwarm::services
