// How many durable cases a second the host carries, without forms and decisions: one process of
// start, two script tasks, notice, archive and end, with the variables of an application.
//   runtime_bench [FOLDER] [CASES] [IN_FLIGHT]
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "process_models.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/runtime/verify.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace {

using namespace schwarm;

const char* const kModel = R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
<process id="antrag" isExecutable="true">
 <startEvent id="start"/>
 <scriptTask id="a"><extensionElements>
  <zeebe:script expression="=miete + 1" resultVariable="summe"/></extensionElements></scriptTask>
 <scriptTask id="b"><extensionElements>
  <zeebe:script expression="=summe * 12" resultVariable="jahr"/></extensionElements></scriptTask>
 <serviceTask id="bescheid"><extensionElements>
  <zeebe:taskDefinition type="schwarm:notice"/><zeebe:taskHeaders>
  <zeebe:header key="document" value="bescheid"/></zeebe:taskHeaders>
 </extensionElements></serviceTask>
 <endEvent id="end"/>
 <sequenceFlow id="f1" sourceRef="start" targetRef="a"/>
 <sequenceFlow id="f2" sourceRef="a" targetRef="b"/>
 <sequenceFlow id="f3" sourceRef="b" targetRef="bescheid"/>
 <sequenceFlow id="f4" sourceRef="bescheid" targetRef="end"/>
</process></definitions>
)";

runtime::Submission application(std::uint64_t number) {
    runtime::Submission out;
    out.tenant = TenantId("leipzig");
    out.command.actor = "person-" + std::to_string(number);
    engine::CreateCase create;
    create.definition = engine::DefinitionKey("wohngeld/antrag@1");
    create.variables.set("miete", feel::Value(600));
    for (int i = 0; i < 40; ++i) {
        create.variables.set("feld_" + std::to_string(i),
                             feel::Value("Wert Nummer " + std::to_string(number + i)));
    }
    out.command.body = std::move(create);
    return out;
}

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void drive(runtime::Runtime& runtime, std::uint64_t cases, std::uint64_t in_flight) {
    std::mutex mutex;
    std::condition_variable room;
    std::uint64_t open = 0;
    std::uint64_t failed = 0;
    for (std::uint64_t i = 0; i < cases; ++i) {
        runtime::Submission submission = application(i);
        std::unique_lock lock(mutex);
        room.wait(lock, [&] { return open < in_flight; });
        ++open;
        lock.unlock();
        runtime.submit(std::move(submission), [&](Result<runtime::Reply> reply) {
            const std::lock_guard guard(mutex);
            if (reply.has_error() && failed++ == 0) std::puts(reply.error().text().c_str());
            --open;
            room.notify_one();
        });
    }
    runtime.wait_idle();
    if (failed > 0) std::printf("failed: %llu\n", static_cast<unsigned long long>(failed));
}

}  // namespace

int main(int count, char** words) {
    const std::filesystem::path folder = count > 1 ? words[1] : "runtime-bench";
    const std::uint64_t cases = count > 2 ? std::strtoull(words[2], nullptr, 10) : 20'000;
    const std::uint64_t in_flight = count > 3 ? std::strtoull(words[3], nullptr, 10) : 64;
    std::filesystem::create_directories(folder);
    const auto file = folder / "bench.db";
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
        std::filesystem::remove(file.string() + suffix);
    }
    auto storage = storage_sqlite::open_sqlite(file);
    if (storage.has_error()) return std::puts(storage.error().text().c_str()), 1;
    const test::ProcessModels definitions({kModel}, "wohngeld/", "@1");
    SystemClock clock;
    SystemRandom random;
    const crypto::Key key = crypto::Key::random(random);
    runtime::Environment environment{*storage.value(), clock, random, key,
                                     [&](const TenantId&) { return definitions.definitions(); }};
    auto runtime = runtime::Runtime::open(std::move(environment));
    if (runtime.has_error()) return std::puts(runtime.error().text().c_str()), 1;
    if (runtime.value()->ensure_tenant(TenantId("leipzig")).has_error()) return 1;

    const double cpu_before = cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    drive(*runtime.value(), cases, in_flight);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double cpu = cpu_seconds() - cpu_before;
    const runtime::Metrics m = runtime.value()->metrics();
    const auto n = static_cast<double>(cases);
    std::printf(
        "%.0f cases/s, %.1f us cpu a case, %.0f commits/s, %.1f cases a commit, "
        "%.2f rows a case, commit p50 %lld us p99 %lld us, %.1f KB a case\n",
        n / seconds, cpu * 1e6 / n, static_cast<double>(m.commits) / seconds,
        n / static_cast<double>(m.commits), static_cast<double>(m.rows_written) / n,
        static_cast<long long>(m.commit_p50.count()), static_cast<long long>(m.commit_p99.count()),
        static_cast<double>(std::filesystem::file_size(file)) / 1024.0 / n);
    runtime.value().reset();
    return 0;
}
