// Random processes, random commands, a restart after each step: the events always give the state
// (World checks it), nothing gets stuck, and what has ended leaves nothing behind.
// SCHWARM_SEEDS: how many of them are tried, instead of the number below.
#include <cstdlib>
#include <random>

#include "events.hpp"
#include "schwarm/engine/history.hpp"
#include "schwarm/engine/migration.hpp"

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
        if (depth <= 0) return task();
        switch (pick(14)) {
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
            case 7:
                return compensation(depth);
            case 8:
                return transaction(depth);
            case 9:
                return ad_hoc();
            case 10:
                return complex(depth);
            case 11:
                return listened();
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

    // An ad-hoc subprocess needs activities.
    Block activity() {
        const std::string t = id("t");
        switch (pick(3)) {
            case 0:
                return {user(t), t, t};
            case 1:
                return {job(t), t, t};
            default:
                return {script(t, "n + 1", "n"), t, t};
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

    // A completed activity, or a subprocess with one in it, and then a throw event.
    Block compensation(int depth) {
        const Block inside = pick(2) == 0 ? task() : Block();
        const std::string t = id("ct");
        const std::string b = id("cb");
        const std::string h = id("ch");
        const std::string c = id("cc");
        std::string handler = job(h);
        handler.insert(handler.find(" id="), R"( isForCompensation="true")");
        const std::string activity =
            pick(2) == 0 ? element("subProcess", t, "", scope(depth - 1)) : user(t);
        std::string xml = activity + handler +
                          element("boundaryEvent", b, "", "<compensateEventDefinition/>",
                                  "attachedToRef=\"" + t + "\"") +
                          "<association id=\"" + id("as") + "\" sourceRef=\"" + b +
                          "\" targetRef=\"" + h + "\"/>" +
                          element("intermediateThrowEvent", c, "",
                                  std::string("<compensateEventDefinition waitForCompletion=\"") +
                                      (pick(2) == 0 ? "true" : "false") + "\"/>");
        if (inside.xml.empty()) return {xml + flow(t, c), t, c};
        return {xml + inside.xml + flow(t, inside.first) + flow(inside.last, c), t, c};
    }

    Block transaction(int depth) {
        const std::string tx = id("tx");
        const std::string s = id("s");
        const std::string e = id("e");
        const std::string cancel = id("e");
        const std::string split = id("g");
        const std::string b = id("b");
        const std::string merge = id("g");
        const Block inside = compensation(depth - 1);
        const std::string in =
            start(s) + inside.xml +
            element("exclusiveGateway", split, "", "", "default=\"" + split + "_" + e + "\"") +
            end(e) + element("endEvent", cancel, "", "<cancelEventDefinition/>") +
            flow(s, inside.first) + flow(inside.last, split) + flow(split, e) +
            flow(split, cancel, condition());
        return {element("transaction", tx, "", in) +
                    element("boundaryEvent", b, "", "<cancelEventDefinition/>",
                            "attachedToRef=\"" + tx + "\"") +
                    element("exclusiveGateway", merge) + flow(tx, merge) + flow(b, merge),
                tx, merge};
    }

    Block ad_hoc() {
        const std::string a = id("ah");
        const Block one = activity();
        const Block two = activity();
        const std::string wanted = "=[&quot;" + one.first + "&quot;,&quot;" + two.first + "&quot;]";
        return {element("adHocSubProcess", a,
                        "<zeebe:adHoc activeElementsCollection=\"" + wanted +
                            "\" outputCollection=\"ah\" outputElement=\"=n\"/>",
                        one.xml + two.xml, pick(2) == 0 ? R"(ordering="Sequential")" : ""),
                a, a};
    }

    Block complex(int depth) {
        const std::string open = id("g");
        const std::string close = id("g");
        std::string xml;
        for (int i = 0; i < 3; ++i) {
            const Block branch = sequence(depth - 1);
            xml += branch.xml + flow(open, branch.first) + flow(branch.last, close);
        }
        xml += element("parallelGateway", open) +
               element("complexGateway", close, "",
                       "<activationCondition>=activationCount >= " + std::to_string(1 + pick(3)) +
                           "</activationCondition>");
        return {xml, open, close};
    }

    Block listened() {
        const std::string t = id("lt");
        const std::string both =
            R"(<zeebe:executionListeners><zeebe:executionListener eventType="start" type="ls"/>
               <zeebe:executionListener eventType="end" type="le"/></zeebe:executionListeners>)";
        if (pick(2) == 0) return {user(t, both), t, t};
        if (pick(2) == 0) {
            const char* events[] = {"creating", "assigning", "updating", "completing"};
            std::string listeners;
            for (const char* e : events) {
                if (pick(2) == 0) continue;
                listeners +=
                    std::string("<zeebe:taskListener eventType=\"") + e + "\" type=\"tl\"/>";
            }
            if (!listeners.empty()) {
                listeners = "<zeebe:taskListeners>" + listeners + "</zeebe:taskListeners>";
            }
            return {user(t, R"(<zeebe:assignmentDefinition assignee="anna"/>)" + listeners), t, t};
        }
        return {element("serviceTask", t, "<zeebe:taskDefinition type=\"w\"/>" + both,
                        R"(<standardLoopCharacteristics loopMaximum="2"/>)"),
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
        if (s.task_action(t.key) != nullptr) continue;
        UpdateUserTask update;
        update.task = t.key;
        update.priority = static_cast<std::uint32_t>(g.pick(100));
        if (g.pick(4) == 0) choices.push_back(update);
        if (g.pick(4) == 0) choices.push_back(UpdateVariables{t.key, {{"x", g.pick(9)}}, true});
        choices.push_back(CompleteUserTask{t.key, brought, false});
        if (g.pick(4) == 0) choices.push_back(AssignUserTask{t.key, "bert", true});
    }
    for (const Job& j : s.jobs) {
        if (j.status != JobStatus::open) continue;
        if (j.kind == JobKind::task_listener) {
            JobResult answer;
            const TaskAction& action = *s.task_action(j.element);
            answer.denied = action.event != bpmn::ListenerEvent::creating && g.pick(4) == 0;
            if (!answer.denied) answer.corrections.priority = 1;
            choices.push_back(CompleteJob{j.key, {}, answer});
            continue;
        }
        choices.push_back(CompleteJob{j.key, brought});
        if (g.pick(4) == 0) {
            choices.push_back(FailJob{j.key, static_cast<std::uint32_t>(g.pick(2)), "m", {}, {}});
        }
        const bool listens = j.kind != JobKind::bpmn_element;
        if (!listens && g.pick(6) == 0) choices.push_back(ThrowError{j.key, "bad", "", {}});
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

// The same processes as "q" and "child2", with other indexes of nodes and flows and one more event.
std::string other_version(std::string xml) {
    const auto rename = [&xml](const std::string& from, const std::string& into) {
        xml.replace(xml.find(from), from.size(), into);
    };
    const std::string extra =
        element("subProcess", "extra", "",
                element("startEvent", "extraStart", "", timer("timeDuration", "PT500M"),
                        R"(isInterrupting="false")") +
                    user("extraTask") + end("extraEnd") + flow("extraStart", "extraTask") +
                    flow("extraTask", "extraEnd"),
                R"(triggeredByEvent="true")");
    const std::string rest = R"( isExecutable="true">)";
    rename("<process id=\"p\"" + rest, "<process id=\"q\"" + rest + extra);
    rename("id=\"child\"", "id=\"child2\"");
    return xml;
}

// One that may well be refused.
ModifyCase random_modification(const World& w, Generator& g) {
    const CaseState& s = w.state;
    const auto any = [&g](std::size_t n) {
        return static_cast<std::size_t>(g.pick(static_cast<int>(n)));
    };
    const ElementInstance& e = s.elements[any(s.elements.size())];
    ModifyCase out;
    const ElementInstance* root = &e;
    while (root->node != bpmn::kProcessNode) root = s.element(root->scope);
    out.process_instance = root->key;
    const auto& nodes = w.process(s.definitions[e.definition])->nodes;
    const std::string target = nodes[any(nodes.size())].id;
    switch (g.pick(4)) {
        case 0:
            out.activate.push_back({target, {}, {{"", {{"n", g.pick(5)}}}}});
            break;
        case 1:
            out.terminate.push_back({e.key, {}});
            break;
        case 2:
            out.move.push_back({nodes[e.node].id, {}, target, MoveScope::inferred, {}, {}});
            break;
        default:
            out.move.push_back({{}, e.key, target, MoveScope::automatic, {}, {}});
            out.activate.push_back({target, {}, {}});
    }
    return out;
}

MigrateCase random_migration(const World& w, Generator& g) {
    const CaseState& s = w.state;
    std::vector<const ElementInstance*> roots;
    for (const ElementInstance& e : s.elements) {
        if (e.node == bpmn::kProcessNode) roots.push_back(&e);
    }
    const auto n = static_cast<std::size_t>(g.pick(static_cast<int>(roots.size())));
    const std::string id = s.definitions[roots[n]->definition].value();
    MigrateCase out;
    out.process_instance = roots[n]->key;
    out.target = DefinitionKey(id == "p"       ? "q"
                               : id == "q"     ? "p"
                               : id == "child" ? "child2"
                                               : "child");
    const bpmn::Process& target = *w.process(out.target);
    for (const bpmn::Node& node : w.process(DefinitionKey(id))->nodes) {
        if (node.kind == bpmn::NodeKind::process || target.find(node.id) == bpmn::kNoNode) continue;
        if (g.pick(20) != 0) out.mappings.push_back({node.id, node.id});
    }
    return out;
}

// What the history says about now is what the state says.
void expect_history_like_state(const World& w) {
    const CaseHistory h = project_history(w.history, w);
    std::size_t active = 0;
    for (const HistoricElement& e : h.elements) {
        if (e.state != HistoryState::active) continue;
        ++active;
        const ElementInstance* now = w.state.element(e.key);
        ASSERT_NE(now, nullptr);
        EXPECT_EQ(w.process(w.state.definitions[now->definition])->node(now->node).id,
                  e.element_id);
    }
    EXPECT_EQ(active, w.state.elements.size());
    const auto open = [](const auto& items, auto is_open) {
        return static_cast<std::size_t>(std::count_if(items.begin(), items.end(), is_open));
    };
    EXPECT_EQ(open(h.jobs, [](const HistoricJob& j) { return !j.end; }), w.state.jobs.size());
    EXPECT_EQ(open(h.incidents, [](const HistoricIncident& i) { return !i.resolved; }),
              w.state.incidents.size());
    EXPECT_EQ(open(h.user_tasks, [](const HistoricUserTask& t) { return !t.end; }),
              w.state.user_tasks.size());
    EXPECT_EQ(open(h.timers, [](const HistoricTimer& t) { return !t.end; }), w.state.timers.size());
    EXPECT_EQ(open(h.subscriptions, [](const HistoricSubscription& m) { return m.open; }),
              w.state.subscriptions.size());
}

unsigned seeds(unsigned usually) {
    const char* wanted = std::getenv("SCHWARM_SEEDS");
    return wanted == nullptr ? usually : static_cast<unsigned>(std::strtoul(wanted, nullptr, 10));
}

TEST(ReplayProperty, RandomProcessesAndCommands) {
    unsigned completed = 0;
    const unsigned last = seeds(150);
    for (unsigned seed = 1; seed <= last; ++seed) {
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
                        w.state.held.empty() && w.state.compensables.empty() &&
                        w.state.gateway_resets.empty() && w.state.task_actions.empty());
        } else {
            w.run(CancelCase{"enough"});
        }
        EXPECT_TRUE(replay(w.history) == w.state) << "the history does not give the state";
        expect_history_like_state(w);
    }
    EXPECT_GT(completed, last * 2 / 3);
}

TEST(ReplayProperty, RandomModificationsAndMigrations) {
    unsigned modified = 0;
    unsigned migrated = 0;
    const unsigned last = seeds(100);
    for (unsigned seed = 1; seed <= last; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Generator g(seed);
        World w;
        w.definitions().limits.steps_max = 500;
        const std::string xml = g.model();
        w.deploy(xml);
        w.deploy(other_version(xml));
        if (testing::Test::HasFatalFailure()) return;
        w.create({{"n", 0}, {"flag", g.pick(2) == 0}});
        for (int steps = 0; w.state.status == CaseStatus::active && steps < 60; ++steps) {
            const int kind = g.pick(4);
            if (kind == 0) {
                const auto decision = w.try_run(random_modification(w, g));
                if (decision.has_error()) continue;
                w.accept(*decision);
                ++modified;
            } else if (kind == 1) {
                const MigrateCase migration = random_migration(w, g);
                const auto problems = check_migration(w.state, w.definitions(), migration, w.now);
                const auto decision = w.try_run(migration);
                EXPECT_EQ(decision.has_value(), problems.empty());
                if (decision.has_error()) continue;
                w.accept(*decision);
                ++migrated;
            } else if (const auto command = random_command(w, g)) {
                for (const Timer& t : w.state.timers) {
                    if (std::holds_alternative<TriggerTimer>(*command)) {
                        w.now = std::max(w.now, t.due);
                    }
                }
                w.run(*command);
            }
            expect_history_like_state(w);
            if (testing::Test::HasFailure()) return;
        }
        if (w.state.status == CaseStatus::active) w.run(CancelCase{"enough"});
        EXPECT_TRUE(w.state.elements.empty() && w.state.jobs.empty() && w.state.timers.empty() &&
                    w.state.user_tasks.empty() && w.state.waiting.empty() &&
                    w.state.subscriptions.empty() && w.state.held.empty() &&
                    w.state.compensables.empty() && w.state.gateway_resets.empty() &&
                    w.state.task_actions.empty());
        EXPECT_TRUE(replay(w.history) == w.state) << "the history does not give the state";
    }
    EXPECT_GT(modified, last * 2);
    EXPECT_GT(migrated, last * 2);
}

}  // namespace
}  // namespace schwarm::engine::test
