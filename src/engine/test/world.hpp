// A host for tests: deploys models given as text, decides commands one after another and checks
// after each that the events give the same state as the decision, that both survive their
// encoding, and that the next command works on the decoded state (a restart after each step).
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "schwarm/bpmn/model.hpp"
#include "schwarm/engine/engine.hpp"

namespace schwarm::engine::test {

inline std::string definitions_xml(const std::string& body) {
    return R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
)" + body + "\n</definitions>\n";
}

// `body` in a process "p", with the messages and errors that tests use.
inline std::string process_xml(const std::string& body) {
    return definitions_xml(R"(<message id="Withdraw" name="withdraw"/>
<message id="Paper" name="paper"><extensionElements>
 <zeebe:subscription correlationKey="=nr"/></extensionElements></message>
<error id="Bad" name="bad" errorCode="bad"/><error id="Worse" name="worse" errorCode="worse"/>
<process id="p" isExecutable="true">)" +
                           body + "</process>");
}

inline std::string flow(const std::string& from, const std::string& to,
                        const std::string& condition = {}) {
    const std::string head = "<sequenceFlow id=\"" + from + "_" + to + "\" sourceRef=\"" + from +
                             "\" targetRef=\"" + to + "\"";
    if (condition.empty()) return head + "/>\n";
    return head + "><conditionExpression>=" + condition + "</conditionExpression></sequenceFlow>\n";
}

inline std::string element(const std::string& name, const std::string& id,
                           const std::string& extension = {}, const std::string& inner = {},
                           const std::string& attributes = {}) {
    std::string out = "<" + name + " id=\"" + id + "\" " + attributes + ">";
    if (!extension.empty()) out += "<extensionElements>" + extension + "</extensionElements>";
    return out + inner + "</" + name + ">\n";
}
inline std::string start(const std::string& id = "start") {
    return element("startEvent", id);
}
inline std::string end(const std::string& id = "end") {
    return element("endEvent", id);
}
inline std::string user(const std::string& id, const std::string& extension = {}) {
    return element("userTask", id, extension);
}
inline std::string job(const std::string& id, const std::string& type = "work",
                       const std::string& extension = {}) {
    return element("serviceTask", id, "<zeebe:taskDefinition type=\"" + type + "\"/>" + extension);
}
inline std::string script(const std::string& id, const std::string& expression,
                          const std::string& variable) {
    return element(
        "scriptTask", id,
        "<zeebe:script expression=\"=" + expression + "\" resultVariable=\"" + variable + "\"/>");
}
inline std::string timer(const std::string& kind, const std::string& text) {
    return "<timerEventDefinition><" + kind + ">" + text + "</" + kind + "></timerEventDefinition>";
}

class World : public ProcessProvider, public DecisionProvider {
  public:
    World();
    ~World() override;

    // Deploys every executable process of the text under its id.
    void deploy(const std::string& xml);

    const bpmn::Process* process(const DefinitionKey& key) const override {
        const auto found = processes_.find(key.value());
        return found == processes_.end() ? nullptr : found->second.get();
    }
    std::optional<DefinitionKey> called_process(const DefinitionKey&,
                                                std::string_view id) const override {
        if (!processes_.contains(std::string(id))) return std::nullopt;
        return DefinitionKey(std::string(id));
    }
    Result<DecisionOutcome> evaluate(const DecisionCall& call) const override {
        const auto found = decisions.find(std::string(call.decision_id));
        if (found == decisions.end()) return fail(ErrorCode::not_found, "no such decision");
        return found->second(call);
    }

    Result<Decision> try_run(CommandBody body, std::string id = {});

    // Decides and takes over the state after all checks.
    void run(CommandBody body);
    void accept(const Decision& decision);

    void create(Variables variables = {}, const std::string& process_id = "p") {
        CreateCase c;
        c.case_id = CaseId(7);
        c.tenant = TenantId("leipzig");
        c.definition = DefinitionKey(process_id);
        c.variables = std::move(variables);
        run(c);
    }
    // The open user task or job of an element, by its id.
    ElementKey task(const std::string& id) {
        for (const auto& t : projection().user_tasks) {
            if (t.element_id == id) return t.key;
        }
        ADD_FAILURE() << "no task " << id << "\n" << history_text();
        return {};
    }
    JobKey job_of(const std::string& id) {
        for (const auto& j : projection().jobs) {
            if (j.element_id == id) return j.key;
        }
        ADD_FAILURE() << "no job " << id << "\n" << history_text();
        return {};
    }
    void complete_task(const std::string& id, Variables variables = {}) {
        run(CompleteUserTask{task(id), std::move(variables), false});
    }
    void complete_job(const std::string& id, Variables variables = {}) {
        run(CompleteJob{job_of(id), std::move(variables)});
    }
    void throw_error(const std::string& id, const std::string& code) {
        run(ThrowError{job_of(id), code, "", {}});
    }
    void message(const std::string& name, Variables variables = {}) {
        run(CorrelateMessage{name, std::nullopt, std::move(variables)});
    }
    // Moves the clock to the timer of the element and lets it fire.
    void fire_timer(const std::string& id) {
        for (const auto& t : projection().timers) {
            if (t.element_id != id) continue;
            now = std::max(now, t.due);
            run(TriggerTimer{t.key});
            return;
        }
        ADD_FAILURE() << "no timer " << id << "\n" << history_text();
    }

    Projection projection() const;
    std::string path() const;
    std::string open_tasks() const {
        std::string out;
        for (const auto& t : projection().user_tasks) {
            out += (out.empty() ? "" : " ") + t.element_id;
        }
        return out;
    }
    feel::Value variable(const std::string& name) const {
        const feel::Value* found = state.variables.find(name);
        return found == nullptr ? feel::Value() : *found;
    }
    std::string history_text() const;
    Definitions& definitions() { return definitions_; }

    Instant now{std::chrono::milliseconds(1'767'225'600'000)};  // 2026-01-01
    std::string actor = "anna";
    CaseState state;
    std::vector<Event> history;
    std::vector<Effect> effects;
    InlineTasks inline_tasks;
    std::map<std::string, std::function<Result<DecisionOutcome>(const DecisionCall&)>> decisions;

  private:
    std::map<std::string, std::shared_ptr<const bpmn::Process>> processes_;
    Definitions definitions_;
    int commands_ = 0;
};

}  // namespace schwarm::engine::test
