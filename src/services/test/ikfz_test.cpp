// The packages ikfz and ikfz-abmeldung against their simulators: what one sends, the other
// understands, and the answers lead where they should. The network between them is a table of
// names; bodies cross it as JSON, as they do between nodes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "schwarm/base/clock.hpp"
#include "schwarm/bpmn/process.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/forms/form.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/runtime/verify.hpp"
#include "schwarm/services/bindings.hpp"
#include "schwarm/services/catalogue.hpp"
#include "schwarm/services/package.hpp"
#include "schwarm/services/scenario.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::services {
namespace {

const TenantId kTenant("kfz");
constexpr const char* kPackages[] = {"ikfz",
                                     "ikfz-abmeldung",
                                     "simulators/kba-fahrzeugregister",
                                     "simulators/versicherer-evb",
                                     "simulators/zoll-kfzsteuer",
                                     "simulators/gebuehrenrueckstand",
                                     "simulators/bezahldienst",
                                     "simulators/fachverfahren-zulassung"};

class Network {
  public:
    Network() {
        for (const std::string folder : kPackages) {
            auto loaded =
                load_package_folder(std::string(SCHWARM_SOURCE_DIR) + "/packages/" + folder);
            if (!loaded.package) throw std::runtime_error(loaded.problems.front().text());
            packages_[loaded.package->id.value()] = loaded.package;
            for (const auto& start : loaded.package->process->starts()) {
                const auto& node = loaded.package->process->node(start.node);
                if (start.kind != bpmn::EventKind::message) continue;
                started_by_[node.details.event.message.name.source] = loaded.package;
            }
            require(registry_.add(loaded.package, clock_.now()));
        }
        Tenant tenant;
        tenant.id = kTenant;
        tenant.authority.name = "Stadt Leipzig";
        for (const auto& [id, package] : packages_) {
            tenant.services.push_back({package->id, json::Value::object()});
        }
        require(registry_.add_tenant(std::move(tenant)));
        runtime::Environment environment{
            .storage = *storage_,
            .clock = clock_,
            .random = random_,
            .node_key = key_,
            .definitions = [this](const TenantId& id) { return bindings_.definitions(id); },
            .outbox_handlers = {{"deliver",
                                 [this](const runtime::OutboxItem& item) { return carry(item); }}},
            .retention =
                [this](const TenantId& id, const runtime::CaseRow& row) {
                    return bindings_.retention(id, row, {});
                },
            // A member is away: no receipt ever comes.
            .under_way = [](runtime::WriteBatch&, CaseId) -> Result<bool> { return true; }};
        auto opened = runtime::Runtime::open(std::move(environment));
        if (opened.has_error()) throw std::runtime_error(opened.error().text());
        runtime_ = std::move(*opened);
        require(runtime_->ensure_tenant(kTenant));
    }

    // An application as in the portal, from a file of the package's scenarios and changes to it;
    // the milestone at which the case waits when all have answered.
    std::string apply(const std::string& id, const std::string& file, std::string_view changes) {
        const auto& package = packages_.at(id);
        auto files = *read_folder(std::string(SCHWARM_SOURCE_DIR) + "/packages/" + id);
        auto given = *json::parse(files.at("scenarios/" + file));
        merge_patch(given, *json::parse(changes));
        forms::Context context;
        context.clock = &clock_;
        const auto judged = package->form().validate(*feel::from_json(given), context);
        for (const auto& error : judged.errors) ADD_FAILURE() << error.path << error.message;
        const auto reference = "v" + std::to_string(++applied_);
        engine::CreateCase create;
        create.definition = engine::DefinitionKey(definition_key(*package));
        create.variables = start_variables(*package, judged.cleaned,
                                           registry_.offer(kTenant, package->id)->settings,
                                           clock_.now(), reference);
        runtime::Submission submission;
        submission.tenant = kTenant;
        submission.command.id = reference;
        submission.command.actor = "test:applicant";
        submission.command.body = std::move(create);
        auto reply = runtime_->submit_and_wait(std::move(submission));
        if (reply.has_error()) return reply.error().text();
        newest_ = reply->case_id;
        runtime_->wait_idle();
        auto view = runtime_->read(kTenant);
        const auto state = view->case_state(reply->case_id);
        for (const auto& incident : state->incidents) ADD_FAILURE() << incident.reason;
        return current_milestone(*package, *state);
    }

    CaseId newest() const { return newest_; }
    runtime::ReadView view() const { return std::move(*runtime_->read(kTenant)); }
    void move(std::chrono::milliseconds by) {
        clock_.advance(by);
        runtime_->wake();
        runtime_->wait_idle();
    }
    // The tenant's audit lines about a case whose text is (not) there.
    std::size_t lines(CaseId id, bool deleted) const {
        const auto all = *view().audit(10'000);
        return static_cast<std::size_t>(std::count_if(
            all.begin(), all.end(),
            [&](const auto& line) { return line.case_id == id && line.deleted == deleted; }));
    }
    void expect_verified() const {
        for (const auto& result : {runtime::verify_chain(*storage_, kTenant),
                                   runtime::verify_replay(*storage_, key_, kTenant)}) {
            for (const auto& finding : result->findings) ADD_FAILURE() << finding;
        }
    }

  private:
    static void require(const Result<void>& result) {
        if (result.has_error()) throw std::runtime_error(result.error().text());
    }

    // On the dispatcher's thread: a request begins a case of whoever it is for, an answer goes to
    // the case that asked.
    Result<void> carry(const runtime::OutboxItem& item) {
        SCHWARM_TRY(body, feel::from_json(feel::to_json(item.effect.payload.get("variables"))));
        const auto anfrage = body.get("anfrage");
        runtime::Submission submission;
        submission.tenant = kTenant;
        submission.command.id =
            std::to_string(item.case_id.value()) + "/" + std::to_string(item.effect.key.value());
        submission.command.actor = "test:network";
        const auto to = started_by_.find(item.effect.name);
        if (to != started_by_.end()) {
            const std::scoped_lock lock(mutex_);
            if (anfrage.is_string()) asked_[std::string(anfrage.as_string())] = item.case_id;
            engine::CreateCase create;
            create.definition = engine::DefinitionKey(definition_key(*to->second));
            create.start_message = item.effect.name;
            create.variables = start_variables_of_message(
                *to->second, body, registry_.offer(kTenant, to->second->id)->settings, clock_.now(),
                submission.command.id);
            submission.command.body = std::move(create);
        } else {
            const std::scoped_lock lock(mutex_);
            submission.case_id = asked_.at(std::string(anfrage.as_string()));
            submission.command.body = engine::CorrelateMessage{
                item.effect.name, std::nullopt, engine::Variables::from_context(body)};
        }
        runtime_->submit(std::move(submission), [name = item.effect.name](auto reply) {
            if (reply.has_error()) ADD_FAILURE() << name << ": " << reply.error().text();
        });
        return {};
    }

    ManualClock clock_{Instant(std::chrono::milliseconds(1'773'478'800'000))};  // 2026-03-14
    SeededRandom random_{1};
    const crypto::Key key_ = crypto::Key::random(random_);
    std::unique_ptr<storage::Storage> storage_ = storage::make_memory_storage();
    Registry registry_;
    Bindings bindings_{registry_};
    std::map<std::string, std::shared_ptr<const Package>> packages_;    // by id
    std::map<std::string, std::shared_ptr<const Package>> started_by_;  // by message
    std::mutex mutex_;
    std::map<std::string, CaseId> asked_;  // by what the request says of itself
    std::size_t applied_ = 0;
    CaseId newest_;
    std::unique_ptr<runtime::Runtime> runtime_;  // after all it borrows
};

struct Way {
    const char* name;
    const char* package;
    const char* file;
    const char* changes;
    const char* milestone;
};
void PrintTo(const Way& way, std::ostream* out) {
    *out << way.name;
}

class Ikfz : public testing::TestWithParam<Way> {};

TEST_P(Ikfz, MeetsItsSimulators) {
    Network network;
    const auto& way = GetParam();
    EXPECT_EQ(network.apply(way.package, way.file, way.changes), way.milestone);
}

constexpr const char* kCodes = R"({"fahrzeug": {"code_zb1": "e3F4g5H"}})";
const Way kWays[] = {
    {"deregistration", "ikfz-abmeldung", "basis.json", "{}", "abrufbereit"},
    {"deregistration_with_a_wrong_code", "ikfz-abmeldung", "basis.json",
     R"({"code_zb1": "falsch"})", "berichtigen"},
    {"deregistration_of_another_district", "ikfz-abmeldung", "basis.json",
     R"({"kennzeichen": "L-IK 114"})", "berichtigen"},
    {"residence", "ikfz", "wohnsitz.json", kCodes, "abrufbereit"},
    {"residence_with_a_new_plate", "ikfz", "wohnsitz.json",
     R"({"fahrzeug": {"code_zb1": "e3F4g5H", "code_zb2": "p4Q5r6S7"},
         "kennzeichen": {"weiterfuehren": "nein", "wunsch": "nein"}})",
     "abrufbereit"},
    {"keeper", "ikfz", "halter.json", kCodes, "abrufbereit"},
    {"again", "ikfz", "wieder.json", kCodes, "abrufbereit"},
    {"first", "ikfz", "erst.json", "{}", "abrufbereit"},
    {"without_insurance", "ikfz", "halter.json",
     R"({"fahrzeug": {"code_zb1": "e3F4g5H"}, "evb": "U1B2C3D"})", "berichtigen"},
    {"with_arrears", "ikfz", "wohnsitz.json",
     R"({"fahrzeug": {"code_zb1": "e3F4g5H"}, "halter": {"nachname": "Steuerschuld"}})",
     "berichtigen"},
    {"check_number", "ikfz", "wohnsitz.json",
     R"({"anderer_bezirk": "nein", "hu": {"pruefziffer": "AB12CD34", "letzte": "2026-01-10",
         "stelle": "TÜV"}, "fahrzeug": {"fin": "WVWZZZ1KZAW000108", "kennzeichen": "L-IK 108",
         "code_zb1": "e3F4g5H"}})",
     "abrufbereit"},
    {"no_certificate_of_conformity", "ikfz", "erst.json",
     R"({"fahrzeug": {"fin": "WVWZZZ1KZAW000106"}})", "in_pruefung"},
    {"no_answer", "ikfz", "halter.json",
     R"({"fahrzeug": {"code_zb1": "e3F4g5H"}, "evb": "Z1B2C3D"})", "wird_geprueft"},
    {"not_paid", "ikfz", "wohnsitz.json",
     R"({"fahrzeug": {"fin": "WVWZZZ1KZAW000111", "kennzeichen": "L-IK 111", "code_zb1": "e3F4g5H"},
         "halter": {"nachname": "Zahlungsausfall"}, "bei_hindernis": "behoerde"})",
     "abgebrochen"},
};
INSTANTIATE_TEST_SUITE_P(Ways, Ikfz, testing::ValuesIn(kWays),
                         [](const auto& each) { return each.param.name; });

// § 19 Abs. 1 Satz 6, § 18 Abs. 3 Satz 3 FZV.
TEST(IkfzDeletion, TheDialogueGoesAfterHalfAnHourItsLogAfterHalfAYear) {
    Network network;
    const auto not_paid = std::find_if(std::begin(kWays), std::end(kWays), [](const Way& way) {
        return way.name == std::string_view("not_paid");
    });
    ASSERT_EQ(network.apply("ikfz", not_paid->file, not_paid->changes), "abgebrochen");
    const CaseId id = network.newest();
    const auto history = network.view().history(id)->size();
    network.move(std::chrono::minutes(30) - std::chrono::milliseconds(1));
    EXPECT_TRUE(network.view().case_state(id));
    network.move(std::chrono::milliseconds(1));
    EXPECT_EQ(network.view().case_state(id).error().code, ErrorCode::gone);
    EXPECT_TRUE(network.view().inbox("test:applicant")->empty());
    EXPECT_TRUE(network.view().case_row(id)->deleted);
    ASSERT_EQ(network.view().history(id)->size(), history);
    for (const auto& entry : *network.view().history(id)) EXPECT_TRUE(entry.deleted);
    EXPECT_GT(network.lines(id, false), 0U);
    EXPECT_EQ(network.lines(id, true), 0U);
    auto line = network.view().audit(1)->front();
    EXPECT_EQ(line.actor, "system:retention");
    EXPECT_THAT(line.detail, testing::HasSubstr("§ 18 Abs. 3 Satz 3, § 19 Abs. 1 Satz 6 FZV"));
    network.expect_verified();

    // From 14 March to 14 September.
    network.move(std::chrono::hours(24 * 184) - std::chrono::minutes(31));
    EXPECT_EQ(network.lines(id, true), 0U);
    network.move(std::chrono::minutes(1));
    EXPECT_EQ(network.lines(id, false), 0U);
    line = network.view().audit(1)->front();
    EXPECT_EQ(line.action, "delete_log");
    EXPECT_THAT(line.detail, testing::HasSubstr("§ 18 Abs. 3 Satz 3, § 19 Abs. 1 Satz 6 FZV"));
    network.expect_verified();
}

}  // namespace
}  // namespace schwarm::services
