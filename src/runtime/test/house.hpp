// A tenant's definitions and a runtime on any of the storages, for tests.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "schwarm/base/check.hpp"
#include "schwarm/bpmn/model.hpp"
#include "schwarm/runtime/backup.hpp"
#include "schwarm/runtime/node_key.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/runtime/verify.hpp"
#include "schwarm/storage/faulty.hpp"
#include "schwarm/storage/key.hpp"
#include "schwarm/storage/memory.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace schwarm::runtime::test {

namespace fs = std::filesystem;
using std::chrono::minutes;
using storage::Space;

// May be moved while the runtime's threads look at it.
class MovableClock final : public Clock {
  public:
    Instant now() const override { return Instant(std::chrono::milliseconds(now_)); }
    void advance(std::chrono::milliseconds by) { now_ += by.count(); }

  private:
    std::atomic<std::int64_t> now_{1'767'225'600'000};  // 2026-01-01
};

inline const char* const kName = "Erika Mustermann";
inline const char* const kIban = "DE02120300000000202051";

// antrag: a clerk's task, then notice, print and message. frist: a timer of ten minutes.
// versand: an effect that leaves the node. kaputt: a task, then a program error. abruf: a job of an
// external worker. warten, zweite: wait for a message; eingang: begins by one; sender: sends one.
// horcher: waits for a signal twice; alarmiert: begins by it; rufer: throws it.
inline const char* const kModel = R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
<process id="antrag" isExecutable="true">
 <startEvent id="start"/>
 <userTask id="pruefen" name="Antrag prüfen"><extensionElements>
  <zeebe:formDefinition formId="pruefung"/>
  <zeebe:assignmentDefinition candidateGroups="sachbearbeitung"/></extensionElements></userTask>
 <serviceTask id="drucken"><extensionElements>
  <zeebe:taskDefinition type="schwarm:print"/><zeebe:taskHeaders>
  <zeebe:header key="document" value="bescheid"/></zeebe:taskHeaders>
 </extensionElements></serviceTask>
 <serviceTask id="melden"><extensionElements>
  <zeebe:taskDefinition type="schwarm:message"/><zeebe:taskHeaders>
  <zeebe:header key="message" value="bescheid_da"/></zeebe:taskHeaders>
 </extensionElements></serviceTask>
 <endEvent id="end"/>
 <sequenceFlow id="f1" sourceRef="start" targetRef="pruefen"/>
 <sequenceFlow id="f2" sourceRef="pruefen" targetRef="drucken"/>
 <sequenceFlow id="f3" sourceRef="drucken" targetRef="melden"/>
 <sequenceFlow id="f4" sourceRef="melden" targetRef="end"/>
</process>
<process id="frist" isExecutable="true">
 <startEvent id="s"/>
 <intermediateCatchEvent id="frist_warten"><timerEventDefinition>
  <timeDuration>PT10M</timeDuration></timerEventDefinition></intermediateCatchEvent>
 <endEvent id="e"/>
 <sequenceFlow id="g1" sourceRef="s" targetRef="frist_warten"/>
 <sequenceFlow id="g2" sourceRef="frist_warten" targetRef="e"/>
</process>
<process id="versand" isExecutable="true">
 <startEvent id="vs"/>
 <serviceTask id="senden"><extensionElements>
  <zeebe:taskDefinition type="schwarm:test-send"/></extensionElements></serviceTask>
 <endEvent id="ve"/>
 <sequenceFlow id="h1" sourceRef="vs" targetRef="senden"/>
 <sequenceFlow id="h2" sourceRef="senden" targetRef="ve"/>
</process>
<process id="kaputt" isExecutable="true">
 <startEvent id="ks"/>
 <userTask id="vorher"/>
 <serviceTask id="fehler"><extensionElements>
  <zeebe:taskDefinition type="schwarm:test-break"/></extensionElements></serviceTask>
 <endEvent id="ke"/>
 <sequenceFlow id="k1" sourceRef="ks" targetRef="vorher"/>
 <sequenceFlow id="k2" sourceRef="vorher" targetRef="fehler"/>
 <sequenceFlow id="k3" sourceRef="fehler" targetRef="ke"/>
</process>
<process id="abruf" isExecutable="true">
 <startEvent id="as"/>
 <serviceTask id="abrufen"><extensionElements>
  <zeebe:taskDefinition type="abruf" retries="3"/><zeebe:ioMapping>
  <zeebe:input source="=1" target="nummer"/></zeebe:ioMapping><zeebe:taskHeaders>
  <zeebe:header key="register" value="melderegister"/></zeebe:taskHeaders>
 </extensionElements></serviceTask>
 <endEvent id="ae"/>
 <sequenceFlow id="a1" sourceRef="as" targetRef="abrufen"/>
 <sequenceFlow id="a2" sourceRef="abrufen" targetRef="ae"/>
</process>
<message id="m1" name="antwort"><extensionElements>
 <zeebe:subscription correlationKey="=name"/></extensionElements></message>
<message id="m2" name="neu"/>
<process id="warten" isExecutable="true">
 <startEvent id="ws"/>
 <intermediateCatchEvent id="empfangen">
  <messageEventDefinition messageRef="m1"/></intermediateCatchEvent>
 <endEvent id="we"/>
 <sequenceFlow id="w1" sourceRef="ws" targetRef="empfangen"/>
 <sequenceFlow id="w2" sourceRef="empfangen" targetRef="we"/>
</process>
<process id="zweite" isExecutable="true">
 <startEvent id="zs"/>
 <intermediateCatchEvent id="auch">
  <messageEventDefinition messageRef="m1"/></intermediateCatchEvent>
 <endEvent id="ze"/>
 <sequenceFlow id="z1" sourceRef="zs" targetRef="auch"/>
 <sequenceFlow id="z2" sourceRef="auch" targetRef="ze"/>
</process>
<process id="eingang" isExecutable="true">
 <startEvent id="es"><messageEventDefinition messageRef="m2"/></startEvent>
 <userTask id="bearbeiten"/>
 <endEvent id="ee"/>
 <sequenceFlow id="e1" sourceRef="es" targetRef="bearbeiten"/>
 <sequenceFlow id="e2" sourceRef="bearbeiten" targetRef="ee"/>
</process>
<signal id="alarm_signal" name="alarm"/>
<process id="horcher" isExecutable="true">
 <startEvent id="hs"/>
 <intermediateCatchEvent id="einmal"><signalEventDefinition signalRef="alarm_signal"/></intermediateCatchEvent>
 <intermediateCatchEvent id="nochmal"><signalEventDefinition signalRef="alarm_signal"/></intermediateCatchEvent>
 <endEvent id="he"/>
 <sequenceFlow id="o1" sourceRef="hs" targetRef="einmal"/>
 <sequenceFlow id="o2" sourceRef="einmal" targetRef="nochmal"/>
 <sequenceFlow id="o3" sourceRef="nochmal" targetRef="he"/>
</process>
<process id="alarmiert" isExecutable="true">
 <startEvent id="ls"><signalEventDefinition signalRef="alarm_signal"/></startEvent>
 <userTask id="loeschen"/>
 <endEvent id="le"/>
 <sequenceFlow id="l1" sourceRef="ls" targetRef="loeschen"/>
 <sequenceFlow id="l2" sourceRef="loeschen" targetRef="le"/>
</process>
<process id="rufer" isExecutable="true">
 <startEvent id="rs"/>
 <endEvent id="re"><signalEventDefinition signalRef="alarm_signal"/></endEvent>
 <sequenceFlow id="r1" sourceRef="rs" targetRef="re"/>
</process>
<process id="sender" isExecutable="true">
 <startEvent id="ss"/>
 <intermediateThrowEvent id="rufen">
  <messageEventDefinition messageRef="m1"/></intermediateThrowEvent>
 <endEvent id="se"/>
 <sequenceFlow id="s1" sourceRef="ss" targetRef="rufen"/>
 <sequenceFlow id="s2" sourceRef="rufen" targetRef="se"/>
</process>
</definitions>
)";

class Definitions final : public engine::ProcessProvider,
                          public engine::DecisionProvider,
                          public StartSource {
  public:
    Definitions() : all_{*this, *this, tasks_, feel::Value(), {}} {
        deploy(kModel, 1);
        tasks_.add("schwarm:test-send", [](const engine::InlineCall& call) {
            engine::InlineResult result;
            result.effects.push_back({"fax", "post", call.variables.to_context()});
            return Result<engine::InlineResult>(result);
        });
        tasks_.add("schwarm:test-break",
                   [this](const engine::InlineCall&) -> Result<engine::InlineResult> {
                       CHECK(!breaks, "a program error, on purpose");
                       return engine::InlineResult{};
                   });
    }
    const bpmn::Process* process(const engine::DefinitionKey& key) const override {
        const auto it = processes_.find(key.value());
        return it == processes_.end() ? nullptr : it->second.get();
    }
    std::optional<engine::DefinitionKey> called_process(const engine::DefinitionKey&,
                                                        std::string_view) const override {
        return std::nullopt;
    }
    Result<engine::DecisionOutcome> evaluate(const engine::DecisionCall&) const override {
        return fail(ErrorCode::not_found, "no decisions here");
    }
    std::vector<StartableProcess> current_processes(const TenantId&) const override {
        std::vector<StartableProcess> all;
        for (const auto& [id, key] : current_) {
            all.push_back({engine::DefinitionKey(key), processes_.at(key)});
            if (!two_services) continue;
            const std::string other = "land/" + id + "@1";
            if (processes_.contains(other)) {
                all.push_back({engine::DefinitionKey(other), processes_.at(other)});
            }
        }
        return all;
    }
    // Only while the runtime has nothing to do.
    void deploy(const char* model, int version) {
        auto import = bpmn::import_model(model, "test.bpmn");
        std::string problems;
        for (const auto& problem : import.problems) problems += problem.text() + "\n";
        ASSERT_TRUE(import.deployable()) << problems;
        for (const auto& process : import.model->processes()) {
            const std::string key = "amt/" + process->id + "@" + std::to_string(version);
            processes_[key] = process;
            processes_["land/" + process->id + "@" + std::to_string(version)] = process;
            current_[process->id] = key;
        }
    }
    const engine::Definitions& all() const { return all_; }

    std::atomic<bool> breaks{true};
    bool two_services = false;  // "land" offers the same processes as "amt"

  private:
    std::map<std::string, std::shared_ptr<const bpmn::Process>> processes_;
    std::map<std::string, std::string> current_;  // by process id
    engine::InlineTasks tasks_;
    engine::Definitions all_;
};

class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "schwarm-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    fs::path operator/(const char* name) const { return path_ / name; }
    const fs::path& path() const { return path_; }

    bool any_file_contains(std::string_view text) const {
        for (const auto& entry : fs::recursive_directory_iterator(path_)) {
            if (!entry.is_regular_file()) continue;
            std::ifstream in(entry.path(), std::ios::binary);
            std::stringstream all;
            all << in.rdbuf();
            if (all.str().find(text) != std::string::npos) return true;
        }
        return false;
    }

  private:
    fs::path path_;
};

inline Result<std::unique_ptr<storage::Storage>> make_sqlite(const fs::path& file) {
    return storage_sqlite::open_sqlite(file);
}

// kind: "memory", "faulty", "sqlite".
class House {
  public:
    explicit House(std::string kind)
        : kind_(std::move(kind)), node_key_(crypto::Key::random(random_)) {
        open_storage();
    }
    ~House() { close(); }

    void open() {
        Environment environment{*storage_,
                                clock,
                                random_,
                                node_key_,
                                [this](const TenantId& who) {
                                    return who == TenantId("leer")
                                               ? nullptr
                                               : std::shared_ptr<const engine::Definitions>(
                                                     std::shared_ptr<void>(), &definitions.all());
                                },
                                [](const TenantId&, const engine::CaseState& state) {
                                    std::vector<SearchTerm> terms;
                                    if (const auto* iban = state.variables.find("iban")) {
                                        terms.push_back({"iban", std::string(iban->as_string())});
                                    }
                                    return terms;
                                },
                                {},
                                handlers,
                                [this](std::string_view line) {
                                    const std::lock_guard lock(log_mutex_);
                                    log_ += std::string(line) + "\n";
                                },
                                &definitions,
                                retention,
                                under_way};
        auto opened = Runtime::open(std::move(environment), options);
        ASSERT_TRUE(opened.has_value()) << opened.error().text();
        runtime = std::move(opened.value());
    }
    void open_with_tenant() {
        open();
        ASSERT_TRUE(runtime->ensure_tenant(tenant).has_value());
    }
    void close() { runtime.reset(); }
    // As after a crash: nothing is shut down, and the file is opened again.
    void reopen() {
        close();
        if (kind_ == "sqlite") {
            storage_.reset();
            open_storage();
        }
        open();
    }

    Submission creation(const std::string& process, const std::string& name = kName,
                        const std::string& id = {}) const {
        Submission out;
        out.tenant = tenant;
        out.command.id = id;
        out.command.actor = "buergerin-17";
        engine::CreateCase create;
        create.definition = engine::DefinitionKey("amt/" + process + "@1");
        create.variables = engine::Variables{{"name", name}, {"iban", kIban}};
        out.command.body = create;
        return out;
    }
    Submission completion(CaseId id, ElementKey task) const {
        Submission out;
        out.tenant = tenant;
        out.case_id = id;
        out.command.actor = "amtmann";
        out.command.body = engine::CompleteUserTask{task, {}, false};
        return out;
    }
    Result<Reply> create(const std::string& process, const std::string& name = kName,
                         const std::string& id = {}) {
        return runtime->submit_and_wait(creation(process, name, id));
    }
    ElementKey task_of(CaseId id) const {
        const auto state = view().case_state(id);
        EXPECT_TRUE(state.has_value());
        EXPECT_EQ(state.value().user_tasks.size(), 1U);
        return state.value().user_tasks.at(0).key;
    }
    Result<Reply> complete(CaseId id) {
        return runtime->submit_and_wait(completion(id, task_of(id)));
    }
    // What waits to be printed is.
    void print(const TenantId& whose) {
        for (const PrintJob& job : runtime->read(whose)->print_queue().value()) {
            const auto printed = runtime->write_and_wait(
                whose, [&](WriteBatch& batch) { return batch.finish_print(job.id); });
            ASSERT_TRUE(printed.has_value()) << printed.error().text();
        }
    }
    void move(std::chrono::milliseconds by) {
        clock.advance(by);
        runtime->wake();
        runtime->wait_idle();
    }
    bool is_deleted(CaseId id) const { return view().case_row(id).value().deleted; }
    std::size_t row_count(Space space) const {
        std::size_t rows = 0;
        const auto reader = std::move(storage_->begin_read().value());
        EXPECT_TRUE(reader
                        ->scan(space, {},
                               [&](std::string_view, std::string_view) {
                                   ++rows;
                                   return true;
                               })
                        .has_value());
        return rows;
    }
    ReadView view() const { return std::move(runtime->read(tenant).value()); }
    std::size_t case_count() const {
        CaseFilter filter;
        filter.limit = 500;
        return view().cases(filter).value().rows.size();
    }
    void expect_verified() {
        for (const auto& result :
             {verify_chain(*storage_, tenant), verify_replay(*storage_, node_key_, tenant)}) {
            ASSERT_TRUE(result.has_value()) << result.error().text();
            for (const std::string& finding : result.value().findings) ADD_FAILURE() << finding;
        }
    }
    storage::Storage& storage() { return *storage_; }
    storage::FaultyStorage& faulty() { return *faulty_; }
    const crypto::Key& node_key() const { return node_key_; }
    std::string log() const {
        const std::lock_guard lock(log_mutex_);
        return log_;
    }

    const TenantId tenant{"leipzig"};
    MovableClock clock;
    Definitions definitions;
    Options options;
    std::map<std::string, OutboxHandler, std::less<>> handlers;
    RetentionSource retention;
    UnderWaySource under_way;
    storage::FaultPlan plan;
    Folder folder;
    std::unique_ptr<Runtime> runtime;

  private:
    void open_storage() {
        if (kind_ == "sqlite") {
            auto opened = make_sqlite(folder / "node.db");
            ASSERT_TRUE(opened.has_value()) << opened.error().text();
            storage_ = std::move(opened.value());
        } else if (kind_ == "faulty") {
            inner_ = storage::make_memory_storage();
            auto decorated = storage::make_faulty_storage(*inner_, plan);
            faulty_ = decorated.get();
            storage_ = std::move(decorated);
        } else {
            storage_ = storage::make_memory_storage();
        }
    }

    const std::string kind_;
    SystemRandom random_;
    const crypto::Key node_key_;
    std::unique_ptr<storage::Storage> inner_;
    std::unique_ptr<storage::Storage> storage_;
    storage::FaultyStorage* faulty_ = nullptr;
    mutable std::mutex log_mutex_;
    std::string log_;
};

}  // namespace schwarm::runtime::test
