#include "schwarm/app/api_clients.hpp"

#include <gtest/gtest.h>

#include "schwarm/app/administrators.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::app {
namespace {

const TenantId kLeipzig("leipzig");
const TenantId kHalle("halle");

class ApiClientsTest : public testing::Test {
  protected:
    NewApiClient add(const TenantId& tenant, PrincipalKind role, std::string name = {}) {
        auto added =
            add_api_client(*storage_, tenant, role, std::move(name), clock_.now(), random_);
        EXPECT_TRUE(added);
        return std::move(*added);
    }

    std::unique_ptr<storage::Storage> storage_ = storage::make_memory_storage();
    ManualClock clock_{Instant(std::chrono::milliseconds(1'773'478'800'000))};
    SeededRandom random_{3};
    crypto::Key key_ = crypto::Key::random(random_);
    ApiClients clients_{*storage_, key_, clock_, random_, {3, 5}};
};

TEST_F(ApiClientsTest, AddListRemove) {
    const auto worker = add(kLeipzig, PrincipalKind::worker, "Fachverfahren");
    const auto deployer = add(kLeipzig, PrincipalKind::deployer);
    add(kHalle, PrincipalKind::process_operator);
    EXPECT_TRUE(worker.client.id.starts_with("leipzig."));
    EXPECT_NE(worker.secret, deployer.secret);
    const auto listed = list_api_clients(*storage_, kLeipzig);
    ASSERT_TRUE(listed);
    EXPECT_EQ(listed->size(), 2U);
    for (const auto& one : *listed) {
        if (one.id != worker.client.id) continue;
        EXPECT_EQ(one.name, "Fachverfahren");
        EXPECT_EQ(one.created, clock_.now());
        EXPECT_EQ(one.role, PrincipalKind::worker);
    }
    ASSERT_TRUE(remove_api_client(*storage_, worker.client.id));
    EXPECT_EQ(remove_api_client(*storage_, worker.client.id).error().code, ErrorCode::not_found);
    EXPECT_EQ(list_api_clients(*storage_, kLeipzig)->size(), 1U);
    EXPECT_TRUE(add_api_client(*storage_, TenantId("Leip zig"), PrincipalKind::worker, "",
                               clock_.now(), random_)
                    .has_error());
}

TEST_F(ApiClientsTest, TheSecretIsNowhere) {
    const auto client = add(kLeipzig, PrincipalKind::worker);
    const auto reader = storage_->begin_read();
    ASSERT_TRUE(reader);
    ASSERT_TRUE((*reader)->scan(storage::Space::settings, {},
                                [&](std::string_view, std::string_view value) {
                                    EXPECT_EQ(value.find(client.secret), std::string_view::npos);
                                    return true;
                                }));
}

TEST_F(ApiClientsTest, KnowsWhoHasTheSecret) {
    const auto client = add(kLeipzig, PrincipalKind::deployer, "Werkzeug");
    const auto principal = clients_.by_secret(client.client.id, client.secret);
    ASSERT_TRUE(principal);
    EXPECT_EQ(principal->tenant, kLeipzig);
    EXPECT_EQ(principal->kind, PrincipalKind::deployer);
    EXPECT_EQ(principal->name, "Werkzeug");
    for (const auto& [id, secret] :
         {std::pair<std::string, std::string>{client.client.id, client.secret + "x"},
          {client.client.id, ""},
          {"halle" + client.client.id.substr(7), client.secret},
          {"", client.secret},
          {"x", "y"}}) {
        EXPECT_EQ(clients_.by_secret(id, secret).error().code, ErrorCode::unauthenticated) << id;
    }
}

TEST_F(ApiClientsTest, WhoIsWrongTooOftenWaits) {
    const auto one = add(kLeipzig, PrincipalKind::worker);
    const auto two = add(kLeipzig, PrincipalKind::worker);
    const auto wrong = [&](const NewApiClient& client) {
        return clients_.by_secret(client.client.id, "x").error().code;
    };
    for (int i = 0; i < 3; ++i) EXPECT_EQ(wrong(one), ErrorCode::unauthenticated);
    EXPECT_EQ(wrong(one), ErrorCode::too_many_requests);
    EXPECT_EQ(clients_.by_secret(one.client.id, one.secret).error().code,
              ErrorCode::too_many_requests);
    EXPECT_TRUE(clients_.by_secret(two.client.id, two.secret));
    // All clients together: five.
    for (int i = 0; i < 2; ++i) EXPECT_EQ(wrong(two), ErrorCode::unauthenticated);
    EXPECT_EQ(wrong(two), ErrorCode::too_many_requests);
    clock_.advance(std::chrono::seconds(60));
    EXPECT_TRUE(clients_.by_secret(one.client.id, one.secret));
}

TEST_F(ApiClientsTest, TokensEndWithTimeAndClient) {
    const auto client = add(kLeipzig, PrincipalKind::worker);
    const auto token = *clients_.issue_token(client.client.principal());
    EXPECT_EQ(clients_.by_token(token)->subject, "client:" + client.client.id);
    EXPECT_TRUE(clients_.by_token(token + "x").has_error());
    const ApiClients other(*storage_, crypto::Key::random(random_), clock_, random_);
    EXPECT_TRUE(other.by_token(token).has_error());
    clock_.advance(ApiClients::kTokenLifetime);
    EXPECT_TRUE(clients_.by_token(token).has_error());
    const auto again = *clients_.issue_token(client.client.principal());
    ASSERT_TRUE(remove_api_client(*storage_, client.client.id));
    clock_.advance(std::chrono::seconds(6));
    EXPECT_TRUE(clients_.by_token(again).has_error());
}

TEST_F(ApiClientsTest, AdministratorsAreOfATenantOrOfTheNode) {
    const AdministratorIdentities identities(clients_);
    const auto of_tenant = add(kLeipzig, PrincipalKind::administrator, "Jana");
    const auto of_node = add(services::node_tenant(), PrincipalKind::administrator);
    const auto machine = add(kLeipzig, PrincipalKind::process_operator);
    const auto jana = identities.by_secret(of_tenant.client.id, of_tenant.secret);
    ASSERT_TRUE(jana);
    EXPECT_EQ(jana->kind, PrincipalKind::administrator);
    EXPECT_EQ(jana->tenant, kLeipzig);
    EXPECT_EQ(jana->name, "Jana");
    EXPECT_EQ(identities.by_secret(of_node.client.id, of_node.secret)->tenant, TenantId());
    EXPECT_EQ(identities.by_secret(machine.client.id, machine.secret).error().code,
              ErrorCode::unauthenticated);
    EXPECT_EQ(identities.by_secret(of_tenant.client.id, "x").error().code,
              ErrorCode::unauthenticated);
    EXPECT_TRUE(identities.by_token(*clients_.issue_token(*jana)));
    EXPECT_FALSE(identities.by_token(*clients_.issue_token(machine.client.principal())));
    EXPECT_FALSE(identities.sign_in(of_tenant.client.id));
}

}  // namespace
}  // namespace schwarm::app
