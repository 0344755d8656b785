// Signing in by id and secret, as under `schwarm serve`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "../../app/test/app_fixture.hpp"
#include "schwarm/app/administrators.hpp"
#include "schwarm/portal/portal.hpp"

namespace schwarm::portal {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SignIn : public testing::Test, protected app::AppFixture {
  protected:
    SignIn() { portal_.add_routes(router_); }

    http::Response call(http::Request request) {
        request.path = "/anmelden";
        request.headers.add("Accept", "text/html");
        if (!cookie_.empty()) request.headers.add("Cookie", cookie_);
        std::promise<http::Response> promise;
        auto future = promise.get_future();
        router_.dispatch(request, http::Respond([&promise](http::Response response) {
                             promise.set_value(std::move(response));
                         }));
        http::Response response = future.get();
        if (const auto set = response.headers.get("Set-Cookie"); !set.empty()) {
            cookie_ = std::string(set.substr(0, set.find(';')));
        }
        return response;
    }
    http::Response page() {
        http::Request request;
        request.method = http::Method::get;
        return call(std::move(request));
    }
    http::Response send(const std::string& id, const std::string& secret) {
        const std::string form = page().body;
        constexpr std::string_view kToken = "name=\"_csrf\" value=\"";
        const auto from = form.find(kToken) + kToken.size();
        http::Request request;
        request.method = http::Method::post;
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        request.body = "_csrf=" + form.substr(from, form.find('"', from) - from) + "&zugang=" + id +
                       "&geheimnis=" + secret + "&weiter=/";
        return call(std::move(request));
    }

    app::ApiClients clients_{*storage_, crypto::Key::random(random_), clock_, random_, {3, 100}};
    app::AdministratorIdentities identities_{clients_};
    app::Sessions sessions_{crypto::Key::random(random_), clock_, random_};
    Portal portal_{
        {.app = app_, .sessions = sessions_, .identities = identities_, .clock = clock_}};
    http::Router router_;
    std::string cookie_;
};

TEST_F(SignIn, AnAdministratorGetsToTheOperation) {
    const auto one =
        app::add_api_client(*storage_, app::kLeipzig, app::PrincipalKind::administrator, "Jana",
                            clock_.now(), random_)
            .value();
    EXPECT_THAT(page().body, AllOf(HasSubstr("type=\"password\""), Not(HasSubstr("role=\"alert\"")),
                                   Not(HasSubstr("aria-invalid"))));
    const auto wrong = send(one.client.id, "falsch");
    EXPECT_EQ(wrong.status, 422);
    EXPECT_THAT(wrong.body,
                AllOf(HasSubstr("role=\"alert\""), HasSubstr("stimmt nicht"),
                      HasSubstr("value=\"" + one.client.id + "\""), Not(HasSubstr("falsch\""))));
    const auto right = send(one.client.id, one.secret);
    EXPECT_EQ(right.status, 303);
    EXPECT_EQ(right.headers.get("Location"), "/betrieb");
    for (int i = 0; i < 2; ++i) EXPECT_EQ(send(one.client.id, "falsch").status, 422);
    EXPECT_THAT(send(one.client.id, "falsch").body, HasSubstr("Warten Sie eine Minute"));
}

TEST_F(SignIn, AMachineDoesNot) {
    const auto one =
        app::add_api_client(*storage_, app::kLeipzig, app::PrincipalKind::process_operator, "",
                            clock_.now(), random_)
            .value();
    EXPECT_EQ(send(one.client.id, one.secret).status, 422);
}

}  // namespace
}  // namespace schwarm::portal
