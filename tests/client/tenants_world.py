"""One of each thing that /v2 has, in one tenant, and how each route and body of /v2 would name it."""
import time


def _bpmn(body):
    return ('<?xml version="1.0" encoding="UTF-8"?><definitions '
            'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
            'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="test">' + body + "</definitions>")


def _process(name, first, body="", more=""):
    return (f'{more}<process id="{name}" isExecutable="true"><startEvent id="S"/>{body}'
            f'<sequenceFlow id="f1" sourceRef="S" targetRef="{first}"/></process>')


def _service(name, type_):
    return (f'<serviceTask id="{name}"><extensionElements><zeebe:taskDefinition type="{type_}"/>'
            "</extensionElements></serviceTask>")


FILES = {
    "arbeit.bpmn": _bpmn(_process("Arbeit", "T", _service("T", "fremd"))),
    "ziel.bpmn": _bpmn(_process("Ziel", "T", _service("T", "fremd"))),
    "ende.bpmn": _bpmn(_process("Ende", "E", '<endEvent id="E"/>')),
    "aufgabe.bpmn": _bpmn(_process("Aufgabe", "U", '<userTask id="U"><extensionElements><zeebe:userTask/>'
                                   '<zeebe:formDefinition formId="blatt"/></extensionElements></userTask>')),
    "warten.bpmn": _bpmn(_process("Warten", "R", '<receiveTask id="R" messageRef="M"/>',
                                  '<message id="M" name="fremd-post"><extensionElements><zeebe:subscription '
                                  'correlationKey="=nummer"/></extensionElements></message>')),
    "regel.bpmn": _bpmn(_process("Regel", "D", '<businessRuleTask id="D"><extensionElements>'
                                 '<zeebe:calledDecision decisionId="gebuehr" resultVariable="euro"/>'
                                 "</extensionElements></businessRuleTask>")),
    "fehler.bpmn": _bpmn(_process("Fehler", "X", '<exclusiveGateway id="X"/><sequenceFlow id="f2" sourceRef="X" '
                                  'targetRef="E"><conditionExpression>=weiter = true</conditionExpression>'
                                  '</sequenceFlow><endEvent id="E"/>')),
    "auswahl.bpmn": _bpmn(_process("Auswahl", "A", f'<adHocSubProcess id="A">{_service("W", "wahl")}'
                                   "</adHocSubProcess>")),
    "bedingt.bpmn": _bpmn('<process id="Bedingt" isExecutable="true"><startEvent id="S"><conditionalEventDefinition>'
                          "<condition>=stand &gt; 5</condition></conditionalEventDefinition></startEvent></process>"),
    "gebuehr.dmn": '<?xml version="1.0" encoding="UTF-8"?><definitions '
                   'xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="gebuehren" name="Gebühren" '
                   'namespace="test"><decision id="gebuehr" name="Gebühr"><variable name="gebuehr"/>'
                   "<literalExpression><text>alter * 2</text></literalExpression></decision></definitions>",
    "blatt.form": '{"id":"blatt","type":"default","components":[],"schemaVersion":16}',
    "notiz.txt": "Eine Notiz.",
}


class Things:
    def __init__(self):
        self.by_path = {}      # operation: (key in the path, body)
        self.by_body = {}      # (operation, member): (statuses, path, foreign key, body of a key), or None
        self.by_tenant = {}    # operation: (body of a tenant, whether it is multipart)
        self.by_name = []      # (status, method, path, body) that name something foreign by its id
        self.opaque_keys = {}  # keys in bodies whose schema the document leaves open
        self.job_types = ["fremd", "wahl"]
        # They name nothing of a tenant.
        self.plain = {"getTopology", "getStatus", "getLicense", "getAuthentication", "pinClock", "resetClock",
                      "evaluateExpression", "createDocument", "createDocuments"}
        # What the owner gets where the thing is not in the state for it: the batch has ended.
        self.owner_gets = {"suspendBatchOperation": 409, "resumeBatchOperation": 409, "cancelBatchOperation": 409}


class _Owner:
    """Makes things in the owner's name."""

    def __init__(self, client):
        self.client = client

    def deploy(self, files):
        return self.client.made("POST", "/deployments",
                                multipart=[("resources", name, text) for name, text in files.items()])

    def start(self, process, variables=None):
        return self.client.made("POST", "/process-instances", {
            "processDefinitionId": process, "variables": variables or {}})["processInstanceKey"]

    def one(self, what, instance, key):
        found = self.client.made("POST", f"/{what}/search", {"filter": {"processInstanceKey": instance}})
        return found["items"][0][key]

    def job(self):
        return self.one("jobs", self.start("Arbeit"), "jobKey")

    def task(self):
        return self.one("user-tasks", self.start("Aufgabe"), "userTaskKey")

    def incident(self):
        return self.one("incidents", self.start("Fehler", {"weiter": False}), "incidentKey")

    def batch(self, instance):
        key = self.client.made("POST", "/process-instances/incident-resolution",
                               {"filter": {"processInstanceKey": instance}})["batchOperationKey"]
        for _ in range(1000):
            if self.client.made("GET", f"/batch-operations/{key}")["state"] == "COMPLETED":
                return key
            time.sleep(0.01)
        raise AssertionError("the batch does not end")


def _deployed(owner):
    """{name of the key: key}, of processes with the id before it."""
    out = {}
    for one in owner.deploy(FILES)["deployments"]:
        for thing in filter(None, one.values()):
            for name in thing:
                if name.endswith("Key"):
                    out[thing.get("processDefinitionId", "") + name] = thing[name]
    return out


def _paths(things, owner, keys):
    arbeit = keys["ArbeitprocessDefinitionKey"]
    instance = owner.start("Arbeit", {"name": "Anna"})
    ended = owner.start("Ende")
    regel = owner.start("Regel", {"alter": 20})
    owner.start("Warten", {"nummer": "1"})
    owner.client.made("POST", "/messages/correlation", {"name": "fremd-post", "correlationKey": "1"})
    owner.start("Warten", {"nummer": "2"})
    element = owner.one("element-instances", owner.start("Aufgabe"), "elementInstanceKey")
    choice = owner.client.made("POST", "/element-instances/search", {"filter": {
        "processInstanceKey": owner.start("Auswahl"), "elementId": "A"}})["items"][0]["elementInstanceKey"]
    document = owner.client.made("POST", "/documents", multipart=[("file", "n.txt", "Notiz")])["documentId"]
    batch = owner.batch(owner.start("Fehler", {"weiter": False}))
    spare = owner.deploy({"spare.txt": "weg"})["deployments"][0]["resource"]["resourceKey"]
    by = things.by_path
    by["getTenant"] = (keys["tenant"], None)
    for id_ in ("getProcessDefinition", "getProcessDefinitionXML"):
        by[id_] = (arbeit, None)
    by["getStartProcessForm"] = (arbeit, None)
    by["getProcessDefinitionStatistics"] = (arbeit, {})
    for id_ in ("getDecisionDefinition", "getDecisionDefinitionXML"):
        by[id_] = (keys["decisionDefinitionKey"], None)
    for id_ in ("getDecisionRequirements", "getDecisionRequirementsXML"):
        by[id_] = (keys["decisionRequirementsKey"], None)
    by["getForm"] = (keys["formKey"], None)
    for id_ in ("getResource", "getResourceContent", "getResourceContentBinary"):
        by[id_] = (keys["resourceKey"], None)
    by["deleteResource"] = (spare, {})
    for id_ in ("getDocument", "deleteDocument"):
        by[id_] = (document, None)
    by["getDecisionInstance"] = (owner.one("decision-instances", regel, "decisionEvaluationInstanceKey"), None)
    for id_ in ("getProcessInstance", "getProcessInstanceCallHierarchy", "getProcessInstanceStatistics",
                "getProcessInstanceSequenceFlows"):
        by[id_] = (instance, None)
    by["searchProcessInstanceIncidents"] = (owner.start("Fehler", {"weiter": False}), {})
    by["getElementInstance"] = (element, None)
    by["createElementInstanceVariables"] = (instance, {"variables": {"a": 1}})
    by["activateAdHocSubProcessActivities"] = (choice, {"elements": [{"elementId": "W"}]})
    by["getVariable"] = (owner.one("variables", instance, "variableKey"), None)
    by["getIncident"] = (owner.incident(), None)
    by["resolveIncident"] = (owner.incident(), {})
    by["resolveProcessInstanceIncidents"] = (owner.start("Fehler", {"weiter": False}), None)
    by["completeJob"] = (owner.job(), {})
    by["failJob"] = (owner.job(), {"retries": 1})
    by["throwJobError"] = (owner.job(), {"errorCode": "X"})
    by["updateJob"] = (owner.job(), {"changeset": {"retries": 5}})
    by["completeUserTask"] = (owner.task(), {})
    by["assignUserTask"] = (owner.task(), {"assignee": "anna"})
    assigned = owner.task()
    owner.client.made("POST", f"/user-tasks/{assigned}/assignment", {"assignee": "ute"})
    by["unassignUserTask"] = (assigned, None)
    by["updateUserTask"] = (owner.task(), {"changeset": {"priority": 60}})
    by["getUserTask"] = by["getUserTaskForm"] = (owner.task(), None)
    by["searchUserTaskVariables"] = (owner.task(), {})
    by["cancelProcessInstance"] = (owner.start("Arbeit"), {})
    by["modifyProcessInstance"] = (owner.start("Arbeit"), {"activateInstructions": [{"elementId": "T"}]})
    by["migrateProcessInstance"] = (owner.start("Arbeit"), {
        "targetProcessDefinitionKey": keys["ZielprocessDefinitionKey"],
        "mappingInstructions": [{"sourceElementId": "T", "targetElementId": "T"}]})
    by["deleteProcessInstance"] = (ended, {})
    for id_ in ("getBatchOperation", "suspendBatchOperation", "resumeBatchOperation", "cancelBatchOperation"):
        by[id_] = (batch, None)
    return instance, element


def _bodies(things, keys, instance, element, own):
    """own: an instance of the stranger, named in the path."""
    def put(operation, member, statuses, key, body, path=None):
        things.by_body[operation, member] = (statuses, path, key, body)

    arbeit = keys["ArbeitprocessDefinitionKey"]
    put("createProcessInstance", "processDefinitionKey", [404], arbeit, lambda k: {"processDefinitionKey": k})
    put("evaluateDecision", "decisionDefinitionKey", [404], keys["decisionDefinitionKey"],
        lambda k: {"decisionDefinitionKey": k})
    put("evaluateConditionals", "processDefinitionKey", [404], keys["BedingtprocessDefinitionKey"],
        lambda k: {"processDefinitionKey": k, "variables": {"stand": 9}})
    # An element that is none of the own instance in the path: the body is wrong.
    modify = f"/process-instances/{own}/modification"
    put("modifyProcessInstance", "ancestorElementInstanceKey", [400], element,
        lambda k: {"activateInstructions": [{"elementId": "T", "ancestorElementInstanceKey": k}]}, modify)
    put("modifyProcessInstance", "sourceElementInstanceKey", [400], element,
        lambda k: {"moveInstructions": [{"sourceElementInstruction": {"sourceElementInstanceKey": k},
                                         "targetElementId": "T"}]}, modify)
    put("modifyProcessInstance", "elementInstanceKey", [400], element,
        lambda k: {"terminateInstructions": [{"elementInstanceKey": k}]}, modify)
    plan = [{"sourceElementId": "T", "targetElementId": "T"}]
    put("migrateProcessInstance", "targetProcessDefinitionKey", [404], arbeit,
        lambda k: {"targetProcessDefinitionKey": k, "mappingInstructions": plan},
        f"/process-instances/{own}/migration")
    for id_ in ("createDocument", "createDocuments"):
        things.by_body[id_, "processInstanceKey"] = None
    more = {"cancelProcessInstancesBatchOperation": {}, "resolveIncidentsBatchOperation": {},
            "deleteProcessInstancesBatchOperation": {},
            "modifyProcessInstancesBatchOperation": {
                "moveInstructions": [{"sourceElementId": "T", "targetElementId": "T"}]},
            "migrateProcessInstancesBatchOperation": {
                "migrationPlan": {"targetProcessDefinitionKey": None, "mappingInstructions": plan}}}
    for id_, rest in more.items():
        things.opaque_keys[id_] = {"processInstanceKey", "processDefinitionKey"}
        if "migrationPlan" in rest:
            things.opaque_keys[id_].add("targetProcessDefinitionKey")
            put(id_, "targetProcessDefinitionKey", [404], arbeit,
                lambda k: {"filter": {}, "migrationPlan": {"targetProcessDefinitionKey": k,
                                                           "mappingInstructions": plan}})
            rest = {"migrationPlan": {"targetProcessDefinitionKey": keys["own"], "mappingInstructions": plan}}
        put(id_, "processInstanceKey", [404], instance,
            lambda k, rest=rest: {"filter": {"processInstanceKey": k}, **rest})
        # No definition is meant: there is nothing that the batch could be about.
        put(id_, "processDefinitionKey", [400], arbeit,
            lambda k, rest=rest: {"filter": {"processDefinitionKey": k}, **rest})


def _names(things):
    tenant = things.by_tenant
    tenant["createDeployment"] = (lambda t: [("resources", "n.txt", "Notiz"), ("tenantId", None, t)], True)
    tenant["createProcessInstance"] = (lambda t: {"processDefinitionId": "Eigen", "tenantId": t}, False)
    tenant["evaluateDecision"] = (lambda t: {"decisionDefinitionId": "gebuehr", "tenantId": t}, False)
    tenant["evaluateExpression"] = (lambda t: {"expression": "=1", "tenantId": t}, False)
    tenant["evaluateConditionals"] = (lambda t: {"variables": {"stand": 9}, "tenantId": t}, False)
    tenant["activateJobs"] = (lambda t: {"type": "fremd", "timeout": 1000, "maxJobsToActivate": 1,
                                         "requestTimeout": -1, "tenantIds": [t]}, False)
    tenant["publishMessage"] = (lambda t: {"name": "fremd-post", "correlationKey": "2", "tenantId": t}, False)
    tenant["correlateMessage"] = (lambda t: {"name": "fremd-post", "correlationKey": "2", "tenantId": t}, False)
    tenant["broadcastSignal"] = (lambda t: {"signalName": "los", "tenantId": t}, False)
    things.by_name = [
        (404, "POST", "/process-instances", {"processDefinitionId": "Arbeit"}),
        (404, "POST", "/decision-definitions/evaluation", {"decisionDefinitionId": "gebuehr"}),
        (404, "POST", "/messages/correlation", {"name": "fremd-post", "correlationKey": "2"}),
    ]


def build(owner_client, stranger_client, tenant):
    things = Things()
    owner, stranger = _Owner(owner_client), _Owner(stranger_client)
    # The stranger has something too, and the owner's keys are higher than all of its keys.
    own = stranger.deploy({"eigen.bpmn": _bpmn(_process("Eigen", "T", _service("T", "eigen")))})
    own_key = own["deployments"][0]["processDefinition"]["processDefinitionKey"]
    own_instance = stranger.start("Eigen")
    for i in range(4):
        owner.deploy({"vorher.txt": f"Fassung {i}"})
    keys = _deployed(owner)
    keys["own"], keys["tenant"] = own_key, tenant
    for _ in range(2):
        owner.start("Arbeit")
    instance, element = _paths(things, owner, keys)
    _bodies(things, keys, instance, element, own_instance)
    _names(things)
    return things
