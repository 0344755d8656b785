// Random processes, random commands, a restart after each step: the events always give the state
// (World checks it), nothing gets stuck, and what has ended leaves nothing behind.
#include <random>

#include "events.hpp"

namespace schwarm::engine::test {
namespace {

// Block-structured models: every block has one way in and one way out.
class Generator {
  public:
    explicit Generator(unsigned seed) : random_(seed) {}

    std::string model() {
        const std::string body = scope(3);
        calls_ = false;
        const std::string child =
            "<process id=\"child\" isExecutable=\"true\">" + scope(1) + "</process>";
        std::string xml = process_xml(body);
        xml.insert(xml.rfind("</definitions>"), child);
        xml.insert(xml.find("<process "), R"(<signal id="Alarm" name="alarm"/>
            <escalation id="Late" escalationCode="late"/>)");
        return xml;
    }
    int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  private:
    struct Block {
        std::string xml;
        std::string first;
        std::string last;
    };

    std::string id(const char* prefix) { return prefix + std::to_string(++ids_); }

    std::string scope(int depth) {
        const std::string s = id("s");
        const std::string e = id("e");
        const Block inside = sequence(depth);
        std::string xml =
            start(s) + inside.xml + end(e) + flow(s, inside.first) + flow(inside.last, e);
        if (pick(3) == 0) xml += event_sub_process();
        return xml;
    }

    std::string event_sub_process() {
        const std::string s = id("es");
        const std::string t = id("et");
        const std::string e = id("ee");
        const bool interrupting = pick(2) == 0;
        const int kind = pick(7);
        const std::string event = kind == 0   ? R"(<messageEventDefinition messageRef="Withdraw"/>)"
                                  : kind == 1 ? timer("timeDuration", "PT5M")
                                  : kind == 2 ? R"(<errorEventDefinition errorRef="Bad"/>)"
                                  : kind == 3 ? kAlarm
                                  : kind == 4 ? kLate
                                  : kind == 5 ? test::condition("n = 4")
                                              : kAlarm + test::condition("n = 3");
        return element("subProcess", id("esp"), "",
                       element("startEvent", s, "", event,
                               interrupting || kind == 2 ? "" : R"(isInterrupting="false")") +
                           user(t) + end(e) + flow(s, t) + flow(t, e),
                       R"(triggeredByEvent="true")");
    }

    Block sequence(int depth) {
        Block out = block(depth);
        for (int i = pick(3); i > 0; --i) {
            const Block next = block(depth);
            out.xml += next.xml + flow(out.last, next.first);
            out.last = next.last;
        }
        return out;
    }

    Block block(int depth) {
        if (depth == 0) return task();
        switch (pick(9)) {
            case 0:
                return split("exclusiveGateway", depth);
            case 1:
                return split("parallelGateway", depth);
            case 2:
                return split("inclusiveGateway", depth);
            case 3:
                return sub_process(depth);
            case 4:
                return events();
            case 5:
                return loop(depth);
            case 6:
                return multi_instance();
            default:
                return task();
        }
    }

    // Something is thrown or waited for, or a link is followed.
    Block event() {
        const std::string t = id("t");
        switch (pick(7)) {
            case 0:
                return {element("intermediateThrowEvent", t, "", kAlarm), t, t};
            case 1:
                return {element("intermediateThrowEvent", t, "", kLate), t, t};
            case 2:
                return {element("intermediateThrowEvent", t, "", kLate + kAlarm), t, t};
            case 3:
                return {element("intermediateCatchEvent", t, "", kAlarm), t, t};
            case 4:
                return {element("intermediateCatchEvent", t, "",
                                test::condition("n != 2") + timer("timeDuration", "PT6M")),
                        t, t};
            case 5:
                return {
                    element("intermediateCatchEvent", t, "", kAlarm + timer("timeDuration", "PT2M"),
                            R"(parallelMultiple="true")"),
                    t, t};
            default: {
                const std::string c = id("l");
                const std::string link = "<linkEventDefinition name=\"" + c + "\"/>";
                return {element("intermediateThrowEvent", t, "", link) +
                            element("intermediateCatchEvent", c, "", link),
                        t, c};
            }
        }
    }

    Block task() {
        const std::string t = id("t");
        switch (pick(9)) {
            case 7:
            case 8:
                return event();
            case 0:
                return {user(t), t, t};
            case 1:
                return {job(t), t, t};
            case 2:
                return {script(t, "n + 1", "n"), t, t};
            case 3:
                return {element("task", t), t, t};
            case 4:
                return {element("intermediateCatchEvent", t, "", timer("timeDuration", "PT1M")), t,
                        t};
            case 5:
                if (!calls_) return {element("task", t), t, t};
                return {element("callActivity", t, R"(<zeebe:calledElement processId="child"/>)"),
                        t, t};
            default:
                return {job(t, "schwarm:message",
                            R"(<zeebe:taskHeaders><zeebe:header key="message" value="m"/>
                                 </zeebe:taskHeaders>)"),
                        t, t};
        }
    }

    std::string condition() {
        switch (pick(4)) {
            case 0:
                return "n > " + std::to_string(pick(4));
            case 1:
                return "flag";
            case 2:
                return "n = 1";
            default:
                return "true";
        }
    }

    Block split(const std::string& gateway, int depth) {
        const std::string open = id("g");
        const std::string close = id("g");
        std::string xml;
        std::string default_flow;
        const bool decides = gateway != "parallelGateway";
        for (int i = 0, n = 2 + pick(2); i < n; ++i) {
            const Block branch = sequence(depth - 1);
            const bool is_default = decides && i == 0 && pick(4) != 0;
            if (is_default) default_flow = "default=\"" + open + "_" + branch.first + "\"";
            xml += branch.xml +
                   flow(open, branch.first, decides && !is_default ? condition() : "") +
                   flow(branch.last, close);
        }
        xml += element(gateway, open, "", "", default_flow) + element(gateway, close);
        return {xml, open, close};
    }

    Block sub_process(int depth) {
        const std::string s = id("sub");
        const std::string merge = id("g");
        std::string xml = element("subProcess", s, "", scope(depth - 1)) +
                          element("exclusiveGateway", merge) + flow(s, merge);
        if (pick(2) == 0) {
            const std::string b = id("b");
            xml += element("boundaryEvent", b, "",
                           pick(2) == 0 ? timer("timeDuration", "PT3M") : "<errorEventDefinition/>",
                           "attachedToRef=\"" + s + "\"") +
                   flow(b, merge);
        }
        if (pick(2) == 0) {
            const std::string b = id("b");
            xml += element("boundaryEvent", b, "",
                           pick(2) == 0 ? "<escalationEventDefinition/>" : test::condition("n = 3"),
                           "attachedToRef=\"" + s + "\"") +
                   flow(b, merge);
        }
        if (pick(3) == 0) {
            const std::string b = id("b");
            const std::string e = id("e");
            const int kind = pick(4);
            const std::string event = kind == 0   ? kAlarm
                                      : kind == 1 ? kLate
                                      : kind == 2 ? test::condition("n > 1")
                                                  : timer("timeCycle", "R2/PT2M");
            xml += element("boundaryEvent", b, "", event,
                           "attachedToRef=\"" + s + "\" cancelActivity=\"false\"") +
                   end(e) + flow(b, e);
        }
        return {xml, s, merge};
    }

    Block events() {
        const std::string g = id("g");
        const std::string a = id("c");
        const std::string b = id("c");
        const std::string merge = id("g");
        return {element("eventBasedGateway", g) +
                    element("intermediateCatchEvent", a, "",
                            R"(<messageEventDefinition messageRef="Withdraw"/>)") +
                    element("intermediateCatchEvent", b, "", timer("timeDuration", "PT4M")) +
                    element("exclusiveGateway", merge) + flow(g, a) + flow(g, b) + flow(a, merge) +
                    flow(b, merge),
                g, merge};
    }

    Block loop(int depth) {
        const std::string merge = id("g");
        const std::string count = id("t");
        const std::string split = id("g");
        const Block inside = sequence(depth - 1);
        return {element("exclusiveGateway", merge) + inside.xml + script(count, "n + 1", "n") +
                    element("exclusiveGateway", split, "", "",
                            "default=\"" + split + "_" + split + "x\"") +
                    element("task", split + "x") + flow(merge, inside.first) +
                    flow(inside.last, count) + flow(count, split) + flow(split, merge, "n &lt; 3") +
                    flow(split, split + "x"),
                merge, split + "x"};
    }

    Block multi_instance() {
        const std::string t = id("m");
        return {element("serviceTask", t, R"(<zeebe:taskDefinition type="w"/>)",
                        std::string("<multiInstanceLoopCharacteristics isSequential=\"") +
                            (pick(2) == 0 ? "true" : "false") +
                            R"("><extensionElements><zeebe:loopCharacteristics
                            inputCollection="=[1, 2, 3]" inputElement="i" outputCollection="out"
                            outputElement="=i * 2"/></extensionElements>
                            </multiInstanceLoopCharacteristics>)"),
                t, t};
    }

    std::mt19937 random_;
    int ids_ = 0;
    bool calls_ = true;  // the called process calls nobody
};

// One command that the state allows, at random; nothing if there is none.
std::optional<CommandBody> random_command(World& w, Generator& g) {
    const CaseState& s = w.state;
    const Variables brought =
        g.pick(3) == 0 ? Variables{{"n", g.pick(5)}, {"x", "y"}} : Variables();
    std::vector<CommandBody> choices;
    for (const UserTask& t : s.user_tasks) {
        choices.push_back(CompleteUserTask{t.key, brought, false});
        if (g.pick(4) == 0) choices.push_back(AssignUserTask{t.key, "bert", true});
    }
    for (const Job& j : s.jobs) {
        if (j.status != JobStatus::open) continue;
        choices.push_back(CompleteJob{j.key, brought});
        if (g.pick(4) == 0) {
            choices.push_back(FailJob{j.key, static_cast<std::uint32_t>(g.pick(2)), "m", {}, {}});
        }
        if (g.pick(6) == 0) choices.push_back(ThrowError{j.key, "bad", "", {}});
    }
    for (const Timer& t : s.timers) choices.push_back(TriggerTimer{t.key});
    for (const Subscription& m : s.subscriptions) {
        if (m.kind == SubscriptionKind::message) {
            choices.push_back(CorrelateMessage{m.message_name, std::nullopt, brought});
        } else if (m.kind == SubscriptionKind::signal) {
            choices.push_back(TriggerSubscription{m.key, brought});
        } else {
            choices.push_back(UpdateVariables{{}, {{"n", g.pick(5)}}, false});
        }
    }
    for (const Incident& i : s.incidents) {
        w.run(UpdateVariables{{}, {{"flag", true}, {"n", 1}}, false});
        choices.push_back(ResolveIncident{i.key, 1});
    }
    if (choices.empty()) return std::nullopt;
    return choices[static_cast<std::size_t>(g.pick(static_cast<int>(choices.size())))];
}

TEST(ReplayProperty, RandomProcessesAndCommands) {
    int completed = 0;
    for (unsigned seed = 1; seed <= 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Generator g(seed);
        World w;
        w.definitions().limits.steps_max = 500;
        w.deploy(g.model());
        if (testing::Test::HasFatalFailure()) return;
        w.create({{"n", 0}, {"flag", g.pick(2) == 0}});
        int steps = 0;
        for (; w.state.status == CaseStatus::active && steps < 200; ++steps) {
            const auto command = random_command(w, g);
            ASSERT_TRUE(command) << "stuck\n" << w.history_text();
            for (const Timer& t : w.state.timers) {
                if (std::holds_alternative<TriggerTimer>(*command)) w.now = std::max(w.now, t.due);
            }
            w.run(*command);
            if (testing::Test::HasFailure()) return;
        }
        if (w.state.status == CaseStatus::completed) {
            ++completed;
            EXPECT_TRUE(w.state.elements.empty() && w.state.jobs.empty() &&
                        w.state.timers.empty() && w.state.user_tasks.empty() &&
                        w.state.waiting.empty() && w.state.subscriptions.empty() &&
                        w.state.held.empty());
        } else {
            w.run(CancelCase{"enough"});
        }
        EXPECT_TRUE(replay(w.history) == w.state) << "the history does not give the state";
    }
    EXPECT_GT(completed, 100);
}

}  // namespace
}  // namespace schwarm::engine::test
