// The bytes of the rows are the contract of the database: they are compared with golden texts,
// and cut short at each byte.
#include "layout.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "batch_rows.hpp"
#include "chained_row.hpp"
#include "key_ring.hpp"
#include "message_rows.hpp"
#include "outbox_row.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/crypto/encode.hpp"
#include "signals.hpp"
#include "timer_starts.hpp"

namespace schwarm::runtime {
namespace {

const Instant kAt{std::chrono::milliseconds(1'767'225'600'123)};
const TenantId kTenant("leipzig");

ChainedRow chained() {
    ChainedRow row;
    row.kind = static_cast<RowKind>(1);
    row.case_id = CaseId(7);
    row.position = 12;
    row.previous = 5;
    row.at = kAt;
    row.body = "sealed";
    row.link(chain_begin(kEventChain, kTenant));
    return row;
}

CaseRecord case_record() {
    CaseRecord record;
    CaseRow& row = record.row;
    row.id = CaseId(7);
    row.definition = engine::DefinitionKey("wohngeld/Process_Wohngeld@1");
    row.service = ServiceId("wohngeld");
    row.status = engine::CaseStatus::active;
    row.created = kAt;
    row.changed = kAt + std::chrono::seconds(1);
    row.retention_until = kAt + std::chrono::hours(24);
    row.last_position = 300;
    row.open_tasks = 1;
    row.quarantined = true;
    row.applicant = std::string(16, 'p');
    record.last_audit = 299;
    record.persons = {std::string(16, 'p'), std::string(16, 'i')};
    record.snapshot = 290;
    record.snapshot_bytes = 5000;
    record.bytes_since = 600;
    record.commands_since = 2;
    record.started_process = "p";
    record.started_key = std::string(16, 'k');
    return record;
}

TaskRow task_row() {
    TaskRow row;
    row.service = ServiceId("wohngeld");
    row.element_id = "Task_Pruefen";
    row.name = "Antrag prüfen";
    row.form_id = "pruefung";
    row.due = kAt;
    row.assignee = std::string(16, 'a');
    return row;
}

std::string task_key() {
    return keys::append(keys::task_group(kTenant, "amt"), sortable(kAt), 7, 9);
}

std::map<std::string, std::string> golden_rows() {
    std::map<std::string, std::string> rows;
    rows["book"] =
        Book{2, 3, 4, 5, chain_begin(kEventChain, kTenant), chain_begin(kAuditChain, kTenant)}
            .encode();
    rows["chained"] = chained().encode();
    ChainedRow hole = chained();
    hole.deleted = true;
    rows["chained_deleted"] = hole.encode();
    rows["case"] = case_record().encode();
    rows["task"] = encode_task(task_row());
    JobRow job;
    job.service = ServiceId("wohngeld");
    job.type = "abruf";
    job.element_id = "Task_Abruf";
    job.retries = 3;
    job.until = kAt;
    job.locked = true;
    job.worker = "worker-1";
    job.priority = -7;
    rows["job"] = encode_job(job);
    IncidentRow incident;
    incident.definition = engine::DefinitionKey("wohngeld/Process_Wohngeld@1");
    incident.kind = engine::IncidentKind::job_no_retries;
    incident.element = ElementKey(5);
    incident.element_id = "Task_Abruf";
    incident.job = engine::JobKey(6);
    incident.created = kAt;
    rows["incident"] = encode_incident(incident);
    KeptMessage kept;
    kept.message.name = "antwort";
    kept.message.correlation_key = "K";
    kept.message.id = "id-1";
    kept.expires = kAt;
    kept.reached = {"p"};
    kept.message.audience = {ServiceId("deployed"), true};
    rows["kept_message"] = kept.encode();
    RunningSignal signal;
    signal.signal.name = "alarm";
    signal.signal.audience = {ServiceId("deployed"), false};
    signal.actor = "amt";
    signal.bound = 12;
    signal.after_case = 7;
    signal.after_subscription = 5;
    rows["running_signal"] = signal.encode();
    BatchRecord batch;
    batch.row.kind = BatchKind::modify;
    batch.row.status = BatchStatus::suspended;
    batch.row.actor = "amt";
    batch.row.created = kAt;
    batch.row.ended = kAt;
    batch.row.total = 300;
    batch.row.failures.push_back({global_key(7, 1), "not_found", "fehlt"});
    batch.collected_to = "x";
    batch.chunks = 1;
    rows["batch"] = batch.encode();
    StoredOrder order;
    order.order.kind = BatchKind::modify;
    order.order.modify.activate.push_back({"a", ElementKey(2), {{"s", {}}}});
    order.order.modify.move.push_back(
        {"b", {}, "c", engine::MoveScope::inferred, ElementKey(3), {}});
    order.order.modify.terminate.push_back({ElementKey(4), ""});
    order.order.migrate = {{}, engine::DefinitionKey("amt/p@2"), {{"a", "b"}}};
    order.order.filter.emplace();
    order.order.filter->definitions.emplace_back("amt/p@1");
    order.order.filter->incident_kinds.push_back(engine::IncidentKind::no_flow);
    order.order.filter->element_ids.emplace_back("a");
    rows["batch_order"] = order.encode();
    rows["batch_items"] = encode_items({global_key(7, 1), global_key(8, 1)});
    rows["key_batch"] = keys::batch(kTenant, 16'777'216);
    rows["key_batch_order"] = keys::batch_order(kTenant, 16'777'216);
    rows["key_batch_active"] = keys::batch_active(kTenant, 16'777'216);
    rows["key_batch_items"] = keys::batch_items(kTenant, 16'777'216, 2);
    rows["timer_start"] =
        TimerStart{engine::DefinitionKey("wohngeld/p@1"), "p", "Start", 1, kAt, "R3/PT10M", 2}
            .encode();
    rows["key_timer_start"] = keys::timer_start(kTenant, 3);
    rows["key_timer_of_start"] = keys::timer(kTenant, kAt, kTimerStart, engine::TimerKey(3));
    rows["subscription"] = SubscriptionValue{"Event_Antwort", "p", ElementKey(1), 12}.encode();
    const PersonHash key_hash(16, 'k');
    rows["key_subscription"] = keys::append(
        keys::append_text(keys::subscription(kTenant, "antwort", key_hash), "p"), 7, 5);
    rows["key_signal"] = keys::append(keys::signal(kTenant, "alarm"), 7, 5);
    rows["key_message"] = keys::message(kTenant, 16'777'216);
    rows["key_message_name"] =
        keys::append(keys::message_name(kTenant, "antwort", key_hash), 16'777'216);
    rows["key_message_expiry"] = keys::message_expiry(kTenant, kAt, 16'777'216);
    rows["key_message_id"] = keys::message_id(kTenant, "antwort", key_hash, std::string(16, 'i'));
    rows["key_started"] = keys::started(kTenant, "p", key_hash);
    rows["key_job"] = keys::job(kTenant, CaseId(7), engine::JobKey(6));
    rows["key_job_type"] = keys::append(keys::available_job(kTenant, "abruf", 50), 7, 6);
    rows["key_job_until"] = keys::job_until(kTenant, kAt, CaseId(7), engine::JobKey(6));
    rows["key_long_type"] = keys::job_type(kTenant, std::string(200, 'x'));
    rows["sealed"] = SealedRow{CaseId(7), 12, kAt, true, "bescheid", "sealed"}.encode();
    rows["done"] = DoneRow{CaseId(7), engine::CaseStatus::completed, 12}.encode();
    rows["deletion"] = DeletionRow{13, kAt, true, "§ 84 SGB X"}.encode();
    rows["audit_text"] = AuditText{"amtmann", "read", "Akte"}.encode();
    engine::Effect effect{engine::EffectKey(3), ElementKey(4), "send", "post", feel::Value()};
    rows["effect"] = encode_effect(effect);
    rows["key_task"] = task_key();
    rows["key_event"] = keys::numbered(kTenant, 12);
    rows["key_timer"] = keys::timer(kTenant, kAt, CaseId(7), engine::TimerKey(8));
    rows["key_document"] = keys::in_case(kTenant, CaseId(7), std::string(16, 'd'));
    rows["key_done"] = keys::done(kTenant, 2922, "id-1");
    rows["key_case_keys"] = keys::case_keys(kTenant, CaseId(7));
    rows["associated"] = associated(Space::events, kTenant, CaseId(7), 12, "x");
    SeededRandom random(1);
    KeyRing ring(crypto::Key::random(random));
    rows["tenant_key"] = ring.create(kTenant, random).value();
    const auto tenant = ring.find(kTenant);
    rows["person_hash"] = tenant->hash(kPersonField, "buergerin-17");
    DataKeys data_keys;
    data_keys.kase = crypto::Key::random(random);
    data_keys.log = crypto::Key::random(random);
    rows["case_keys"] = tenant->wrap(data_keys, CaseId(7), random).value();
    rows["session_key"] = tenant->wrap_session(*data_keys.kase, "draft", random).value();
    return rows;
}

TEST(Golden, RowsOfVersion1) {
    const std::string file =
        std::string(SCHWARM_SOURCE_DIR) + "/src/runtime/test/golden/rows_v1.txt";
    std::string now;
    for (const auto& [name, bytes] : golden_rows()) {
        now += name + " " + crypto::hex_encode(bytes) + "\n";
    }
    if (std::getenv("SCHWARM_BLESS") != nullptr) std::ofstream(file) << now;
    std::ifstream in(file);
    std::stringstream stored;
    stored << in.rdbuf();
    EXPECT_EQ(now, stored.str()) << "the format of stored rows has changed: old databases could "
                                    "no longer be read";
}

template <class Decode>
void expect_cuts_are_errors(const std::string& bytes, const Decode& decode) {
    EXPECT_TRUE(decode(bytes).has_value());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        EXPECT_TRUE(decode(bytes.substr(0, i)).has_error()) << i;
    }
    std::string other = bytes;
    other[0] = 9;
    EXPECT_TRUE(decode(other).has_error()) << "unknown format";
}

TEST(Layout, DamagedRowsAreErrors) {
    const auto rows = golden_rows();
    const auto decoder = [](auto decode) { return decode; };
    expect_cuts_are_errors(rows.at("book"), decoder(Book::decode));
    expect_cuts_are_errors(rows.at("case"),
                           [](std::string_view b) { return CaseRecord::decode(CaseId(7), b); });
    expect_cuts_are_errors(rows.at("task"),
                           [](std::string_view b) { return decode_task(task_key(), "amt", b); });
    expect_cuts_are_errors(rows.at("job"),
                           [&](std::string_view b) { return decode_job(rows.at("key_job"), b); });
    expect_cuts_are_errors(rows.at("incident"), [&](std::string_view b) {
        return decode_incident(keys::append(keys::numbered(kTenant, 7), 4), b);
    });
    expect_cuts_are_errors(rows.at("kept_message"), decoder(KeptMessage::decode));
    expect_cuts_are_errors(rows.at("running_signal"), decoder(RunningSignal::decode));
    expect_cuts_are_errors(rows.at("batch"), decoder(BatchRecord::decode));
    expect_cuts_are_errors(rows.at("batch_order"), decoder(StoredOrder::decode));
    expect_cuts_are_errors(rows.at("batch_items"), decoder(decode_items));
    expect_cuts_are_errors(rows.at("timer_start"), decoder(TimerStart::decode));
    expect_cuts_are_errors(rows.at("subscription"), decoder(SubscriptionValue::decode));
    expect_cuts_are_errors(rows.at("done"), decoder(DoneRow::decode));
    expect_cuts_are_errors(rows.at("deletion"), decoder(DeletionRow::decode));
    expect_cuts_are_errors(rows.at("audit_text"), decoder(AuditText::decode));
    expect_cuts_are_errors(rows.at("effect"), decoder(decode_effect));
    expect_cuts_are_errors(rows.at("chained_deleted"),
                           [](std::string_view b) { return decode_chained_row(12, b); });
}

TEST(Layout, RowsReadBack) {
    const ChainedRow row = decode_chained_row(12, chained().encode()).value();
    EXPECT_EQ(row.case_id, CaseId(7));
    EXPECT_EQ(row.previous, 5U);
    EXPECT_EQ(row.at, kAt);
    EXPECT_EQ(row.body, "sealed");
    EXPECT_EQ(row.chain, row.expected_chain(chain_begin(kEventChain, kTenant)));
    const CaseRecord record = CaseRecord::decode(CaseId(7), case_record().encode()).value();
    EXPECT_EQ(record.encode(), case_record().encode());
    EXPECT_EQ(record.row.service, ServiceId("wohngeld"));
    EXPECT_TRUE(record.row.quarantined && !record.row.deleted);
    EXPECT_EQ(record.row.retention_until, kAt + std::chrono::hours(24));
    const TaskRow task = decode_task(task_key(), "amt", encode_task(task_row())).value();
    EXPECT_EQ(task.case_id, CaseId(7));
    EXPECT_EQ(task.key, ElementKey(9));
    EXPECT_EQ(task.created, kAt);
    EXPECT_EQ(task.assignee, std::string(16, 'a'));
}

TEST(Layout, ARowOfACaseOfFormat1HasItsStateAtTheLastCommand) {
    std::string old = case_record().encode();
    old[0] = 1;
    old.resize(old.size() - 26);  // what format 2 added
    const CaseRecord record = CaseRecord::decode(CaseId(7), old).value();
    EXPECT_EQ(record.snapshot, record.row.last_position);
    EXPECT_EQ(record.bytes_since, 0U);
}

TEST(Layout, KindsHaveTheNamesOfCommands) {
    EXPECT_EQ(name_of(RowKind::first_command), "create_case");
    EXPECT_EQ(name_of(static_cast<RowKind>(5)), "trigger_timer");
    EXPECT_EQ(name_of(static_cast<RowKind>(99)), "command_99");
    EXPECT_EQ(name_of(RowKind::deletion_with_log), "deletion");
}

}  // namespace
}  // namespace schwarm::runtime
