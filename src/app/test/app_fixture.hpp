// A node in memory: tenant leipzig offers the test package of services. Header-only, also used by
// the tests of api.
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "../../services/test/test_package.hpp"
#include "schwarm/app/app.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/services/bindings.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::app {

inline const TenantId kLeipzig("leipzig");
inline const ServiceId kService("parkausweis");

// Set by the test, read by the runtime's threads.
class TestClock final : public Clock {
  public:
    Instant now() const override { return Instant(std::chrono::milliseconds(ms_.load())); }
    void set(Instant to) { ms_.store(to.time_since_epoch().count()); }

  private:
    // 2026-03-14T09:00:00Z
    std::atomic<std::int64_t> ms_{1'773'478'800'000};
};

class AppFixture {
  protected:
    AppFixture()
        : bindings_(registry_), runtime_(open()), app_(*runtime_, registry_, clock_, random_) {
        erika_.kind = PrincipalKind::citizen;
        erika_.subject = "demo:erika";
        max_ = erika_;
        max_.subject = "demo:max";
        clerk_.kind = PrincipalKind::clerk;
        clerk_.tenant = kLeipzig;
        clerk_.subject = "demo:sabine";
        clerk_.groups = {"verkehr"};
        admin_.kind = PrincipalKind::administrator;
        admin_.tenant = kLeipzig;
        admin_.subject = "demo:bernd";
    }

    std::unique_ptr<runtime::Runtime> open() {
        require(registry_.add(services::test_package(), clock_.now()));
        const auto config = json::parse(
            R"({"id": "leipzig", "name": "Stadt Leipzig", "services": {"parkausweis": {}}})");
        require(registry_.add_tenant(*services::parse_tenant(*config)));
        runtime::Environment environment{
            .storage = *storage_,
            .clock = clock_,
            .random = random_,
            .node_key = crypto::Key::random(random_),
            .definitions = [this](const TenantId& id) { return bindings_.definitions(id); },
            .retention =
                [this](const TenantId& id, const runtime::CaseRow& row) {
                    return bindings_.retention(id, row, {});
                }};
        auto runtime = runtime::Runtime::open(std::move(environment));
        if (runtime.has_error()) throw std::runtime_error(runtime.error().text());
        require((*runtime)->ensure_tenant(kLeipzig));
        require((*runtime)->ensure_tenant(services::node_tenant()));
        return std::move(*runtime);
    }

    static void require(const Result<void>& result) {
        if (result.has_error()) throw std::runtime_error(result.error().text());
    }

    // Calls and waits for the answer.
    template <class T, class F>
    Result<T> wait(F&& call) {
        std::promise<Result<T>> promise;
        auto future = promise.get_future();
        call([&promise](Result<T> result) { promise.set_value(std::move(result)); });
        return future.get();
    }

    static feel::Value answers(
        std::initializer_list<std::pair<std::string_view, feel::Value>> changes = {}) {
        feel::ContextBuilder all;
        all.set("name", feel::Value("Erika Mustermann"));
        all.set("ermaessigt", feel::Value(false));
        all.set("kennzeichen", feel::Value("L-AB 123"));
        all.set("gewicht", feel::Value(1400));
        for (const auto& [name, value] : changes) all.set(name, value);
        return all.build();
    }
    static feel::Value heavy() { return answers({{"gewicht", feel::Value(3000)}}); }

    Result<SubmitReply> try_submit(const Principal& who, const feel::Value& given,
                                   std::string key = {}) {
        SubmitRequest request;
        request.tenant = kLeipzig;
        request.service = kService;
        request.answers = given;
        request.idempotency_key = std::move(key);
        return wait<SubmitReply>(
            [&](auto done) { app_.submit(who, std::move(request), std::move(done)); });
    }
    Receipt submit(const Principal& who, const feel::Value& given, std::string key = {}) {
        auto reply = try_submit(who, given, std::move(key));
        if (reply.has_error()) throw std::runtime_error(reply.error().text());
        if (!reply->receipt) throw std::runtime_error(reply->field_errors.front().message);
        return *reply->receipt;
    }
    Result<CompleteReply> complete(const Principal& who, CaseId id, ElementKey task,
                                   std::string_view verdict) {
        CompleteRequest request;
        request.tenant = kLeipzig;
        request.case_id = id;
        request.task = task;
        request.answers = feel::Value::context({{"urteil", feel::Value(verdict)}});
        return wait<CompleteReply>(
            [&](auto done) { app_.complete(who, std::move(request), std::move(done)); });
    }
    Principal clerk_of_other_group() const {
        auto other = clerk_;
        other.groups = {"bauamt"};
        return other;
    }

    TestClock clock_;
    SeededRandom random_{42};
    std::unique_ptr<storage::Storage> storage_ = storage::make_memory_storage();
    services::Registry registry_;
    services::Bindings bindings_;
    std::unique_ptr<runtime::Runtime> runtime_;
    App app_;
    Principal nobody_, erika_, max_, clerk_, admin_;
};

}  // namespace schwarm::app
