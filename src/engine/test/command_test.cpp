#include "world.hpp"

namespace schwarm::engine::test {
namespace {

std::string one_task() {
    return process_xml(start() + user("t") + end() + flow("start", "t") + flow("t", "end"));
}

TEST(Command, ARepeatedIdChangesNothing) {
    World w;
    w.deploy(one_task());
    w.create();
    const ElementKey key = w.task("t");
    auto first = w.try_run(CompleteUserTask{key, {}, false}, "same");
    ASSERT_TRUE(first.has_value());
    w.accept(*first);
    auto second = w.try_run(CompleteUserTask{key, {}, false}, "same");
    ASSERT_TRUE(second.has_value());
    EXPECT_TRUE(second->reply.duplicate);
    EXPECT_TRUE(second->events.empty());
    EXPECT_EQ(second->reply.status, CaseStatus::completed);
}

TEST(Command, DecideOnlyReads) {
    World w;
    w.deploy(one_task());
    w.create({{"a", 1}});
    const std::string before = encode_state(w.state);
    ASSERT_TRUE(w.try_run(CompleteUserTask{w.task("t"), {{"a", 2}}, false}).has_value());
    EXPECT_EQ(encode_state(w.state), before);
}

TEST(Command, RejectionsByState) {
    World w;
    w.deploy(one_task());
    EXPECT_EQ(w.try_run(CancelCase{}).error().code, ErrorCode::not_found);
    w.create();
    CreateCase again;
    again.case_id = CaseId(7);
    again.definition = DefinitionKey("p");
    EXPECT_EQ(w.try_run(again).error().code, ErrorCode::conflict);
    EXPECT_EQ(w.try_run(CompleteJob{JobKey(99), {}}).error().code, ErrorCode::not_found);
    EXPECT_EQ(w.try_run(ResolveIncident{IncidentKey(9)}).error().code, ErrorCode::not_found);
    EXPECT_EQ(w.try_run(CorrelateMessage{"m", {}, {}}).error().code, ErrorCode::not_found);
    const auto timer = w.try_run(TriggerTimer{TimerKey(9)});
    ASSERT_TRUE(timer.has_value());
    EXPECT_TRUE(timer->events.empty());
    w.run(CancelCase{"by the applicant"});
    EXPECT_EQ(w.state.status, CaseStatus::cancelled);
    EXPECT_TRUE(w.state.elements.empty());
    EXPECT_EQ(w.try_run(CancelCase{}).error().code, ErrorCode::conflict);
}

TEST(Command, AnUnknownDefinitionIsRejected) {
    World w;
    CreateCase c;
    c.case_id = CaseId(1);
    c.definition = DefinitionKey("nothing");
    EXPECT_EQ(w.try_run(c).error().code, ErrorCode::not_found);
    World v;
    v.deploy(one_task());
    v.create();
    World empty;
    empty.state = v.state;
    EXPECT_EQ(empty.try_run(CancelCase{}, "other").error().code, ErrorCode::unresolved);
}

TEST(Command, VariablesOverTheLimitAreRejected) {
    World w;
    w.deploy(one_task());
    w.definitions().limits.variables_bytes_max = 1000;
    w.create();
    const auto big = w.try_run(
        CompleteUserTask{w.task("t"), {{"x", feel::Value(std::string(2000, 'x'))}}, false});
    ASSERT_TRUE(big.has_error());
    EXPECT_EQ(big.error().code, ErrorCode::limit_exceeded);
}

TEST(Command, UpdateVariablesLocallyAndOfTheCase) {
    World w;
    w.deploy(one_task());
    w.create({{"a", 1}});
    const ElementKey key = w.task("t");
    w.run(UpdateVariables{key, {{"a", 2}}, true});
    EXPECT_EQ(w.variable("a"), feel::Value(1));
    EXPECT_EQ(*w.state.variable(key, "a"), feel::Value(2));
    w.run(UpdateVariables{{}, {{"a", 3}, {"b", 4}}, false});
    EXPECT_EQ(w.variable("a"), feel::Value(3));
    EXPECT_EQ(w.variable("b"), feel::Value(4));
}

TEST(Limits, ACircleIsAnIncidentAndCanGoOn) {
    World w;
    w.deploy(
        process_xml(start() + element("exclusiveGateway", "merge") + script("count", "n + 1", "n") +
                    element("exclusiveGateway", "again", "", "", R"(default="again_end")") + end() +
                    flow("start", "merge") + flow("merge", "count") + flow("count", "again") +
                    flow("again", "merge", "n &lt; 100") + flow("again", "end")));
    w.definitions().limits.steps_max = 100;
    w.create({{"n", 0}});
    int resolved = 0;
    while (w.state.status == CaseStatus::active && resolved < 20) {
        ASSERT_EQ(w.state.incidents.size(), 1U);
        EXPECT_EQ(w.state.incidents[0].kind, IncidentKind::step_limit);
        w.run(ResolveIncident{w.state.incidents[0].key});
        ++resolved;
    }
    EXPECT_EQ(w.variable("n"), feel::Value(100));
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_GE(resolved, 2);
}

TEST(Projection, ChangesOnlyWithTheState) {
    World w;
    w.deploy(one_task());
    w.create();
    EXPECT_EQ(w.projection(), w.projection());
    EXPECT_EQ(w.projection().status, CaseStatus::active);
    EXPECT_EQ(w.projection().started_by, "anna");
    EXPECT_EQ(w.projection().definition.value(), "p");
}

}  // namespace
}  // namespace schwarm::engine::test
