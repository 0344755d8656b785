#include "world.hpp"

namespace schwarm::engine::test {
namespace {

// Activity `id` with a handler "undo_<id>", a job.
std::string with_handler(const std::string& activity, const std::string& id,
                         const std::string& mapping = {}) {
    std::string handler = job("undo_" + id, "undo", mapping);
    handler.insert(handler.find(" id="), R"( isForCompensation="true")");
    return activity + handler +
           element("boundaryEvent", "b_" + id, "", "<compensateEventDefinition/>",
                   "attachedToRef=\"" + id + "\"") +
           "<association id=\"as_" + id + "\" sourceRef=\"b_" + id + "\" targetRef=\"undo_" + id +
           "\"/>";
}
std::string task(const std::string& id) {
    return with_handler(element("task", id), id);
}
std::string thrown(const std::string& id, const std::string& attributes = {}) {
    return element("intermediateThrowEvent", id, "",
                   "<compensateEventDefinition " + attributes + "/>");
}
std::string jobs(const World& w) {
    std::string out;
    for (const auto& j : w.projection().jobs) out += (out.empty() ? "" : " ") + j.element_id;
    return out;
}

TEST(Compensation, HandlersRunInReverseOrderAndTheThrowerWaits) {
    World w;
    w.deploy(process_xml(start() + task("a") + task("b") + thrown("c") + user("after") + end() +
                         flow("start", "a") + flow("a", "b") + flow("b", "c") + flow("c", "after") +
                         flow("after", "end")));
    w.create();
    EXPECT_EQ(jobs(w), "undo_b");
    w.complete_job("undo_b");
    EXPECT_EQ(jobs(w), "undo_a");
    w.complete_job("undo_a");
    EXPECT_EQ(w.open_tasks(), "after");
    EXPECT_TRUE(w.state.compensables.empty());
    w.complete_task("after");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Compensation, OneActivityOnlyAndWithoutWaiting) {
    World w;
    w.deploy(process_xml(start() + task("a") + task("b") +
                         thrown("c", R"(activityRef="a" waitForCompletion="false")") + end() +
                         flow("start", "a") + flow("a", "b") + flow("b", "c") + flow("c", "end")));
    w.create();
    EXPECT_EQ(jobs(w), "undo_a");
    EXPECT_EQ(w.path(), "start > a > b > c > end > undo_a");
    EXPECT_EQ(w.state.status, CaseStatus::active);
    w.complete_job("undo_a");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Compensation, ACompletedSubprocessIsCompensatedWithTheVariablesItHad) {
    World w;
    const std::string inside = start("s1") + script("set", "x * 2", "inner") + task("a") +
                               task("b") + end("e1") + flow("s1", "set") + flow("set", "a") +
                               flow("a", "b") + flow("b", "e1");
    w.deploy(process_xml(
        start() +
        with_handler(element("subProcess", "sub",
                             R"(<zeebe:ioMapping><zeebe:input source="=1" target="inner"/>
                                </zeebe:ioMapping>)",
                             inside),
                     "sub") +
        element("endEvent", "end", "", "<compensateEventDefinition/>") + flow("start", "sub") +
        flow("sub", "end")));
    w.create({{"x", 21}});
    EXPECT_EQ(jobs(w), "undo_sub");
    w.complete_job("undo_sub");
    EXPECT_EQ(jobs(w), "undo_b");
    EXPECT_EQ(*w.state.variable(w.state.jobs[0].element, "inner"), feel::Value(42));
    w.complete_job("undo_b");
    w.complete_job("undo_a");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Compensation, AMultiInstanceActivityHasOneHandlerForAllOfIt) {
    World w;
    const std::string loop =
        R"(<multiInstanceLoopCharacteristics><extensionElements>
           <zeebe:loopCharacteristics inputCollection="=[1,2]"/></extensionElements>
           </multiInstanceLoopCharacteristics>)";
    w.deploy(process_xml(start() + with_handler(element("task", "a", "", loop), "a") + thrown("c") +
                         end() + flow("start", "a") + flow("a", "c") + flow("c", "end")));
    w.create();
    EXPECT_EQ(jobs(w), "undo_a");
    w.complete_job("undo_a");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Compensation, EventSubprocessOfASubprocess) {
    World w;
    const std::string esp =
        element("subProcess", "esp", "",
                element("startEvent", "cs", "", "<compensateEventDefinition/>") + job("undo_all") +
                    end("ce") + flow("cs", "undo_all") + flow("undo_all", "ce"),
                R"(triggeredByEvent="true")");
    w.deploy(process_xml(start() +
                         element("subProcess", "sub", "",
                                 start("s1") + element("task", "a") + end("e1") + flow("s1", "a") +
                                     flow("a", "e1") + esp) +
                         thrown("c") + end() + flow("start", "sub") + flow("sub", "c") +
                         flow("c", "end")));
    w.create();
    EXPECT_EQ(jobs(w), "undo_all");
    w.complete_job("undo_all");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Compensation, NothingToCompensateGoesOn) {
    World w;
    w.deploy(process_xml(start() + thrown("c") + end() + flow("start", "c") + flow("c", "end")));
    w.create();
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

std::string transaction(const std::string& end_of_it) {
    return process_xml(
        start() +
        element("transaction", "tx", "",
                start("s1") + task("a") + element("parallelGateway", "fork") + user("other") +
                    user("t") + end_of_it + end("e2") + flow("s1", "a") + flow("a", "fork") +
                    flow("fork", "other") + flow("fork", "t") + flow("t", "stop") +
                    flow("other", "e2")) +
        element("boundaryEvent", "cancelled", "", "<cancelEventDefinition/>",
                R"(attachedToRef="tx")") +
        element("boundaryEvent", "hazard", "", "<errorEventDefinition/>", R"(attachedToRef="tx")") +
        end() + user("after_cancel") + user("after_error") + flow("start", "tx") +
        flow("tx", "end") + flow("cancelled", "after_cancel") + flow("hazard", "after_error"));
}

TEST(Transaction, CancelCompensatesAndLeavesByTheBoundary) {
    World w;
    w.deploy(transaction(element("endEvent", "stop", "", "<cancelEventDefinition/>")));
    w.create();
    w.complete_task("t");
    EXPECT_EQ(w.open_tasks(), "") << "the other branch ends at once";
    EXPECT_EQ(jobs(w), "undo_a");
    w.complete_job("undo_a");
    EXPECT_EQ(w.open_tasks(), "after_cancel");
    w.complete_task("after_cancel");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Transaction, AHazardDoesNotCompensate) {
    World w;
    w.deploy(
        transaction(element("endEvent", "stop", "", R"(<errorEventDefinition errorRef="Bad"/>)") +
                    element("endEvent", "never", "", "<cancelEventDefinition/>")));
    w.create();
    w.complete_task("t");
    EXPECT_EQ(jobs(w), "");
    EXPECT_EQ(w.open_tasks(), "after_error");
}

}  // namespace
}  // namespace schwarm::engine::test
