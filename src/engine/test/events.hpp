// Models with signals, escalations and conditions, for the tests of events.
#pragma once

#include "world.hpp"

namespace schwarm::engine::test {

// `body` in a process "p", with everything that events of the tests refer to; `others` are
// further processes.
inline std::string events_xml(const std::string& body, const std::string& others = {}) {
    return definitions_xml(R"(<message id="Withdraw" name="withdraw"/>
<message id="Paper" name="paper"/>
<signal id="Alarm" name="alarm"/><signal id="Any" name="=name"/>
<escalation id="Late" name="late" escalationCode="late"/>
<escalation id="Later" name="later" escalationCode="=code"/>
<error id="Bad" name="bad" errorCode="bad"/><error id="Dynamic" errorCode="=code"/>
<process id="p" isExecutable="true">)" +
                           body + "</process>" + others);
}

inline const std::string kAlarm = R"(<signalEventDefinition signalRef="Alarm"/>)";
inline const std::string kLate = R"(<escalationEventDefinition escalationRef="Late"/>)";
inline const std::string kAnyEscalation = "<escalationEventDefinition/>";
inline const std::string kWithdrawal = R"(<messageEventDefinition messageRef="Withdraw"/>)";
inline const std::string kPaper = R"(<messageEventDefinition messageRef="Paper"/>)";

inline std::string condition(const std::string& expression, const std::string& filter = {}) {
    return "<conditionalEventDefinition>" +
           (filter.empty() ? std::string()
                           : "<extensionElements><zeebe:conditionalFilter variableEvents=\"" +
                                 filter + "\"/></extensionElements>") +
           "<condition>=" + expression + "</condition></conditionalEventDefinition>";
}
inline std::string caught(const std::string& id, const std::string& what) {
    return element("intermediateCatchEvent", id, "", what);
}
inline std::string thrown(const std::string& id, const std::string& what,
                          const std::string& extension = {}) {
    return element("intermediateThrowEvent", id, extension, what);
}
inline std::string border(const std::string& id, const std::string& host, const std::string& what,
                          bool interrupting = true) {
    return element(
        "boundaryEvent", id, "", what,
        "attachedToRef=\"" + host + "\"" + (interrupting ? "" : " cancelActivity=\"false\""));
}
inline std::string event_sub_process(const std::string& id, const std::string& what,
                                     const std::string& task, bool interrupting = true) {
    const std::string s = id + "_start";
    const std::string e = id + "_end";
    return element(
        "subProcess", id, "",
        element("startEvent", s, "", what, interrupting ? "" : R"(isInterrupting="false")") +
            user(task) + end(e) + flow(s, task) + flow(task, e),
        R"(triggeredByEvent="true")");
}
// start > inside > end, one after the other.
inline std::string line(const std::string& xml, const std::string& id) {
    return start() + xml + end() + flow("start", id) + flow(id, "end");
}
inline void set(World& w, Variables variables) {
    w.run(UpdateVariables{{}, std::move(variables), false});
}
// The signal reaches every subscription that is open now, as the host has it.
inline void signal(World& w, const std::string& name, const Variables& variables = {}) {
    std::vector<SubscriptionKey> reached;
    for (const auto& s : w.projection().subscriptions) {
        if (s.kind == SubscriptionKind::signal && s.message_name == name) reached.push_back(s.key);
    }
    EXPECT_FALSE(reached.empty()) << "nobody waits for " << name;
    for (const SubscriptionKey key : reached) {
        if (w.state.subscription(key) != nullptr) w.run(TriggerSubscription{key, variables});
    }
}

}  // namespace schwarm::engine::test
