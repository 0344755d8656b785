// Keys of a tenant exchanged for others while messages are under way.
#include <gtest/gtest.h>

#include "tenant_keys.hpp"
#include "two_nodes.hpp"

namespace schwarm::post {
namespace {

TEST_F(TwoNodes, WhatWasSealedBeforeIsTakenOnceAfterwards) {
    const std::string old = signs(there_);
    cut_ = true;
    const CaseId id = ask();
    run(std::chrono::seconds(5));
    ASSERT_FALSE(sent_.empty()) << "sealed, and not delivered";
    ASSERT_TRUE(there_.post().begin_key_exchange(there_.tenant(), old).value());
    table_.enter(there_);
    EXPECT_EQ(signs(there_), old) << "nobody knows the new key yet";
    ASSERT_TRUE(there_.post().finish_key_exchange(there_.tenant()).has_value());
    EXPECT_NE(signs(there_), old);
    there_.stop();
    start(there_);
    cut_ = false;
    run();
    EXPECT_TRUE(answered(id));
    EXPECT_EQ(taken(), 1U);
    EXPECT_TRUE(answered([&] {
        const CaseId later = ask();
        run();
        return later;
    }()));
}

TEST_F(TwoNodes, OneExchangeAtATimeAndEachOnce) {
    const std::string old = signs(here_);
    const TenantId tenant = here_.tenant();
    EXPECT_FALSE(here_.post().begin_key_exchange(tenant, "another key").value());
    EXPECT_EQ(here_.post().begin_key_exchange(TenantId("niemand"), old).error().code,
              ErrorCode::not_found);
    EXPECT_TRUE(here_.post().begin_key_exchange(tenant, old).value());
    const auto listed = here_.post().signing_key(tenant).value();
    EXPECT_NE(listed.kid, old);
    EXPECT_FALSE(here_.post().begin_key_exchange(tenant, old).value());
    EXPECT_EQ(here_.post().signing_key(tenant).value(), listed);
    // A crash in between loses nothing.
    here_.stop();
    start(here_);
    EXPECT_TRUE(here_.post().exchanges_keys(tenant));
    EXPECT_EQ(here_.post().signing_key(tenant).value(), listed);
    ASSERT_TRUE(here_.post().finish_key_exchange(tenant).has_value());
    ASSERT_TRUE(here_.post().finish_key_exchange(tenant).has_value()) << "is over already";
    EXPECT_FALSE(here_.post().exchanges_keys(tenant));
    EXPECT_EQ(signs(here_), listed.kid);
    EXPECT_FALSE(here_.post().begin_key_exchange(tenant, old).value()) << "carried out before";
}

TEST_F(TwoNodes, AnOldSealingKeyIsErasedWhenItsTimeIsOver) {
    const auto sealing = table_.sealing.at(there_.address());
    ASSERT_TRUE(there_.post().begin_key_exchange(there_.tenant(), signs(there_)).value());
    ASSERT_TRUE(there_.post().finish_key_exchange(there_.tenant()).has_value());
    const auto opens = [&] {
        there_.post().erase_old_keys();
        const auto sealed = here_.post().seal(first_message());
        EXPECT_TRUE(sealed.has_value()) << sealed.error().text();
        return there_.post().unseal(sealed.value(), MemberId(here_.name)).has_value();
    };
    ASSERT_EQ(table_.sealing.at(there_.address()), sealing) << "the sender is late";
    EXPECT_TRUE(opens());
    time_.step(time_.now() + std::chrono::hours(24 * 73));
    EXPECT_TRUE(opens());
    time_.step(time_.now() + std::chrono::hours(24 * 2));
    EXPECT_FALSE(opens());
    there_.stop();
    ASSERT_TRUE(there_.start(cryptography_, table_, contracts_, *this, models_));
    EXPECT_FALSE(opens());
}

}  // namespace
}  // namespace schwarm::post
