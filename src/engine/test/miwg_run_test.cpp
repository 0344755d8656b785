// The executable models of the BPMN MIWG suite run to their end, unchanged, with scripted
// workers, people and senders.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "schwarm/bpmn/suggest.hpp"
#include "world.hpp"

namespace schwarm::engine::test {
namespace {

std::string read(const std::string& name) {
    std::ifstream in(std::string(SCHWARM_SHARED_DIR) + "/data/bpmn-miwg/" + name, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

const Variables kInput{
    {"applicant", feel::Value::context({{"name", "Meier"}, {"age", 40}, {"email", "m@x"}})},
    {"risks", feel::Value::list({"none"})},
    {"fraudSuspectedId", "f1"},
    {"documentReferenceId", "d1"},
    {"documents", feel::Value::list({"passport", "payslip"})},
    {"approved", true},
    {"result", feel::Value::context({{"riskLevel", feel::Value::list({"yellow"})},
                                     {"risk", feel::Value::list({"age"})}})},
    {"clarified", "yes"},
    {"approver", "ada"},
    {"Service_type", "Regular repair service"},
    {"Service_level", "Standard"},
    {"Service_Level", "Standard"},
    {"Successful", "yes"},
};

// Does whatever is open, jobs first, until nothing is.
void work(World& w) {
    for (int i = 0; i < 100 && w.state.status == CaseStatus::active; ++i) {
        if (!w.state.jobs.empty()) {
            w.run(CompleteJob{w.state.jobs.front().key, {}});
        } else if (!w.state.user_tasks.empty()) {
            w.run(CompleteUserTask{w.state.user_tasks.front().key, {}, false});
        } else if (!w.state.subscriptions.empty()) {
            w.message(w.state.subscriptions.back().message_name);
        } else if (!w.projection().timers.empty()) {
            w.fire_timer(w.projection().timers.front().element_id);
        } else {
            break;
        }
    }
    EXPECT_EQ(w.state.status, CaseStatus::completed) << w.history_text();
    for (const Incident& i : w.state.incidents) ADD_FAILURE() << i.reason;
}

bool there_are_models() {
    return std::filesystem::exists(std::string(SCHWARM_SHARED_DIR) + "/data/bpmn-miwg");
}

void run_text(const std::string& name, const std::string& text) {
    const auto import = bpmn::import_model(text, name);
    for (const auto& process : import.model->processes()) {
        if (!process->is_executable) continue;
        SCOPED_TRACE(name + " " + process->id);
        World w;
        for (const char* file : {"C.9.0.bpmn", "C.9.1.bpmn", "C.9.2.bpmn"}) w.deploy(read(file));
        w.deploy(text);
        CreateCase create;
        create.case_id = CaseId(1);
        create.definition = DefinitionKey(process->id);
        create.variables = kInput;
        const auto& root = process->node(bpmn::kProcessNode);
        create.start_element = process->node(root.start_events.at(0)).id;
        w.run(create);
        work(w);
    }
}

void run_model(const std::string& name) {
    if (!there_are_models()) GTEST_SKIP() << "no MIWG models here";
    run_text(name, read(name));
}

// Refused as it is, naming element and language; with the proposals put in it runs to its end.
void run_with_suggestions(const std::string& name, const std::string& element,
                          const std::string& language) {
    if (!there_are_models()) GTEST_SKIP() << "no MIWG models here";
    const auto refused = bpmn::import_model(read(name), name);
    EXPECT_FALSE(refused.deployable());
    bool named = false;
    for (const auto& problem : refused.problems) {
        named = named || (problem.kind == bpmn::ProblemKind::unsupported_language &&
                          problem.element_id == element &&
                          problem.reason.find(language) != std::string::npos);
    }
    EXPECT_TRUE(named) << element << " in " << language;
    const auto made = bpmn::suggest(read(name), name);
    ASSERT_TRUE(made.has_value()) << made.error().text();
    for (const auto& one : made.value().items) EXPECT_NE(one.proposed, "") << one.text();
    const auto import = bpmn::import_model(made.value().model, name);
    for (const auto& problem : import.problems) {
        EXPECT_NE(problem.severity, bpmn::Severity::error) << problem.text();
    }
    ASSERT_TRUE(import.deployable());
    run_text(name, made.value().model);
}

TEST(MiwgRun, InvoiceInJuel) {
    run_with_suggestions("C.1.0.bpmn", "sid-0ed8a0cb-f28a-4689-bbd8-77dafd0ccfa0", "JUEL");
}
TEST(MiwgRun, InvoiceInXPath) {
    run_with_suggestions("C.1.1.bpmn", "sid-0ed8a0cb-f28a-4689-bbd8-77dafd0ccfa0", "XPath");
}
TEST(MiwgRun, FridgeRepair) {
    run_with_suggestions("C.3.0.bpmn", "Bpmn_FormalExpression_ipW2kBqIEeWDuOtG0oS24A", "XPath");
}
TEST(MiwgRun, VacationRequest) {
    run_model("C.8.1.bpmn");
}
TEST(MiwgRun, CustomerOnboarding) {
    run_model("C.9.0.bpmn");
}
TEST(MiwgRun, RequestDocument) {
    run_model("C.9.1.bpmn");
}
TEST(MiwgRun, ManualCheck) {
    run_model("C.9.2.bpmn");
}

}  // namespace
}  // namespace schwarm::engine::test
