// A golden database of each version that was ever released: it opens, says what it said then, and
// its cases go on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "cases.hpp"
#include "report.hpp"
#include "schwarm/app/api_clients.hpp"
#include "schwarm/engine/state_text.hpp"
#include "schwarm/runtime/verify.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"
#include "walk.hpp"

namespace schwarm::compat {
namespace {

constexpr const char* kReport = "report.txt";

bool blessing() {
    return std::getenv("SCHWARM_BLESS") != nullptr;
}

std::vector<std::string> versions() {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_of(""))) {
        if (fs::exists(entry.path() / kDatabase)) found.push_back(entry.path().filename());
    }
    std::sort(found.begin(), found.end());
    return found;
}

void copy_database(const fs::path& from, const Folder& to) {
    fs::copy_file(from / kDatabase, to.path() / kDatabase);
    fs::permissions(to.path() / kDatabase, fs::perms::owner_read | fs::perms::owner_write);
}

std::string text_of_copy(const Folder& copy) {
    std::string rows;
    {
        const auto storage = must(storage_sqlite::open_sqlite(copy.path() / kDatabase), "opening");
        rows = rows_text(*storage);
    }
    NodeOptions options;
    options.post_is_down = true;
    const Node node(copy.path(), options);
    return rows + report_text(node);
}

void expect_verified(Node& node) {
    const TenantId& beside = services::node_tenant();
    const auto of_node = must(runtime::verify_chain(node.storage(), beside), "the node's chain");
    EXPECT_THAT(of_node.findings, testing::IsEmpty());
    for (const auto& result : {runtime::verify_chain(node.storage(), tenant()),
                               runtime::verify_replay(node.storage(), node_key(), tenant())}) {
        ASSERT_TRUE(result.has_value()) << result.error().text();
        EXPECT_GT(result->rows, 0U);
        EXPECT_THAT(result->findings, testing::IsEmpty());
    }
}

// A folder of the version appears only when everything in it has been written.
void bless(const std::string& version) {
    const Folder folder;
    {
        NodeOptions options;
        options.now = kWritten;
        options.post_is_down = true;
        options.packages = golden_packages();
        Node node(folder.path(), options);
        write_golden(node);
        expect_verified(node);
    }
    const Folder copy;
    copy_database(folder.path(), copy);
    const auto text = text_of_copy(copy);
    const auto to = folder_of(version);
    fs::create_directory(to);
    std::ofstream(to / kReport, std::ios::binary) << text;
    fs::copy_file(folder.path() / kDatabase, to / kDatabase);
}

class Golden : public testing::TestWithParam<std::string> {
  protected:
    void SetUp() override { copy_database(folder_of(GetParam()), copy_); }

    Folder copy_;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Golden);
INSTANTIATE_TEST_SUITE_P(Database, Golden, testing::ValuesIn(versions()), [](const auto& param) {
    auto name = "v" + param.param;
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
});

TEST_P(Golden, SaysWhatItSaidThen) {
    const auto text = text_of_copy(copy_);
    const auto file = folder_of(GetParam()) / kReport;
    // Only what is shown of a database may ever change, never the database.
    if (const char* word = std::getenv("SCHWARM_BLESS");
        word != nullptr && word == std::string("report")) {
        std::ofstream(file, std::ios::binary) << text;
    }
    EXPECT_EQ(text, read_file(file));
}

TEST_P(Golden, StatesAreWhatTheirEventsGive) {
    NodeOptions options;
    options.post_is_down = true;
    Node node(copy_.path(), options);
    expect_verified(node);
    std::size_t seen = 0;
    for (const auto& row : node.cases()) {
        if (row.deleted) continue;
        const auto state = must(node.view().case_state(row.id), "a state");
        EXPECT_EQ(engine::text_of(engine::replay(node.events(row.id))), engine::text_of(state));
        EXPECT_EQ(engine::decode_state(engine::encode_state(state)).value(), state);
        ++seen;
    }
    EXPECT_GT(seen, 35U);
}

TEST_P(Golden, EveryCaseEnds) {
    Node node(copy_.path(), {});
    node.move_to(kOpened);
    ASSERT_NO_THROW(carry_on(node));
    std::map<std::string, int> ends;
    for (const auto& row : node.cases()) {
        ++ends[row.deleted ? "deleted" : std::string(engine::name_of(row.status))];
    }
    EXPECT_EQ(ends["active"], 0);
    EXPECT_GT(ends["completed"], 35);
    EXPECT_EQ(ends["deleted"], 1);
    expect_verified(node);
}

TEST_P(Golden, WhatLiesBesideCasesIsUsed) {
    Node node(copy_.path(), {});
    node.move_to(kOpened);
    EXPECT_EQ(node.runtime().metrics().outbox_waiting, 0U) << "what was in the outbox was sent";
    const auto before = node.cases().size();
    // The message that was kept meets who waits for it now.
    engine::CreateCase create;
    create.definition = services::definition_key_of(
        must(node.deployments().of(tenant()), "definitions")->process("kept")->key);
    create.variables.set("name", feel::Value("later"));
    const auto begun = must(node.submit({}, std::move(create)), "a new case");
    EXPECT_EQ(must(node.view().case_row(begun.case_id), "its row").status,
              engine::CaseStatus::completed);
    // The start event by time begins one more.
    node.move_to(kOpened + std::chrono::hours(24));
    EXPECT_GT(node.cases().size(), before + 1);
    // Gone with its time.
    EXPECT_TRUE(node.view().draft("draft-1").has_value());
    node.move_to(kWritten + std::chrono::hours(24 * 31));
    EXPECT_TRUE(node.view().draft("draft-1").has_error());
}

TEST_P(Golden, WhatWasDoneIsNotDoneAgain) {
    Node node(copy_.path(), {});
    const auto before = node.cases().size();
    engine::CreateCase create;
    create.definition = services::definition_key_of(
        must(node.deployments().of(tenant()), "definitions")->process("job")->key);
    std::size_t asked = 0;
    for (const auto& row : node.cases()) {
        if (row.deleted) continue;
        const auto state = must(node.view().case_state(row.id), "a state");
        for (const auto& command : state.recent_commands) {
            if (!command.starts_with("begin-")) continue;
            const auto again = must(node.submit({}, create, kApplicant, command), command);
            const auto first = must(node.view().history(row.id), "a history").front();
            EXPECT_TRUE(again.duplicate) << command;
            EXPECT_EQ(again.case_id, row.id);
            EXPECT_EQ(again.position, first.position) << command;
            EXPECT_EQ(again.status, engine::replay(first.events).status) << command;
            ++asked;
        }
    }
    EXPECT_GT(asked, 35U);
    const auto publish = [&](runtime::Message message) {
        return node.ask<runtime::Published>([&](auto done) {
            node.runtime().publish_message(tenant(), message, "somebody", std::move(done));
        });
    };
    runtime::Message kept;
    kept.name = "kept";
    kept.correlation_key = "later";
    kept.id = "once";
    kept.time_to_live = std::chrono::hours(1);
    EXPECT_EQ(publish(kept).error().code, ErrorCode::conflict);
    runtime::Message begin;
    begin.name = "begin";
    begin.correlation_key = "first";
    EXPECT_THAT(must(publish(begin), "a message").correlated, testing::IsEmpty())
        << "its case is still active";
    EXPECT_EQ(node.cases().size(), before);
}

TEST_P(Golden, WhatIsDeployedIsNotDeployedAgain) {
    Node node(copy_.path(), {});
    const auto known = must(node.deployments().of(tenant()), "definitions");
    std::map<std::string, std::string> contents;
    for (const auto& one : known->processes()) {
        if (!known->is_latest(*one)) continue;
        contents[one->resource_name] =
            must(node.deployments().content(tenant(), one->checksum), one->resource_name);
    }
    for (const auto& one : known->requirements()) {
        contents[one->resource_name] =
            must(node.deployments().content(tenant(), one->checksum), one->resource_name);
    }
    for (const auto& [name, bytes] : contents) {
        must(node.ask<services::Deployment>([&](auto done) {
            node.deployments().deploy(node.runtime(), tenant(), {{name, bytes}}, "developer",
                                      std::move(done));
        }),
             name);
    }
    EXPECT_EQ(must(node.deployments().of(tenant()), "definitions")->processes().size(),
              known->processes().size());
    EXPECT_EQ(must(node.deployments().of(tenant()), "definitions")->requirements().size(),
              known->requirements().size());
}

TEST_P(Golden, WhoMaySignInStillMay) {
    Node node(copy_.path(), {});
    SystemRandom random;
    const app::ApiClients clients(node.storage(), node_key(), node.clock(), random);
    const auto client = clients.by_secret(kClientId, kClientSecret);
    ASSERT_TRUE(client.has_value()) << client.error().text();
    EXPECT_EQ(client->kind, app::PrincipalKind::worker);
    EXPECT_EQ(client->tenant, tenant());
    EXPECT_EQ(must(node.view().secret(kSecretName), "a secret"), kSecret);
}

TEST(GoldenDatabases, ThisVersionHasOne) {
    const std::string version = SCHWARM_VERSION;
    if (blessing() && !fs::exists(folder_of(version))) bless(version);
    EXPECT_TRUE(fs::exists(folder_of(version) / kDatabase))
        << "tests/compat/" << version
        << " is missing: write it with SCHWARM_BLESS=1 test_compat (tests/compat/README.md)";
}

// What this version can store is in its golden database, so that later versions must read it.
TEST(GoldenDatabases, ThisVersionCoversEachPartOfAState) {
    const Folder copy;
    copy_database(folder_of(SCHWARM_VERSION), copy);
    NodeOptions options;
    options.post_is_down = true;
    const Node node(copy.path(), options);
    std::map<std::string, std::size_t> parts;
    for (const auto& row : node.cases()) {
        if (row.deleted) continue;
        const auto state = must(node.view().case_state(row.id), "a state");
        for (const auto& element : state.elements) {
            parts["loop"] += element.loop != nullptr ? 1 : 0;
            parts["inner"] += element.inner ? 1 : 0;
            parts["listeners"] += element.listeners;
            parts["local variables"] += element.variables.size();
            parts["activating"] += element.phase == engine::ElementPhase::activating ? 1 : 0;
        }
        for (const auto& one : state.subscriptions) parts[std::string(name_of(one.kind))] += 1;
        for (const auto& one : state.jobs) parts[std::string(name_of(one.kind)) + " job"] += 1;
        for (const auto& one : state.incidents) parts[std::string(name_of(one.kind))] += 1;
        parts["waiting"] += state.waiting.size();
        parts["user_tasks"] += state.user_tasks.size();
        parts["timers"] += state.timers.size();
        parts["held"] += state.held.size();
        parts["incidents"] += state.incidents.size();
        parts["documents"] += state.documents.size();
        parts["decisions"] += state.decisions.size();
        parts["milestones"] += state.milestones.size();
        parts["compensables"] += state.compensables.size();
        parts["gateway_resets"] += state.gateway_resets.size();
        parts["task_actions"] += state.task_actions.size();
        parts["tags"] += state.tags.size();
        parts["definitions"] += state.definitions.size() - 1;
        parts["archived"] += state.archived ? 1 : 0;
    }
    for (const auto kind : {engine::JobKind::bpmn_element, engine::JobKind::execution_listener,
                            engine::JobKind::task_listener, engine::JobKind::ad_hoc_sub_process}) {
        parts[std::string(name_of(kind)) + " job"] += 0;
    }
    for (const auto kind :
         {engine::IncidentKind::expression, engine::IncidentKind::no_flow,
          engine::IncidentKind::decision, engine::IncidentKind::job_no_retries,
          engine::IncidentKind::unhandled_error, engine::IncidentKind::called_process,
          engine::IncidentKind::undelivered}) {
        parts[std::string(name_of(kind))] += 0;
    }
    for (const auto& [part, count] : parts) EXPECT_GT(count, 0U) << part;
}

TEST(GoldenDatabases, ThisVersionFillsEachSpace) {
    const Folder copy;
    copy_database(folder_of(SCHWARM_VERSION), copy);
    const auto storage = must(storage_sqlite::open_sqlite(copy.path() / kDatabase), "opening");
    std::istringstream rows(rows_text(*storage));
    for (std::string line; std::getline(rows, line);) {
        // The node that wrote it was in no network.
        if (line.starts_with("exchange ") || line.starts_with("directory ")) continue;
        EXPECT_FALSE(line.ends_with(" 0")) << line;
    }
}

}  // namespace
}  // namespace schwarm::compat
