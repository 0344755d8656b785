// Start events that begin by time, and timers that could not be carried out.
#include "house.hpp"

namespace schwarm::runtime::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string begins_by(const std::string& timer) {
    return R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
<process id="zeit" isExecutable="true">
 <startEvent id="zs"><timerEventDefinition>)" +
           timer + R"(</timerEventDefinition></startEvent>
 <userTask id="zu"/><endEvent id="ze"/>
 <sequenceFlow id="z1" sourceRef="zs" targetRef="zu"/>
 <sequenceFlow id="z2" sourceRef="zu" targetRef="ze"/>
</process></definitions>)";
}

class TimerStartsOnEachStorage : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override { house.open_with_tenant(); }

    Result<void> deployed() {
        std::promise<Result<void>> promise;
        house.runtime->deployed(house.tenant,
                                [&](Result<void> out) { promise.set_value(std::move(out)); });
        auto out = promise.get_future().get();
        house.runtime->wait_idle();
        return out;
    }
    void deploy(const std::string& timer, int version) {
        house.definitions.deploy(begins_by(timer).c_str(), version);
        ASSERT_TRUE(deployed().has_value());
    }
    std::size_t cases_after(milliseconds time) {
        house.clock.advance(time);
        house.runtime->wait_idle();
        return house.case_count();
    }

    House house{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Storages, TimerStartsOnEachStorage,
                         ::testing::Values("memory", "faulty", "sqlite"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(TimerStartsOnEachStorage, ACycleBeginsOneCaseEachTimeAlsoAfterARestart) {
    deploy("<timeCycle>R3/PT10M</timeCycle>", 1);
    EXPECT_EQ(cases_after(minutes(10) - milliseconds(1)), 0U);
    EXPECT_EQ(cases_after(milliseconds(1)), 1U);
    EXPECT_EQ(house.view().case_row(CaseId(1)).value().definition.value(), "amt/zeit@1");
    ASSERT_TRUE(deployed().has_value());
    house.reopen();
    EXPECT_EQ(cases_after(minutes(10)), 2U);
    house.close();
    house.clock.advance(minutes(10));
    house.open();
    EXPECT_EQ(cases_after({}), 3U) << "what was due while the node was down is made up for";
    EXPECT_EQ(house.row_count(Space::timers), 0U);
    ASSERT_TRUE(deployed().has_value());
    EXPECT_EQ(cases_after(minutes(60)), 3U) << "the same version is not armed again";
    EXPECT_EQ(house.row_count(Space::starts), 1U);
    house.expect_verified();
}

TEST_P(TimerStartsOnEachStorage, ANewVersionTakesThePlaceOfTheOldOne) {
    deploy("<timeCycle>R/PT10M</timeCycle>", 1);
    EXPECT_EQ(cases_after(minutes(10)), 1U);
    deploy("<timeCycle>0 0 * * * *</timeCycle>", 2);
    EXPECT_EQ(house.row_count(Space::timers), 1U);
    EXPECT_EQ(house.row_count(Space::starts), 1U);
    EXPECT_EQ(cases_after(minutes(49)), 1U);
    EXPECT_EQ(cases_after(minutes(1)), 2U) << "on the hour, and not every ten minutes";
    EXPECT_EQ(house.view().case_row(CaseId(2)).value().definition.value(), "amt/zeit@2");
    deploy("<timeDate>=date and time(&quot;2025-12-31T00:00:00Z&quot;)</timeDate>", 3);
    EXPECT_EQ(house.case_count(), 3U) << "a date that is over begins at once, and once";
    ASSERT_TRUE(deployed().has_value());
    EXPECT_EQ(cases_after(minutes(120)), 3U);
    deploy("<timeDate>=nothing</timeDate>", 4);
    EXPECT_NE(house.log().find("'zs' gives no time"), std::string::npos) << house.log();
    EXPECT_EQ(house.row_count(Space::starts), 0U);
    house.expect_verified();
}

TEST(TimerStarts, AFailedCommitBeginsNothingTwice) {
    House house("faulty");
    house.definitions.deploy(begins_by("<timeCycle>R2/PT10M</timeCycle>").c_str(), 1);
    house.open_with_tenant();
    std::promise<void> armed;
    house.runtime->deployed(house.tenant, [&](Result<void> out) {
        EXPECT_TRUE(out.has_value());
        armed.set_value();
    });
    armed.get_future().wait();
    house.plan.fail_commit = house.plan.commits + 1;
    house.clock.advance(minutes(10));
    house.runtime->wait_idle();
    EXPECT_EQ(house.runtime->metrics().commits_failed, 1U);
    EXPECT_EQ(house.case_count(), 1U);
    house.plan.lose_answer_of_commit = house.plan.commits + 1;
    house.clock.advance(minutes(10));
    house.runtime->wait_idle();
    EXPECT_EQ(house.case_count(), 2U);
    EXPECT_EQ(house.row_count(Space::timers), 0U);
    house.expect_verified();
}

// Each storage call on the way of a timer that is due fails once: it is tried again within seconds,
// not only when its page is read again.
TEST(TimerStarts, ATimerThatCouldNotBeReadIsTriedAgainSoon) {
    std::uint64_t calls = 0;
    for (std::uint64_t n = 0; n <= calls; ++n) {
        House house("faulty");
        house.options.cached_cases_max = 1;
        house.open_with_tenant();
        ASSERT_TRUE(house.create("frist").has_value());
        ASSERT_TRUE(house.create("antrag").has_value());
        house.runtime->wait_idle();
        const std::uint64_t before = house.plan.calls;
        if (n > 0) house.plan.fail_call = before + n;
        house.clock.advance(minutes(10));
        house.runtime->wait_idle();
        if (n == 0) calls = house.plan.calls - before;
        house.clock.advance(seconds(2));
        house.runtime->wait_idle();
        house.plan.fail_call = 0;
        EXPECT_EQ(house.view().case_row(CaseId(1)).value().status, engine::CaseStatus::completed)
            << n;
    }
    EXPECT_GT(calls, 4U);
}

}  // namespace
}  // namespace schwarm::runtime::test
