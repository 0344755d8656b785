// Random models for tests: block-structured, with every element that is executed.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "events.hpp"

namespace schwarm::engine::test {

// Block-structured models: every block has one way in and one way out.
class Generator {
  public:
    explicit Generator(unsigned seed) : random_(seed) {}

    std::string model() {
        const std::string body = scope(3);
        calls_ = false;
        const std::string child =
            "<process id=\"child\" isExecutable=\"true\">" + scope(1) + "</process>";
        std::string xml = process_xml(body);
        xml.insert(xml.rfind("</definitions>"), child);
        xml.insert(xml.find("<process "), R"(<signal id="Alarm" name="alarm"/>
            <escalation id="Late" escalationCode="late"/>)");
        return xml;
    }
    int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  private:
    struct Block {
        std::string xml;
        std::string first;
        std::string last;
    };

    std::string id(const char* prefix) { return prefix + std::to_string(++ids_); }

    std::string scope(int depth) {
        const std::string s = id("s");
        const std::string e = id("e");
        const Block inside = sequence(depth);
        std::string xml =
            start(s) + inside.xml + end(e) + flow(s, inside.first) + flow(inside.last, e);
        if (pick(3) == 0) xml += event_sub_process();
        return xml;
    }

    std::string event_sub_process() {
        const std::string s = id("es");
        const std::string t = id("et");
        const std::string e = id("ee");
        const bool interrupting = pick(2) == 0;
        const int kind = pick(7);
        const std::string event = kind == 0   ? R"(<messageEventDefinition messageRef="Withdraw"/>)"
                                  : kind == 1 ? timer("timeDuration", "PT5M")
                                  : kind == 2 ? R"(<errorEventDefinition errorRef="Bad"/>)"
                                  : kind == 3 ? kAlarm
                                  : kind == 4 ? kLate
                                  : kind == 5 ? test::condition("n = 4")
                                              : kAlarm + test::condition("n = 3");
        return element("subProcess", id("esp"), "",
                       element("startEvent", s, "", event,
                               interrupting || kind == 2 ? "" : R"(isInterrupting="false")") +
                           user(t) + end(e) + flow(s, t) + flow(t, e),
                       R"(triggeredByEvent="true")");
    }

    Block sequence(int depth) {
        Block out = block(depth);
        for (int i = pick(3); i > 0; --i) {
            const Block next = block(depth);
            out.xml += next.xml + flow(out.last, next.first);
            out.last = next.last;
        }
        return out;
    }

    Block block(int depth) {
        if (depth <= 0) return task();
        switch (pick(14)) {
            case 0:
                return split("exclusiveGateway", depth);
            case 1:
                return split("parallelGateway", depth);
            case 2:
                return split("inclusiveGateway", depth);
            case 3:
                return sub_process(depth);
            case 4:
                return events();
            case 5:
                return loop(depth);
            case 6:
                return multi_instance();
            case 7:
                return compensation(depth);
            case 8:
                return transaction(depth);
            case 9:
                return ad_hoc();
            case 10:
                return complex(depth);
            case 11:
                return listened();
            default:
                return task();
        }
    }

    // Something is thrown or waited for, or a link is followed.
    Block event() {
        const std::string t = id("t");
        switch (pick(7)) {
            case 0:
                return {element("intermediateThrowEvent", t, "", kAlarm), t, t};
            case 1:
                return {element("intermediateThrowEvent", t, "", kLate), t, t};
            case 2:
                return {element("intermediateThrowEvent", t, "", kLate + kAlarm), t, t};
            case 3:
                return {element("intermediateCatchEvent", t, "", kAlarm), t, t};
            case 4:
                return {element("intermediateCatchEvent", t, "",
                                test::condition("n != 2") + timer("timeDuration", "PT6M")),
                        t, t};
            case 5:
                return {
                    element("intermediateCatchEvent", t, "", kAlarm + timer("timeDuration", "PT2M"),
                            R"(parallelMultiple="true")"),
                    t, t};
            default: {
                const std::string c = id("l");
                const std::string link = "<linkEventDefinition name=\"" + c + "\"/>";
                return {element("intermediateThrowEvent", t, "", link) +
                            element("intermediateCatchEvent", c, "", link),
                        t, c};
            }
        }
    }

    // An ad-hoc subprocess needs activities.
    Block activity() {
        const std::string t = id("t");
        switch (pick(3)) {
            case 0:
                return {user(t), t, t};
            case 1:
                return {job(t), t, t};
            default:
                return {script(t, "n + 1", "n"), t, t};
        }
    }

    Block task() {
        const std::string t = id("t");
        switch (pick(9)) {
            case 7:
            case 8:
                return event();
            case 0:
                return {user(t), t, t};
            case 1:
                return {job(t), t, t};
            case 2:
                return {script(t, "n + 1", "n"), t, t};
            case 3:
                return {element("task", t), t, t};
            case 4:
                return {element("intermediateCatchEvent", t, "", timer("timeDuration", "PT1M")), t,
                        t};
            case 5:
                if (!calls_) return {element("task", t), t, t};
                return {element("callActivity", t, R"(<zeebe:calledElement processId="child"/>)"),
                        t, t};
            default:
                return {job(t, "schwarm:message",
                            R"(<zeebe:taskHeaders><zeebe:header key="message" value="m"/>
                                 </zeebe:taskHeaders>)"),
                        t, t};
        }
    }

    std::string condition() {
        switch (pick(4)) {
            case 0:
                return "n > " + std::to_string(pick(4));
            case 1:
                return "flag";
            case 2:
                return "n = 1";
            default:
                return "true";
        }
    }

    Block split(const std::string& gateway, int depth) {
        const std::string open = id("g");
        const std::string close = id("g");
        std::string xml;
        std::string default_flow;
        const bool decides = gateway != "parallelGateway";
        for (int i = 0, n = 2 + pick(2); i < n; ++i) {
            const Block branch = sequence(depth - 1);
            const bool is_default = decides && i == 0 && pick(4) != 0;
            if (is_default) default_flow = "default=\"" + open + "_" + branch.first + "\"";
            xml += branch.xml +
                   flow(open, branch.first, decides && !is_default ? condition() : "") +
                   flow(branch.last, close);
        }
        xml += element(gateway, open, "", "", default_flow) + element(gateway, close);
        return {xml, open, close};
    }

    Block sub_process(int depth) {
        const std::string s = id("sub");
        const std::string merge = id("g");
        std::string xml = element("subProcess", s, "", scope(depth - 1)) +
                          element("exclusiveGateway", merge) + flow(s, merge);
        if (pick(2) == 0) {
            const std::string b = id("b");
            xml += element("boundaryEvent", b, "",
                           pick(2) == 0 ? timer("timeDuration", "PT3M") : "<errorEventDefinition/>",
                           "attachedToRef=\"" + s + "\"") +
                   flow(b, merge);
        }
        if (pick(2) == 0) {
            const std::string b = id("b");
            xml += element("boundaryEvent", b, "",
                           pick(2) == 0 ? "<escalationEventDefinition/>" : test::condition("n = 3"),
                           "attachedToRef=\"" + s + "\"") +
                   flow(b, merge);
        }
        if (pick(3) == 0) {
            const std::string b = id("b");
            const std::string e = id("e");
            const int kind = pick(4);
            const std::string event = kind == 0   ? kAlarm
                                      : kind == 1 ? kLate
                                      : kind == 2 ? test::condition("n > 1")
                                                  : timer("timeCycle", "R2/PT2M");
            xml += element("boundaryEvent", b, "", event,
                           "attachedToRef=\"" + s + "\" cancelActivity=\"false\"") +
                   end(e) + flow(b, e);
        }
        return {xml, s, merge};
    }

    Block events() {
        const std::string g = id("g");
        const std::string a = id("c");
        const std::string b = id("c");
        const std::string merge = id("g");
        return {element("eventBasedGateway", g) +
                    element("intermediateCatchEvent", a, "",
                            R"(<messageEventDefinition messageRef="Withdraw"/>)") +
                    element("intermediateCatchEvent", b, "", timer("timeDuration", "PT4M")) +
                    element("exclusiveGateway", merge) + flow(g, a) + flow(g, b) + flow(a, merge) +
                    flow(b, merge),
                g, merge};
    }

    Block loop(int depth) {
        const std::string merge = id("g");
        const std::string count = id("t");
        const std::string split = id("g");
        const Block inside = sequence(depth - 1);
        return {element("exclusiveGateway", merge) + inside.xml + script(count, "n + 1", "n") +
                    element("exclusiveGateway", split, "", "",
                            "default=\"" + split + "_" + split + "x\"") +
                    element("task", split + "x") + flow(merge, inside.first) +
                    flow(inside.last, count) + flow(count, split) + flow(split, merge, "n &lt; 3") +
                    flow(split, split + "x"),
                merge, split + "x"};
    }

    Block multi_instance() {
        const std::string t = id("m");
        return {element("serviceTask", t, R"(<zeebe:taskDefinition type="w"/>)",
                        std::string("<multiInstanceLoopCharacteristics isSequential=\"") +
                            (pick(2) == 0 ? "true" : "false") +
                            R"("><extensionElements><zeebe:loopCharacteristics
                            inputCollection="=[1, 2, 3]" inputElement="i" outputCollection="out"
                            outputElement="=i * 2"/></extensionElements>
                            </multiInstanceLoopCharacteristics>)"),
                t, t};
    }

    // A completed activity, or a subprocess with one in it, and then a throw event.
    Block compensation(int depth) {
        const Block inside = pick(2) == 0 ? task() : Block();
        const std::string t = id("ct");
        const std::string b = id("cb");
        const std::string h = id("ch");
        const std::string c = id("cc");
        std::string handler = job(h);
        handler.insert(handler.find(" id="), R"( isForCompensation="true")");
        const std::string activity =
            pick(2) == 0 ? element("subProcess", t, "", scope(depth - 1)) : user(t);
        std::string xml = activity + handler +
                          element("boundaryEvent", b, "", "<compensateEventDefinition/>",
                                  "attachedToRef=\"" + t + "\"") +
                          "<association id=\"" + id("as") + "\" sourceRef=\"" + b +
                          "\" targetRef=\"" + h + "\"/>" +
                          element("intermediateThrowEvent", c, "",
                                  std::string("<compensateEventDefinition waitForCompletion=\"") +
                                      (pick(2) == 0 ? "true" : "false") + "\"/>");
        if (inside.xml.empty()) return {xml + flow(t, c), t, c};
        return {xml + inside.xml + flow(t, inside.first) + flow(inside.last, c), t, c};
    }

    Block transaction(int depth) {
        const std::string tx = id("tx");
        const std::string s = id("s");
        const std::string e = id("e");
        const std::string cancel = id("e");
        const std::string split = id("g");
        const std::string b = id("b");
        const std::string merge = id("g");
        const Block inside = compensation(depth - 1);
        const std::string in =
            start(s) + inside.xml +
            element("exclusiveGateway", split, "", "", "default=\"" + split + "_" + e + "\"") +
            end(e) + element("endEvent", cancel, "", "<cancelEventDefinition/>") +
            flow(s, inside.first) + flow(inside.last, split) + flow(split, e) +
            flow(split, cancel, condition());
        return {element("transaction", tx, "", in) +
                    element("boundaryEvent", b, "", "<cancelEventDefinition/>",
                            "attachedToRef=\"" + tx + "\"") +
                    element("exclusiveGateway", merge) + flow(tx, merge) + flow(b, merge),
                tx, merge};
    }

    Block ad_hoc() {
        const std::string a = id("ah");
        const Block one = activity();
        const Block two = activity();
        const std::string wanted = "=[&quot;" + one.first + "&quot;,&quot;" + two.first + "&quot;]";
        return {element("adHocSubProcess", a,
                        "<zeebe:adHoc activeElementsCollection=\"" + wanted +
                            "\" outputCollection=\"ah\" outputElement=\"=n\"/>",
                        one.xml + two.xml, pick(2) == 0 ? R"(ordering="Sequential")" : ""),
                a, a};
    }

    Block complex(int depth) {
        const std::string open = id("g");
        const std::string close = id("g");
        std::string xml;
        for (int i = 0; i < 3; ++i) {
            const Block branch = sequence(depth - 1);
            xml += branch.xml + flow(open, branch.first) + flow(branch.last, close);
        }
        xml += element("parallelGateway", open) +
               element("complexGateway", close, "",
                       "<activationCondition>=activationCount >= " + std::to_string(1 + pick(3)) +
                           "</activationCondition>");
        return {xml, open, close};
    }

    Block listened() {
        const std::string t = id("lt");
        const std::string both =
            R"(<zeebe:executionListeners><zeebe:executionListener eventType="start" type="ls"/>
               <zeebe:executionListener eventType="end" type="le"/></zeebe:executionListeners>)";
        if (pick(2) == 0) return {user(t, both), t, t};
        if (pick(2) == 0) {
            const char* events[] = {"creating", "assigning", "updating", "completing"};
            std::string listeners;
            for (const char* e : events) {
                if (pick(2) == 0) continue;
                listeners +=
                    std::string("<zeebe:taskListener eventType=\"") + e + "\" type=\"tl\"/>";
            }
            if (!listeners.empty()) {
                listeners = "<zeebe:taskListeners>" + listeners + "</zeebe:taskListeners>";
            }
            return {user(t, R"(<zeebe:assignmentDefinition assignee="anna"/>)" + listeners), t, t};
        }
        return {element("serviceTask", t, "<zeebe:taskDefinition type=\"w\"/>" + both,
                        R"(<standardLoopCharacteristics loopMaximum="2"/>)"),
                t, t};
    }

    std::mt19937 random_;
    int ids_ = 0;
    bool calls_ = true;  // the called process calls nobody
};

}  // namespace schwarm::engine::test
