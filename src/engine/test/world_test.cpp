#include "world.hpp"

namespace schwarm::engine::test {

World::World() : definitions_{*this, *this, inline_tasks, feel::Value(), {}} {}
World::~World() = default;

void World::deploy(const std::string& xml) {
    auto import = bpmn::import_model(xml, "test.bpmn");
    std::string problems;
    for (const auto& p : import.problems) problems += p.text() + "\n";
    ASSERT_TRUE(import.deployable()) << problems;
    for (const auto& p : import.model->processes()) processes_[p->id] = p;
}

Result<Decision> World::try_run(CommandBody body, std::string id) {
    if (id.empty()) id = "c" + std::to_string(++commands_);
    return decide(state, definitions_, Command{std::move(id), now, actor, std::move(body)});
}

void World::run(CommandBody body) {
    const std::string name(name_of(body));
    auto decided = try_run(std::move(body));
    ASSERT_TRUE(decided.has_value()) << name << ": " << decided.error().text();
    accept(*decided);
}

void World::accept(const Decision& decision) {
    CaseState applied = state;
    for (const Event& event : decision.events) apply(applied, event);
    EXPECT_TRUE(applied == decision.next) << "the events do not give the state";
    const std::string row = encode_events(decision.events);
    const auto decoded_row = decode_events(row);
    ASSERT_TRUE(decoded_row.has_value());
    EXPECT_EQ(encode_events(*decoded_row), row);
    const std::string bytes = encode_state(decision.next);
    const auto decoded = decode_state(bytes);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_TRUE(*decoded == decision.next) << "the state does not survive its encoding";
    EXPECT_EQ(encode_state(*decoded), bytes);
    history.insert(history.end(), decision.events.begin(), decision.events.end());
    effects.insert(effects.end(), decision.effects.begin(), decision.effects.end());
    state = *decoded;
}

Projection World::projection() const {
    return project(state, *this);
}

std::string World::path() const {
    std::string out;
    for (const std::string& id : element_path(history, state, *this)) {
        out += (out.empty() ? "" : " > ") + id;
    }
    return out;
}

std::string World::history_text() const {
    std::string out;
    for (const Event& event : history) out += text_of(event) + "\n";
    return out;
}

}  // namespace schwarm::engine::test
