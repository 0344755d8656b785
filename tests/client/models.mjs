// The files that client.mjs deploys.
const bpmn = (body) => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="test">${body}</definitions>`;
const flow = (id, from, to, more = "") => `<sequenceFlow id="${id}" sourceRef="${from}" targetRef="${to}">${more}</sequenceFlow>`;
const process = (id, body) => `<process id="${id}" name="${id} (Test)" isExecutable="true"><startEvent id="S"/>${body}</process>`;
const service = (id, type) => `<serviceTask id="${id}" name="Dienst ${id}"><extensionElements>
 <zeebe:taskDefinition type="${type}" retries="3"/><zeebe:taskHeaders><zeebe:header key="weg" value="kurz"/></zeebe:taskHeaders>
 </extensionElements></serviceTask>`;

export const files = {
    "arbeit.bpmn": bpmn(`<error id="Err" errorCode="E1"/>` + process("Arbeit",
        service("T", "zahlen") + flow("f1", "S", "T") + flow("f2", "T", "E") + `<endEvent id="E"/>
        <boundaryEvent id="B" attachedToRef="T"><errorEventDefinition errorRef="Err"/></boundaryEvent>
        <endEvent id="E2"/>` + flow("f3", "B", "E2"))),
    "aufgabe.bpmn": bpmn(process("Aufgabe", flow("f1", "S", "U") + `<userTask id="U" name="Prüfen"><extensionElements>
        <zeebe:userTask/><zeebe:formDefinition formId="pruefung"/>
        <zeebe:assignmentDefinition candidateGroups="sachbearbeitung"/>
        </extensionElements></userTask>` + flow("f2", "U", "E") + `<endEvent id="E"/>`)),
    "warten.bpmn": bpmn(`<message id="M" name="post"><extensionElements>
        <zeebe:subscription correlationKey="=nummer"/></extensionElements></message>` +
        process("Warten", flow("f1", "S", "R") + `<receiveTask id="R" messageRef="M"/>`)),
    "neu.bpmn": bpmn(`<message id="N" name="neu"/><process id="Eingang" isExecutable="true">
        <startEvent id="S"><messageEventDefinition messageRef="N"/></startEvent>
        ${service("T", "eingang")}${flow("f1", "S", "T")}</process>`),
    "signal.bpmn": bpmn(`<signal id="Si" name="los"/><process id="Signal" isExecutable="true">
        <startEvent id="S"><signalEventDefinition signalRef="Si"/></startEvent>
        ${service("T", "gestartet")}${flow("f1", "S", "T")}</process>`),
    "bedingt.bpmn": bpmn(`<process id="Bedingt" isExecutable="true"><startEvent id="S"><conditionalEventDefinition>
        <condition>=stand &gt; 5</condition></conditionalEventDefinition></startEvent></process>`),
    "regel.bpmn": bpmn(process("Regel", flow("f1", "S", "D") + `<businessRuleTask id="D"><extensionElements>
        <zeebe:calledDecision decisionId="gebuehr" resultVariable="euro"/></extensionElements></businessRuleTask>`)),
    "fehler.bpmn": bpmn(process("Fehler", flow("f1", "S", "X") + `<exclusiveGateway id="X"/>` +
        flow("f2", "X", "E", `<conditionExpression>=weiter = true</conditionExpression>`) + `<endEvent id="E"/>`)),
    "umbau.bpmn": bpmn(process("Umbau", flow("f1", "S", "A") + service("A", "a") + service("Z", "z") + flow("f2", "A", "Z"))),
    "ziel.bpmn": bpmn(process("Ziel", flow("f1", "S", "A") + service("A", "a") + service("Z2", "z") + flow("f2", "A", "Z2"))),
    "ruf.bpmn": bpmn(process("Ruf", flow("f1", "S", "C") + `<callActivity id="C"><extensionElements>
        <zeebe:calledElement processId="Arbeit" propagateAllChildVariables="true"/></extensionElements></callActivity>`)),
    "horcher.bpmn": bpmn(process("Horcher", flow("f1", "S", "U") + `<userTask id="U"><extensionElements><zeebe:userTask/>
        <zeebe:taskListeners><zeebe:taskListener eventType="completing" type="horchen"/></zeebe:taskListeners>
        </extensionElements></userTask>`)),
    "gebuehr.dmn": `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="gebuehren" name="Gebühren" namespace="test">
 <decision id="gebuehr" name="Gebühr"><decisionTable id="t" hitPolicy="UNIQUE">
 <input id="i1" label="Alter"><inputExpression typeRef="number"><text>alter</text></inputExpression></input>
 <output id="o1" name="euro" typeRef="number"/>
 <rule id="r1"><inputEntry><text>&lt; 18</text></inputEntry><outputEntry><text>0</text></outputEntry></rule>
 <rule id="r2"><inputEntry><text>&gt;= 18</text></inputEntry><outputEntry><text>30</text></outputEntry></rule>
 </decisionTable></decision></definitions>`,
    "pruefung.form": `{"id":"pruefung","type":"default","components":[],"schemaVersion":16}`,
    "notiz.txt": "Eine Notiz.",
};
