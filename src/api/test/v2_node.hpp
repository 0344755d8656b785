// A node in memory for tests of /v2: tenants leipzig (with the test package of services) and halle,
// deployments, and clients of every role. Header-only.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../../app/test/app_fixture.hpp"
#include "../src/v2/routes.hpp"
#include "schwarm/api/v2.hpp"
#include "schwarm/runtime/rows.hpp"
#include "schwarm/services/deployed_starts.hpp"

namespace schwarm::api::v2 {

struct RequestOptions {
    std::optional<std::string> who = {};
    std::string type = "application/json";
    std::string idempotency_key = {};
};

class V2Node : public testing::Test {
  protected:
    using Method = http::Method;
    using Options = RequestOptions;
    static inline const TenantId kHalle{"halle"};

    V2Node() : runtime_(open()), app_(*runtime_, registry_, clock_, random_) {
        add_v2_routes(router_, {.runtime = *runtime_,
                                .registry = registry_,
                                .deployments = deployments_,
                                .clients = clients_,
                                .identities = identities_,
                                .clock = clock_,
                                .random = random_,
                                .version = "1.2.3"});
    }

    static void require(const Result<void>& result) {
        if (result.has_error()) throw std::runtime_error(result.error().text());
    }
    std::unique_ptr<runtime::Runtime> open() {
        require(registry_.add(services::test_package(), clock_.now()));
        for (const auto* config :
             {R"({"id": "leipzig", "name": "Stadt Leipzig", "services": {"parkausweis": {}}})",
              R"({"id": "halle", "name": "Stadt Halle", "services": {}})"}) {
            require(registry_.add_tenant(*services::parse_tenant(*json::parse(config))));
        }
        runtime::Environment environment{
            *storage_,
            clock_,
            random_,
            crypto::Key::random(random_),
            [this](const TenantId& id) { return bindings_.definitions(id); },
            {},
            {},
            {},
            {},
            &starts_,
            [this](const TenantId& tenant, const runtime::CaseRow& row) {
                return bindings_.retention(tenant, row, {});
            }};
        runtime::Options options;
        options.apart = services::deployed_service();
        options.waiting_max = 2;
        auto runtime = runtime::Runtime::open(std::move(environment), options);
        if (runtime.has_error()) throw std::runtime_error(runtime.error().text());
        require((*runtime)->ensure_tenant(app::kLeipzig));
        require((*runtime)->ensure_tenant(kHalle));
        return std::move(*runtime);
    }

    // The Authorization of a client, by a token.
    std::string as(app::PrincipalKind role, const TenantId& tenant = app::kLeipzig) {
        auto& known = clients_made_[{role, tenant.value()}];
        if (known.empty()) {
            const auto added =
                app::add_api_client(*storage_, tenant, role, "", clock_.now(), random_);
            if (!added) throw std::runtime_error(added.error().text());
            known = "Bearer " + *clients_.issue_token(added->client.principal());
        }
        return known;
    }
    std::string as_operator() { return as(app::PrincipalKind::process_operator); }

    std::future<http::Response> begin(Method method, std::string path, std::string body = {},
                                      Options options = {}) {
        http::Request request;
        request.method = method;
        request.path = std::move(path);
        request.body = std::move(body);
        if (!request.body.empty()) request.headers.add("Content-Type", options.type);
        if (!options.idempotency_key.empty()) {
            request.headers.add("Idempotency-Key", options.idempotency_key);
        }
        const auto authorization = options.who ? *options.who : as_operator();
        if (!authorization.empty()) request.headers.add("Authorization", authorization);
        const auto promise = std::make_shared<std::promise<http::Response>>();
        auto future = promise->get_future();
        router_.dispatch(request, http::Respond([promise](http::Response response) {
                             promise->set_value(std::move(response));
                         }));
        return future;
    }
    http::Response send(Method method, std::string path, std::string body = {},
                        Options options = {}) {
        return begin(method, std::move(path), std::move(body), std::move(options)).get();
    }
    http::Response post(std::string path, std::string body = {}, Options options = {}) {
        return send(Method::post, "/v2" + path, std::move(body), std::move(options));
    }
    static json::Value object(const http::Response& response, int status = 200) {
        EXPECT_EQ(response.status, status) << response.content();
        auto parsed = json::parse(response.content());
        EXPECT_TRUE(parsed) << response.content();
        return parsed ? std::move(*parsed) : json::Value::object();
    }
    // A refusal: its title.
    static std::string refused(const http::Response& response, int status) {
        return object(response, status).string_or("title", "");
    }

    // Deploys BPMN files of which only the contents of `definitions` are given; the key of the
    // first process.
    std::string deploy(const std::vector<std::string>& contents,
                       std::optional<std::string> who = {}) {
        std::string body;
        for (std::size_t i = 0; i < contents.size(); ++i) {
            body += "--xyz\r\nContent-Disposition: form-data; name=\"resources\"; filename=\"" +
                    std::to_string(i) + ".bpmn\"\r\n\r\n" +
                    R"(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL")" +
                    R"( xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="x">)" +
                    contents[i] + "</definitions>\r\n";
        }
        const auto answered =
            object(post("/deployments", body + "--xyz--\r\n",
                        {.who = std::move(who), .type = "multipart/form-data; boundary=xyz"}));
        const auto* all = answered.find("deployments");
        if (all == nullptr) throw std::runtime_error("the deployment was refused");
        return all->items().at(0).find("processDefinition")->string_or("processDefinitionKey", "");
    }
    // The key of a new instance.
    std::string create(const std::string& id, const std::string& variables = "{}") {
        return object(post("/process-instances", R"({"processDefinitionId": ")" + id +
                                                     R"(", "variables": )" + variables + "}"))
            .string_or("processInstanceKey", "");
    }
    // The state of the case of a key.
    engine::CaseState state(const std::string& key) {
        const auto view = runtime_->read(app::kLeipzig);
        auto state = view->case_state(runtime::case_of(std::stoull(key)));
        if (!state) throw std::runtime_error(state.error().text());
        return std::move(*state);
    }
    engine::CaseStatus status(const std::string& key) { return state(key).status; }
    // Another key of the same case.
    template <class Id>
    static std::string sibling(const std::string& key, Id local) {
        return std::to_string(
            runtime::global_key(runtime::case_of(std::stoull(key)), local.value()));
    }

    app::TestClock clock_;
    SeededRandom random_{42};
    std::unique_ptr<storage::Storage> storage_ = storage::make_memory_storage();
    services::Registry registry_;
    services::Deployments deployments_{*storage_};
    services::DeployedStarts starts_{deployments_};
    services::Bindings bindings_{registry_, {}, &deployments_};
    std::unique_ptr<runtime::Runtime> runtime_;
    app::App app_;
    app::ApiClients clients_{*storage_, crypto::Key::random(random_), clock_, random_};
    app::DemoIdentities identities_{{{app::kLeipzig, "Stadt Leipzig", {"verkehr"}}}};
    http::Router router_;
    std::map<std::pair<app::PrincipalKind, std::string>, std::string> clients_made_;
};

}  // namespace schwarm::api::v2
