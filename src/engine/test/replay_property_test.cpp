// Random processes, random commands, a restart after each step: the events always give the state
// (World checks it), nothing gets stuck, and what has ended leaves nothing behind.
// SCHWARM_SEEDS: how many of them are tried, instead of the number below.
#include <cstdlib>

#include "random_model.hpp"
#include "schwarm/engine/history.hpp"
#include "schwarm/engine/migration.hpp"

namespace schwarm::engine::test {
namespace {

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
