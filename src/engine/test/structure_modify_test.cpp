// Modification inside ad-hoc subprocesses and transactions, and of elements with listeners or
// compensation handlers.
#include "events.hpp"

namespace schwarm::engine::test {
namespace {

ModifyCase activate(const std::string& element, ElementKey ancestor = {}) {
    ModifyCase m;
    m.activate.push_back({element, ancestor, {}});
    return m;
}
ModifyCase terminate(ElementKey key) {
    ModifyCase m;
    m.terminate.push_back({key, {}});
    return m;
}
std::string refusal(World& w, const ModifyCase& command) {
    const auto result = w.try_run(command);
    return result.has_error() ? result.error().message : "not refused";
}
void expect_refused(World& w, const ModifyCase& command, const std::string& text) {
    const std::string message = refusal(w, command);
    EXPECT_NE(message.find(text), std::string::npos) << message;
}
const ElementInstance& inner_of(const World& w, std::size_t nth) {
    for (const ElementInstance& e : w.state.elements) {
        if (e.inner && nth-- == 0) return e;
    }
    ADD_FAILURE() << "no such activation";
    return w.state.elements.front();
}

std::string ad_hoc(const std::string& extension, const std::string& attributes = {}) {
    return events_xml(start() + user("first") +
                      element("adHocSubProcess", "ah", extension,
                              user("a") + user("b") + element("task", "c") + flow("a", "c") +
                                  element("subProcess", "s", "",
                                          start("s1") + user("deep") + end("e1") +
                                              flow("s1", "deep") + flow("deep", "e1")),
                              attributes) +
                      end() + flow("start", "first") + flow("first", "ah") + flow("ah", "end"));
}

TEST(ModifyAdHoc, EachElementStandsInAnActivationOfItsOwn) {
    World w;
    w.deploy(ad_hoc("<zeebe:adHoc/>"));
    w.create();
    ModifyCase m = activate("a");
    m.activate.push_back({"deep", {}, {}});
    m.terminate.push_back({{}, "first"});
    w.run(m);
    EXPECT_EQ(w.open_tasks(), "a deep");
    EXPECT_NE(inner_of(w, 0).key, inner_of(w, 1).key);
    EXPECT_EQ(inner_of(w, 0).scope, inner_of(w, 1).scope) << "one ad-hoc subprocess";
    w.run(activate("b", inner_of(w, 0).key));
    EXPECT_EQ(inner_of(w, 0).children, 2U);
    w.complete_task("a", {{"x", 1}});
    EXPECT_TRUE(w.variable("x").is_null());
    w.complete_task("b");
    w.complete_task("deep");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(ModifyAdHoc, ActivationsAreTerminatedOneByOne) {
    World w;
    w.deploy(ad_hoc(R"(<zeebe:adHoc activeElementsCollection="=[&quot;a&quot;,&quot;b&quot;]"/>)"));
    w.create();
    w.complete_task("first");
    w.run(terminate(inner_of(w, 0).key));
    EXPECT_EQ(w.open_tasks(), "b");
    w.run(terminate(w.task("b")));
    EXPECT_EQ(w.state.status, CaseStatus::cancelled) << "nothing is left";
}

TEST(ModifyAdHoc, ItsWorkerKeepsIt) {
    World w;
    w.deploy(ad_hoc(R"(<zeebe:taskDefinition type="agent"/>)"));
    w.create();
    w.complete_task("first");
    JobResult result;
    result.activate_elements = {{"a", {}}, {"b", {}}};
    w.run(CompleteJob{w.state.jobs[0].key, {}, result});
    w.complete_task("a");
    ASSERT_EQ(w.state.jobs.size(), 1U);
    w.run(terminate(w.task("b")));
    EXPECT_EQ(w.state.status, CaseStatus::active);
    JobResult done;
    done.completion_condition_fulfilled = true;
    w.run(CompleteJob{w.state.jobs[0].key, {}, done});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(ModifyAdHoc, ASequentialOneHasOneActivation) {
    World w;
    w.deploy(ad_hoc(R"(<zeebe:adHoc activeElementsCollection="=[&quot;a&quot;]"/>)",
                    R"(ordering="Sequential")"));
    w.create();
    w.complete_task("first");
    expect_refused(w, activate("b"), "one element at a time");
}

TEST(ModifyTransaction, ItsEndsWorkAsEver) {
    World w;
    w.deploy(events_xml(start() + user("first") +
                        element("transaction", "tx", "",
                                start("s1") + user("t") + end("e1") +
                                    element("endEvent", "stop", "", "<cancelEventDefinition/>") +
                                    flow("s1", "t") + flow("t", "e1")) +
                        border("cancelled", "tx", "<cancelEventDefinition/>") + user("after") +
                        end() + flow("start", "first") + flow("first", "tx") + flow("tx", "end") +
                        flow("cancelled", "after")));
    w.create();
    ModifyCase m = activate("t");
    m.terminate.push_back({{}, "first"});
    w.run(m);
    EXPECT_EQ(w.open_tasks(), "t");
    w.run(activate("stop"));
    EXPECT_EQ(w.open_tasks(), "after");
}

TEST(ModifyListeners, AnActivatedElementIsListenedTo) {
    World w;
    w.deploy(events_xml(start() + user("first") + user("t", R"(<zeebe:executionListeners>
                       <zeebe:executionListener eventType="start" type="ls"/>
                       <zeebe:executionListener eventType="end" type="le"/>
                     </zeebe:executionListeners>)") +
                        end() + flow("start", "first") + flow("first", "t") + flow("t", "end")));
    w.create();
    ModifyCase m;
    m.move.push_back({"first", {}, "t", MoveScope::automatic, {}, {}});
    w.run(m);
    ASSERT_EQ(w.state.jobs.size(), 1U);
    EXPECT_EQ(w.state.jobs[0].listener_event, "start");
    w.run(CompleteJob{w.state.jobs[0].key, {}});
    w.complete_task("t");
    ASSERT_EQ(w.state.jobs.size(), 1U);
    w.run(terminate(w.state.jobs[0].element));
    EXPECT_TRUE(w.state.jobs.empty());
    EXPECT_EQ(w.state.status, CaseStatus::cancelled);
}

TEST(ModifyCompensation, AThrowerWaitsNoLongerForATerminatedHandler) {
    std::string handler = job("undo");
    handler.insert(handler.find(" id="), R"( isForCompensation="true")");
    World w;
    w.deploy(events_xml(start() + element("task", "a") + handler +
                        border("b", "a", "<compensateEventDefinition/>") +
                        R"(<association id="as" sourceRef="b" targetRef="undo"/>)" +
                        thrown("c", "<compensateEventDefinition/>") + user("after") + end() +
                        flow("start", "a") + flow("a", "c") + flow("c", "after") +
                        flow("after", "end")));
    w.create();
    ASSERT_EQ(w.state.jobs.size(), 1U);
    expect_refused(w, activate("undo"), "a compensation handler cannot be activated");
    w.run(terminate(w.state.jobs[0].element));
    EXPECT_EQ(w.open_tasks(), "after");
    EXPECT_TRUE(w.state.compensables.empty());
}

}  // namespace
}  // namespace schwarm::engine::test
