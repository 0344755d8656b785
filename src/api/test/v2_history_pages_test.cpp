// Searches over more cases than one page looks at.
#include <gmock/gmock.h>

#include <algorithm>

#include "../src/v2/process_instances.hpp"
#include "v2_node.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr auto kWork = R"(<process id="Arbeit" isExecutable="true"><startEvent id="S"/>
  <sequenceFlow id="f1" sourceRef="S" targetRef="T"/><serviceTask id="T"><extensionElements>
  <zeebe:taskDefinition type="zahlen"/></extensionElements></serviceTask></process>)";

class V2HistoryPagesTest : public V2Node {
  protected:
    V2HistoryPagesTest() {
        deploy({kWork});
        call_.principal.tenant = app::kLeipzig;
    }
    // The key of a new instance.
    std::string start(const std::string& business_id = "neu") {
        return object(post("/process-instances",
                           R"({"processDefinitionId": "Arbeit", "businessId": ")" + business_id +
                               R"("})"))
            .string_or("processInstanceKey", "");
    }
    // The cases that one page looks at, and the part of the range that they are.
    std::pair<CaseRange, std::vector<std::uint64_t>> walked(const HistoryLimits& limits,
                                                            const CaseRange& range = {},
                                                            const CasePlan& plan = {}) {
        auto all = Histories::open(call_, limits);
        std::vector<std::uint64_t> seen;
        const auto looked_at = all->walk(plan, range, [&](const engine::CaseHistory& history) {
            seen.push_back(history.id.value());
            return false;
        });
        return {*looked_at, seen};
    }
    // One page of process instances: keys, and the page.
    std::pair<std::vector<std::string>, json::Value> page(const std::string& body,
                                                          const HistoryLimits& limits) {
        auto query =
            parse_query(*json::parse(body), fields_of(kInstanceTable), kInstanceTable.extras);
        EXPECT_TRUE(query) << (query ? "" : query.error().text());
        auto all = Histories::open(call_, limits);
        const auto plan = plan_of(*query, fields_of(kInstanceTable), kInstanceTable.hints);
        auto text = search_page(*all, kInstanceTable, *query, plan);
        EXPECT_TRUE(text) << (text ? "" : text.error().text());
        auto parsed = json::parse(*text);
        std::vector<std::string> keys;
        for (const auto& item : parsed->find("items")->items()) {
            keys.push_back(item.string_or("processInstanceKey", ""));
        }
        return {keys, *parsed->find("page")};
    }
    // All pages one after another, from one cursor to the next.
    std::vector<std::string> all_pages(const std::string& filter, const std::string& way,
                                       std::string cursor, const HistoryLimits& limits) {
        std::vector<std::string> out;
        const std::string member = way == "after" ? "endCursor" : "startCursor";
        for (int pages = 0; pages < 50; ++pages) {
            const std::string at = cursor.empty() ? "" : ", \"" + way + "\": \"" + cursor + "\"";
            auto [keys, answered] =
                page(R"({"filter": )" + filter + R"(, "page": {"limit": 2)" + at + "}}", limits);
            out.insert(way == "after" ? out.end() : out.begin(), keys.begin(), keys.end());
            last_ = cursor;
            cursor = answered.string_or(member, "");
            if (cursor.empty() || (keys.empty() && cursor == last_)) return out;
        }
        ADD_FAILURE() << "paging does not end";
        return out;
    }

    V2Dependencies api_{.runtime = *runtime_,
                        .registry = registry_,
                        .deployments = deployments_,
                        .clients = clients_,
                        .identities = identities_,
                        .clock = clock_,
                        .random = random_,
                        .version = ""};
    const http::Request request_;
    Call call_{api_, request_, {}};
    std::string last_;
};

TEST_F(V2HistoryPagesTest, AWalkStopsAtTheLimitsAndSaysWhere) {
    for (int i = 0; i < 4; ++i) start();
    const auto [whole, every] = walked({});
    EXPECT_TRUE(whole.is_all());
    ASSERT_EQ(every.size(), 4U);
    EXPECT_GT(every[0], every[3]);
    const auto [part, two] = walked({.cases = 2});
    EXPECT_EQ(part.from, every[1]);
    EXPECT_EQ(part.below, every[0] + 1);
    EXPECT_EQ(two, (std::vector{every[0], every[1]}));
    const auto [rest, older] = walked({.cases = 2}, {0, part.from});
    EXPECT_EQ(rest.from, 0U);
    EXPECT_EQ(older, (std::vector{every[2], every[3]}));
    const auto [up, newer] = walked({.cases = 2}, {every[3], kNoBound, true});
    EXPECT_EQ(up.below, every[1]);
    EXPECT_EQ(newer, (std::vector{every[3], every[2]}));
    EXPECT_FALSE(walked({.events = 1}).first.is_all());
    EXPECT_FALSE(walked({.rows = 3}).first.is_all());
    CasePlan jobs;
    jobs.needs = Needs::job;
    const auto [open, with_jobs] = walked({.cases = 3}, {}, jobs);
    EXPECT_EQ(with_jobs, (std::vector{every[0], every[1], every[2]}));
    EXPECT_EQ(open.from, every[2]);
    EXPECT_EQ(walked({}, {0, open.from}, jobs).second, (std::vector{every[3]}));
}

TEST_F(V2HistoryPagesTest, PagingReachesEverythingForthAndBack) {
    std::vector<std::string> started;
    for (int i = 0; i < 11; ++i) started.push_back(start());
    std::sort(started.begin(), started.end());
    for (const std::size_t cases : {1U, 2U, 3U, 5U, 100U}) {
        const HistoryLimits limits{.cases = cases};
        auto found = all_pages("{}", "after", "", limits);
        std::sort(found.begin(), found.end());
        EXPECT_EQ(found, started) << cases;
        // From the end of the last page.
        auto back = all_pages("{}", "before", last_, limits);
        std::sort(back.begin(), back.end());
        EXPECT_EQ(std::unique(back.begin(), back.end()), back.end()) << cases;
        EXPECT_GE(back.size() + 2, started.size()) << cases;
    }
    const auto [first, answered] = page(R"({"page": {"limit": 100}})", {.cases = 3});
    EXPECT_EQ(first.size(), 3U);
    EXPECT_EQ(answered.find("totalItems")->as_int64(), 3);
    EXPECT_TRUE(answered.boolean_or("hasMoreTotalItems", false));
    EXPECT_FALSE(page("{}", {}).second.boolean_or("hasMoreTotalItems", true));
}

TEST_F(V2HistoryPagesTest, WhatIsCountedIsEverythingOrRefused) {
    std::vector<std::uint64_t> started;
    for (int i = 0; i < 5; ++i) started.push_back(runtime::case_of(std::stoull(start())).value());
    std::reverse(started.begin(), started.end());
    const auto counted = [&](const HistoryLimits& limits, Needs needs = Needs::nothing) {
        auto all = Histories::open(call_, limits);
        CasePlan plan;
        plan.needs = needs;
        std::vector<std::uint64_t> seen;
        const auto done = all->walk_everything(
            plan, [&](const engine::CaseHistory& history) { seen.push_back(history.id.value()); });
        return std::pair(done ? "" : std::string(name_of(done.error().code)), seen);
    };
    for (const auto needs : {Needs::nothing, Needs::job}) {
        EXPECT_EQ(counted({.cases = 2}, needs), std::pair(std::string(), started));
        EXPECT_EQ(counted({.rows = 2}, needs), std::pair(std::string(), started));
        EXPECT_EQ(counted({.cases = 2, .pages = 2}, needs).first, "limit_exceeded");
    }
}

TEST_F(V2HistoryPagesTest, AnEmptyPageStillLeadsOn) {
    const auto oldest = start("alt");
    for (int i = 0; i < 4; ++i) start();
    const std::string filter = R"({"businessId": "alt"})";
    const auto [none, empty] = page(R"({"filter": )" + filter + "}", {.cases = 2});
    EXPECT_TRUE(none.empty());
    EXPECT_TRUE(empty.boolean_or("hasMoreTotalItems", false));
    EXPECT_NE(empty.string_or("endCursor", ""), "");
    EXPECT_THAT(all_pages(filter, "after", "", {.cases = 2}), testing::ElementsAre(oldest));
    const auto direct =
        page(R"({"filter": {"processInstanceKey": ")" + oldest + R"("}})", {.cases = 1});
    EXPECT_THAT(direct.first, testing::ElementsAre(oldest));
    EXPECT_FALSE(direct.second.boolean_or("hasMoreTotalItems", true));
    const std::vector<std::string> wrong{"x", "bm9uZQ==", encode_cursor("[1]"),
                                         encode_cursor(R"({"from": -1})")};
    for (const auto& cursor : wrong) {
        const auto answered =
            post("/process-instances/search", R"({"page": {"after": ")" + cursor + R"("}})");
        EXPECT_EQ(answered.status, 400) << cursor;
    }
}

}  // namespace
}  // namespace schwarm::api::v2
