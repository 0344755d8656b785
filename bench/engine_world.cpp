#include "engine_world.hpp"

#include "schwarm/bpmn/model.hpp"
#include "schwarm/runtime/node_key.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace schwarm::bench {
namespace {

constexpr const char* kHead = R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="bench" targetNamespace="schwarm:bench">
)";

// One line a node; flows join them in the order of the list.
class ProcessText {
  public:
    explicit ProcessText(std::string id) : id_(std::move(id)) {}

    ProcessText& node(const std::string& kind, const std::string& id,
                      const std::string& extension = {}, const std::string& inner = {}) {
        text_ += "<" + kind + " id=\"" + id_ + "_" + id + "\">";
        if (!extension.empty()) {
            text_ += "<extensionElements>" + extension + "</extensionElements>";
        }
        text_ += inner + "</" + kind + ">\n";
        if (!last_.empty()) flow(last_, id);
        last_ = id;
        return *this;
    }
    ProcessText& flow(const std::string& from, const std::string& to,
                      const std::string& condition = {}) {
        text_ += "<sequenceFlow id=\"" + id_ + "_" + from + "_" + to + "\" sourceRef=\"" + id_ +
                 "_" + from + "\" targetRef=\"" + id_ + "_" + to + "\">";
        if (!condition.empty()) {
            text_ += "<conditionExpression xsi:type=\"tFormalExpression\">=" + condition +
                     "</conditionExpression>";
        }
        text_ += "</sequenceFlow>\n";
        return *this;
    }
    // The next node is not joined to the last one.
    ProcessText& apart() {
        last_.clear();
        return *this;
    }
    std::string take() const {
        return "<process id=\"" + id_ + "\" isExecutable=\"true\">\n" + text_ + "</process>\n";
    }

  private:
    std::string id_;
    std::string text_;
    std::string last_;
};

std::string job(const std::string& type) {
    return "<zeebe:taskDefinition type=\"" + type + "\"/>";
}

std::string decision(const std::string& result) {
    return "<zeebe:calledDecision decisionId=\"Einstufung\" resultVariable=\"" + result + "\"/>";
}

std::string script(const std::string& expression, const std::string& variable) {
    return "<zeebe:script expression=\"=" + expression + "\" resultVariable=\"" + variable + "\"/>";
}

std::string sizing_root() {
    return ProcessText("sizing")
        .node("startEvent", "beginn")
        .node("serviceTask", "vorbereiten", job("prepare"))
        .node("callActivity", "teile",
              "<zeebe:calledElement processId=\"sizing_child\" "
              "propagateAllChildVariables=\"false\"/>",
              "<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics "
              "inputCollection=\"=for i in 1..50 return i\" inputElement=\"nummer\"/>"
              "</extensionElements></multiInstanceLoopCharacteristics>")
        .node("serviceTask", "abschliessen", job("finish"))
        .node("endEvent", "ende")
        .take();
}

std::string sizing_child() {
    return ProcessText("sizing_child")
        .node("startEvent", "beginn")
        .node("serviceTask", "abrufen", job("fetch"))
        .node("businessRuleTask", "einstufen", decision("stufe"))
        .node("userTask", "pruefen", "<zeebe:assignmentDefinition candidateGroups=\"pruefung\"/>")
        .node("serviceTask", "ablegen", job("store"))
        .node("endEvent", "ende")
        .take();
}

std::string straight() {
    ProcessText text("straight");
    text.node("startEvent", "beginn")
        .node("scriptTask", "umfang", script("betrag * 2", "umfang"))
        .node("businessRuleTask", "einstufen", decision("stufe"))
        .node("exclusiveGateway", "weiche");
    text.apart()
        .node("scriptTask", "gross", script("stufe + &quot; gross&quot;", "text"))
        .apart()
        .node("scriptTask", "klein", script("stufe + &quot; klein&quot;", "text"))
        .apart()
        .node("exclusiveGateway", "zusammen")
        .node("task", "merken")
        .node("manualTask", "ablegen")
        .node("scriptTask", "schluss", script("umfang + 1", "schluss"))
        .node("endEvent", "ende");
    return text.flow("weiche", "gross", "umfang &gt; 1000")
        .flow("weiche", "klein", "umfang &lt;= 1000")
        .flow("gross", "zusammen")
        .flow("klein", "zusammen")
        .take();
}

std::string one_task() {
    return ProcessText("one_task")
        .node("startEvent", "beginn")
        .node("serviceTask", "arbeit", job("work"))
        .node("endEvent", "ende")
        .take();
}

}  // namespace

std::string one_task_model() {
    return kHead + one_task() + "</definitions>\n";
}

std::string engine_model() {
    return std::string(kHead) + sizing_root() + sizing_child() + one_task() + straight() +
           ProcessText("waiting")
               .node("startEvent", "beginn")
               .node("userTask", "warten")
               .node("endEvent", "ende")
               .take() +
           ProcessText("due")
               .node("startEvent", "beginn")
               .node("intermediateCatchEvent", "frist", {},
                     "<timerEventDefinition><timeDate>=due</timeDate></timerEventDefinition>")
               .node("endEvent", "ende")
               .take() +
           ProcessText("stuck")
               .node("startEvent", "beginn")
               .node("exclusiveGateway", "wohin")
               .apart()
               .node("endEvent", "ende")
               .apart()
               .node("endEvent", "nie")
               .flow("wohin", "ende", "ready = true")
               .flow("wohin", "nie", "ready = false")
               .take() +
           "</definitions>\n";
}

std::string engine_decision() {
    return R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="einstufung"
 name="Einstufung" namespace="schwarm:bench">
<inputData id="in_betrag" name="betrag"><variable name="betrag" typeRef="number"/></inputData>
<inputData id="in_art" name="art"><variable name="art" typeRef="string"/></inputData>
<decision id="Einstufung" name="Einstufung"><variable name="Einstufung" typeRef="string"/>
<informationRequirement id="r1"><requiredInput href="#in_betrag"/></informationRequirement>
<informationRequirement id="r2"><requiredInput href="#in_art"/></informationRequirement>
<decisionTable id="t" hitPolicy="FIRST">
<input id="i1"><inputExpression typeRef="number"><text>betrag</text></inputExpression></input>
<input id="i2"><inputExpression typeRef="string"><text>art</text></inputExpression></input>
<output id="o" typeRef="string"/>
<rule id="r_1"><inputEntry id="a1"><text>&lt; 100</text></inputEntry>
 <inputEntry id="b1"><text>-</text></inputEntry>
 <outputEntry id="c1"><text>"gering"</text></outputEntry></rule>
<rule id="r_2"><inputEntry id="a2"><text>[100..1000)</text></inputEntry>
 <inputEntry id="b2"><text>"eilig"</text></inputEntry>
 <outputEntry id="c2"><text>"hoch"</text></outputEntry></rule>
<rule id="r_3"><inputEntry id="a3"><text>[100..1000)</text></inputEntry>
 <inputEntry id="b3"><text>-</text></inputEntry>
 <outputEntry id="c3"><text>"mittel"</text></outputEntry></rule>
<rule id="r_4"><inputEntry id="a4"><text>&gt;= 1000</text></inputEntry>
 <inputEntry id="b4"><text>"eilig"</text></inputEntry>
 <outputEntry id="c4"><text>"sehr hoch"</text></outputEntry></rule>
<rule id="r_5"><inputEntry id="a5"><text>-</text></inputEntry>
 <inputEntry id="b5"><text>-</text></inputEntry>
 <outputEntry id="c5"><text>"hoch"</text></outputEntry></rule>
</decisionTable></decision></definitions>
)";
}

EngineModels::EngineModels(dmn::Program program)
    : program_(std::move(program)), definitions_{*this, *this, tasks_, feel::Value(), {}} {}

Result<std::unique_ptr<EngineModels>> EngineModels::load() {
    SCHWARM_TRY(program, dmn::Program::load({"einstufung.dmn", engine_decision()}));
    std::unique_ptr<EngineModels> out(new EngineModels(std::move(program)));
    SCHWARM_TRY(decision, out->program_.find("Einstufung"));
    out->decision_ = decision;
    const auto import = bpmn::import_model(engine_model(), "bench.bpmn");
    if (!import.deployable()) {
        return fail(ErrorCode::internal,
                    "the benchmark's model cannot be deployed: " + import.problems.front().text());
    }
    for (const auto& process : import.model->processes()) {
        out->processes_.emplace(key(process->id).value(), process);
    }
    return out;
}

engine::DefinitionKey EngineModels::key(std::string_view process) {
    return engine::DefinitionKey("bench/" + std::string(process));
}

const bpmn::Process* EngineModels::process(const engine::DefinitionKey& key) const {
    const auto found = processes_.find(key.value());
    return found == processes_.end() ? nullptr : found->second.get();
}

std::optional<engine::DefinitionKey> EngineModels::called_process(
    const engine::DefinitionKey&, std::string_view process_id) const {
    if (processes_.contains(key(process_id).value())) return key(process_id);
    return std::nullopt;
}

Result<engine::DecisionOutcome> EngineModels::evaluate(const engine::DecisionCall& call) const {
    static const feel::Key betrag("betrag");
    static const feel::Key art("art");
    feel::ContextBuilder inputs;
    for (const feel::Key* name : {&betrag, &art}) {
        if (const auto* value = call.variables.find(*name)) inputs.append(*name, *value);
    }
    engine::DecisionOutcome outcome;
    outcome.inputs = inputs.build();
    outcome.output = program_.evaluate(decision_, outcome.inputs).value;
    outcome.version = program_.fingerprint();
    return outcome;
}

Result<std::unique_ptr<EngineNode>> EngineNode::open(const std::filesystem::path& folder,
                                                     const EngineModels& models) {
    std::unique_ptr<EngineNode> out(new EngineNode);
    SCHWARM_TRY(storage, storage_sqlite::open_sqlite(folder / "schwarm.db"));
    out->storage_ = std::move(storage);
    SCHWARM_TRY(key, runtime::load_or_create_node_key(folder / "node.key", out->random_));
    const auto* definitions = &models.definitions();
    runtime::Environment environment{
        .storage = *out->storage_,
        .clock = out->clock_,
        .random = out->random_,
        .node_key = key,
        .definitions =
            [definitions](const TenantId&) {
                return std::shared_ptr<const engine::Definitions>(std::shared_ptr<void>(),
                                                                  definitions);
            },
    };
    SCHWARM_TRY(opened, runtime::Runtime::open(std::move(environment)));
    out->runtime_ = std::move(opened);
    SCHWARM_TRY_VOID(out->runtime_->ensure_tenant(tenant()));
    return out;
}

Instant ShiftedClock::now() const {
    return clock_.now() + std::chrono::milliseconds(shift_);
}

runtime::Submission creation(std::string_view process, engine::Variables variables) {
    engine::CreateCase create;
    create.definition = EngineModels::key(process);
    create.variables = std::move(variables);
    runtime::Submission out;
    out.tenant = EngineNode::tenant();
    out.command.actor = "bench";
    out.command.body = std::move(create);
    return out;
}

const TenantId& EngineNode::tenant() {
    static const TenantId tenant("leipzig");
    return tenant;
}

engine::Variables sizing_variables() {
    feel::Value::List evidence;
    for (int i = 0; i < 48; ++i) {
        evidence.push_back(feel::Value::context(
            {{"nummer", feel::Value(static_cast<std::int64_t>(i))},
             {"bezeichnung", feel::Value("Nachweis über Einkünfte, Blatt " + std::to_string(i))},
             {"quelle", feel::Value("Melderegister der Stadt, Auszug vom 2026-03-14")},
             {"pruefsumme", feel::Value(std::string(64, static_cast<char>('a' + i % 16)))},
             {"gueltig", feel::Value(true)}}));
    }
    engine::Variables out;
    out.set("betrag", feel::Value(static_cast<std::int64_t>(480)));
    out.set("art", feel::Value("eilig"));
    out.set("nachweise", feel::Value::list(std::move(evidence)));
    return out;
}

}  // namespace schwarm::bench
