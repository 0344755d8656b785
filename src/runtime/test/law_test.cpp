// Deletion by law, verification, backup and restore, the node key.
#include <sys/stat.h>

#include "chained_row.hpp"
#include "house.hpp"
#include "layout.hpp"

namespace schwarm::runtime::test {
namespace {

const char* const kRule = "§ 84 SGB X, Aufbewahrungsfrist abgelaufen";

// A completed case with everything a case can have: document, draft before it, inbox, print.
void fill(House& house) {
    ASSERT_TRUE(house.runtime
                    ->write_and_wait(house.tenant,
                                     [](WriteBatch& batch) {
                                         return batch.put_draft("e", std::string(kName) + kIban,
                                                                batch.now() + minutes(60));
                                     })
                    .has_value());
    Submission creation = house.creation("antrag", kName, "antrag-1");
    creation.also = [](WriteBatch& batch, CaseId id) -> Result<void> {
        SCHWARM_TRY_VOID(batch.erase_draft("e"));
        return batch.put_document(id, "kontoauszug.txt",
                                  std::string(20'000, ' ') + kIban + " " + kName);
    };
    const auto reply = house.runtime->submit_and_wait(creation);
    ASSERT_TRUE(reply.has_value()) << reply.error().text();
    ASSERT_TRUE(house.complete(reply.value().case_id).has_value());
    ASSERT_TRUE(house.create("versand").has_value());
}

DeletionOrder order(std::uint64_t id, bool log_too = false) {
    return DeletionOrder{CaseId(id), kRule, "sachbearbeiter-4", log_too};
}

TEST(Deletion, NothingOfTheCaseIsLeftInAnyFileAndEverythingStillVerifies) {
    for (const bool log_too : {false, true}) {
        House house("sqlite");
        house.open_with_tenant();
        fill(house);
        ASSERT_TRUE(
            backup(house.storage(), house.folder / "backup", make_sqlite, Instant()).has_value());
        ASSERT_TRUE(house.runtime->delete_case(house.tenant, order(1, log_too)).has_value());
        ASSERT_TRUE(backup(house.storage(), house.folder / "backup-after", make_sqlite, Instant())
                        .has_value());
        EXPECT_FALSE(house.runtime->metrics().scrub_pending);
        for (const char* text : {kName, kIban, "buergerin-17", "kontoauszug"}) {
            EXPECT_FALSE(house.folder.any_file_contains(text)) << text;
        }
        house.expect_verified();
        house.reopen();
        house.expect_verified();

        const ReadView view = house.view();
        const CaseRow row = view.case_row(CaseId(1)).value();
        EXPECT_TRUE(row.deleted);
        EXPECT_TRUE(row.applicant.empty());
        EXPECT_EQ(view.case_state(CaseId(1)).error().code, ErrorCode::gone);
        EXPECT_EQ(view.document(CaseId(1), "kontoauszug.txt").error().code, ErrorCode::not_found);
        EXPECT_TRUE(view.find_cases("iban", kIban).value() == std::vector<CaseId>{CaseId(2)});
        EXPECT_TRUE(view.inbox("buergerin-17").value().empty());
        EXPECT_TRUE(view.print_queue().value().empty());
        const auto history = view.history(CaseId(1)).value();
        ASSERT_EQ(history.size(), 2U);
        EXPECT_TRUE(history[0].deleted && history[1].deleted);
        const auto audit = view.audit().value();
        EXPECT_EQ(audit[0].action, "delete_case");
        EXPECT_EQ(audit[0].actor, "sachbearbeiter-4");
        EXPECT_NE(audit[0].detail.find(kRule), std::string::npos);
        std::size_t gone = 0;
        for (const AuditLine& line : audit) gone += line.deleted ? 1U : 0U;
        EXPECT_EQ(gone, log_too ? 2U : 0U);
        EXPECT_EQ(house.runtime->delete_case(house.tenant, order(1)).error().code, ErrorCode::gone);
        EXPECT_EQ(
            house.runtime->submit_and_wait(house.completion(CaseId(1), ElementKey(2))).error().code,
            ErrorCode::gone);
        const Verification chain = verify_chain(house.storage(), house.tenant).value();
        EXPECT_EQ(chain.deleted, log_too ? 4U : 2U);
    }
}

TEST(Deletion, NeedsARuleAnActorAndAnEndedCase) {
    House house("memory");
    house.open_with_tenant();
    ASSERT_TRUE(house.create("antrag").has_value());
    EXPECT_EQ(house.runtime->delete_case(house.tenant, order(1)).error().code, ErrorCode::conflict);
    EXPECT_EQ(house.runtime->delete_case(house.tenant, order(2)).error().code,
              ErrorCode::not_found);
    EXPECT_EQ(house.runtime->delete_case(house.tenant, {CaseId(1), "", "x", false}).error().code,
              ErrorCode::invalid_input);
}

TEST(Deletion, AnOldReaderOnlyDelaysTheScrubbing) {
    House house("sqlite");
    house.open_with_tenant();
    fill(house);
    auto old = std::make_unique<ReadView>(house.view());
    ASSERT_TRUE(house.runtime->delete_case(house.tenant, order(1)).has_value());
    EXPECT_TRUE(house.runtime->metrics().scrub_pending);
    EXPECT_EQ(old->case_state(CaseId(1)).value().id, CaseId(1));
    old.reset();
    ASSERT_TRUE(house.create("antrag").has_value());
    EXPECT_FALSE(house.runtime->metrics().scrub_pending);
}

class Tampering : public ::testing::Test {
  protected:
    void SetUp() override {
        house.options.snapshot_commands_max = 1;
        house.open_with_tenant();
        fill(house);
        ASSERT_TRUE(house.runtime->delete_case(house.tenant, order(1, true)).has_value());
        ASSERT_TRUE(house.complete(house.create("antrag").value().case_id).has_value());
        house.close();
        house.expect_verified();
    }
    std::string get(Space space, const std::string& key) {
        auto reader = std::move(house.storage().begin_read().value());
        return reader->get(space, key).value().value();
    }
    void put(Space space, const std::string& key, std::optional<std::string> value) {
        auto transaction = std::move(house.storage().begin_write().value());
        ASSERT_TRUE((value ? transaction->put(space, key, *value) : transaction->erase(space, key))
                        .has_value());
        ASSERT_TRUE(transaction->commit().has_value());
    }
    bool chain_holds() { return verify_chain(house.storage(), house.tenant).value().holds(); }
    bool replay_holds() {
        return verify_replay(house.storage(), house.node_key(), house.tenant).value().holds();
    }
    std::string place(std::uint64_t number) const { return keys::numbered(house.tenant, number); }

    House house{"memory"};
};

TEST_F(Tampering, EachByteOfAChainedRowIsProtected) {
    for (const auto& [space, number] : {std::pair(Space::events, 3U), {Space::audit, 3U}}) {
        const std::string row = get(space, place(number));
        for (std::size_t i = 0; i < row.size(); ++i) {
            std::string changed = row;
            changed[i] = static_cast<char>(changed[i] ^ 0x55);
            put(space, place(number), changed);
            EXPECT_FALSE(chain_holds()) << name_of(space) << " byte " << i;
        }
        put(space, place(number), row);
    }
    EXPECT_TRUE(chain_holds());
}

TEST_F(Tampering, AHoleWithoutDeletionIsFound) {
    for (const auto& [space, number] : {std::pair(Space::events, 3U), {Space::audit, 3U}}) {
        const std::string row = get(space, place(number));
        ChainedRow hole = decode_chained_row(number, row).value();
        hole.deleted = true;
        hole.body.clear();
        put(space, place(number), hole.encode());
        EXPECT_FALSE(chain_holds()) << name_of(space);
        put(space, place(number), std::nullopt);
        EXPECT_FALSE(chain_holds()) << name_of(space);
        put(space, place(number), row);
    }
}

TEST_F(Tampering, AMissingEndIsFound) {
    const Book book = Book::decode(get(Space::meta, keys::book(house.tenant))).value();
    const std::string last = get(Space::events, place(book.next_position - 1));
    put(Space::events, place(book.next_position - 1), std::nullopt);
    EXPECT_FALSE(chain_holds());
    put(Space::events, place(book.next_position - 1), last);
    EXPECT_TRUE(chain_holds());
}

TEST_F(Tampering, AStateThatIsNotTheEventsIsFound) {
    const std::string state2 = get(Space::state, place(2));
    const std::string state3 = get(Space::state, place(3));
    put(Space::state, place(2), state3);
    EXPECT_FALSE(replay_holds());
    put(Space::state, place(2), std::nullopt);
    EXPECT_FALSE(replay_holds());
    put(Space::state, place(2), state2);
    EXPECT_TRUE(replay_holds());
    const std::string deletion = get(Space::deletions, place(1));
    put(Space::deletions, place(1), std::nullopt);
    EXPECT_FALSE(replay_holds());
    put(Space::deletions, place(1), deletion);
    put(Space::state, place(1), state2);
    EXPECT_FALSE(replay_holds());
}

TEST(Backup, IsRestoredWithItsKeysOnly) {
    House house("sqlite");
    house.open_with_tenant();
    fill(house);
    const fs::path folder = house.folder / "backup";
    ASSERT_TRUE(backup(house.storage(), folder, make_sqlite, Instant()).has_value());
    EXPECT_EQ(backup(house.storage(), folder, make_sqlite, Instant()).error().code,
              ErrorCode::conflict);
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        files.push_back(entry.path().filename());
    }
    std::sort(files.begin(), files.end());
    EXPECT_EQ(files, (std::vector<std::string>{"MANIFEST", "data.db", "keys.db"}));
    ASSERT_TRUE(house.create("antrag").has_value());

    const fs::path target = house.folder / "restored.db";
    EXPECT_EQ(
        restore(folder, folder / "keys.db", house.folder / "node.db", make_sqlite).error().code,
        ErrorCode::conflict);
    EXPECT_EQ(restore(folder, folder / "data.db", target, make_sqlite).error().code,
              ErrorCode::corrupt);
    fs::create_directory(house.folder / "elsewhere");
    fs::rename(folder / "keys.db", house.folder / "elsewhere" / "keys.db");
    const auto restored =
        restore(folder, house.folder / "elsewhere" / "keys.db", target, make_sqlite);
    ASSERT_TRUE(restored.has_value()) << restored.error().text();
    auto copy = std::move(make_sqlite(target).value());
    EXPECT_TRUE(verify_chain(*copy, house.tenant).value().holds());
    const Verification replay = verify_replay(*copy, house.node_key(), house.tenant).value();
    EXPECT_TRUE(replay.holds());
    EXPECT_EQ(replay.rows, 2U);
}

TEST(Backup, DamageIsFoundBeforeAnythingIsWritten) {
    House house("sqlite");
    house.open_with_tenant();
    fill(house);
    const fs::path folder = house.folder / "backup";
    ASSERT_TRUE(backup(house.storage(), folder, make_sqlite, Instant()).has_value());
    {
        std::fstream file(folder / "data.db", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(9000);
        file.put('x');
    }
    const fs::path target = house.folder / "restored.db";
    EXPECT_EQ(restore(folder, folder / "keys.db", target, make_sqlite).error().code,
              ErrorCode::corrupt);
    EXPECT_FALSE(fs::exists(target));
}

TEST(NodeKey, IsMadeOnceAndKeptPrivate) {
    const Folder folder;
    SystemRandom random;
    const fs::path file = folder / "node.key";
    const crypto::Key key = load_or_create_node_key(file, random).value();
    EXPECT_EQ(load_or_create_node_key(file, random).value().bytes(), key.bytes());
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
    EXPECT_NE(load_or_create_node_key(file, random).error().message.find("0600"),
              std::string::npos);
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    std::ofstream(file) << "short\n";
    EXPECT_EQ(load_or_create_node_key(file, random).error().code, ErrorCode::crypto_failed);
}

}  // namespace
}  // namespace schwarm::runtime::test
