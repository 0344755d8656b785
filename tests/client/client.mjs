// See README.md.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { files } from "./models.mjs";
import { clientFor, equal, expect, now, refused, run, step } from "./node.mjs";

const only = (page) => {
    equal(page.page.totalItems, 1, "found");
    return page.items[0];
};
const one = (processInstanceKey, more = {}) => ({ filter: { processInstanceKey, ...more } });

async function cluster(client, tenant) {
    equal((await client.getTopology()).partitionsCount, 1, "partitions");
    expect((await client.getLicense()).validLicense, "no licence is needed");
    await client.getStatus();
    equal((await client.getAuthentication()).tenants.map((own) => own.tenantId), [tenant], "tenants");
}

async function deploy(client, folder) {
    const paths = Object.entries(files).map(([name, text]) => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
    });
    const deployed = await client.deployResourcesFromFiles(paths);
    equal([deployed.processes.length, deployed.decisions.length, deployed.decisionRequirements.length,
        deployed.forms.length, deployed.resources.length], [12, 1, 1, 1, 1], "deployed");
    const again = await client.deployResourcesFromFiles(paths);
    const keys = (deployment) => deployment.processes.map((one) => one.processDefinitionKey);
    equal(keys(again), keys(deployed), "the same files make no new version");
    return deployed;
}

async function definitions(client, deployed) {
    const found = await client.searchProcessDefinitions({ filter: { processDefinitionId: { $like: "A*" } },
        sort: [{ field: "processDefinitionId", order: "DESC" }], page: { limit: 1 } }, now);
    equal(found.items.map((item) => item.processDefinitionId), ["Aufgabe"], "first page");
    const next = await client.searchProcessDefinitions({ filter: { processDefinitionId: { $like: "A*" } },
        sort: [{ field: "processDefinitionId", order: "DESC" }],
        page: { limit: 1, after: found.page.endCursor } }, now);
    equal(next.items.map((item) => item.processDefinitionId), ["Arbeit"], "second page");
    const { processDefinitionKey } = next.items[0];
    equal((await client.getProcessDefinition({ processDefinitionKey }, now)).state, "ACTIVE", "state");
    equal(await client.getProcessDefinitionXml({ processDefinitionKey }, now), files["arbeit.bpmn"], "its file");
    const decision = only(await client.searchDecisionDefinitions({ filter: { name: "Gebühr" } }, now));
    const { decisionDefinitionKey, decisionRequirementsKey } = decision;
    await client.getDecisionDefinition({ decisionDefinitionKey }, now);
    equal(await client.getDecisionDefinitionXml({ decisionDefinitionKey }, now), files["gebuehr.dmn"], "its file");
    equal(only(await client.searchDecisionRequirements({}, now)).decisionRequirementsKey,
        decisionRequirementsKey, "decision requirements");
    await client.getDecisionRequirements({ decisionRequirementsKey }, now);
    const [resource] = deployed.resources;
    equal((await client.getResource({ resourceKey: resource.resourceKey })).resourceName, "notiz.txt", "name");
}

async function work(client) {
    const seen = [];
    const worker = client.createJobWorker({ jobType: "zahlen", workerName: "test", jobTimeoutMs: 20_000,
        maxParallelJobs: 4, pollTimeoutMs: 2_000, jobHandler: async (job) => {
            const { was } = job.variables;
            seen.push(`${was} ${job.retries} ${job.customHeaders.weg}`);
            if (was === "fehler") return job.error({ errorCode: "E1", errorMessage: "so nicht" });
            if (was === "noch einmal" && job.retries === 3) {
                return job.fail({ errorMessage: "später", retries: 2, retryBackOff: 50 });
            }
            return job.complete({ bezahlt: true });
        } });
    const ends = {};
    for (const was of ["gut", "noch einmal", "fehler"]) {
        ends[was] = await client.createProcessInstance({ processDefinitionId: "Arbeit", variables: { was },
            awaitCompletion: true, requestTimeout: 20_000, tags: ["probe:1"], businessId: `nr-${was.length}` });
    }
    await worker.stopGracefully({ waitUpToMs: 5_000 });
    equal(seen, ["gut 3 kurz", "noch einmal 3 kurz", "noch einmal 2 kurz", "fehler 3 kurz"], "jobs seen");
    equal([ends.gut.variables.bezahlt, ends["noch einmal"].variables.bezahlt, ends.fehler.variables.bezahlt],
        [true, true, undefined], "variables at the end");
    const caught = await client.searchElementInstances(one(ends.fehler.processInstanceKey, { elementId: "E2" }), now);
    equal(only(caught).state, "COMPLETED", "the boundary event caught the error");
    const failed = await client.searchJobs(one(ends["noch einmal"].processInstanceKey), now);
    equal(only(failed).state, "COMPLETED", "the job that failed once was completed");
    return ends.gut;
}

// The keys of all process instances of the filter, two on a page, until there is no further cursor.
async function paged(client, filter) {
    const keys = new Set();
    for (let after, pages = 0; pages < 2000; pages++) {
        const { items, page } = await client.searchProcessInstances(
            { filter, page: after ? { limit: 2, after } : { limit: 2 } }, now);
        for (const { processInstanceKey } of items) {
            equal(keys.has(processInstanceKey), false, "twice");
            keys.add(processInstanceKey);
        }
        after = page.endCursor;
        if (!after) return [...keys];
    }
    throw new Error("paging does not end");
}

async function told(client, instance) {
    const { processInstanceKey, processDefinitionKey } = instance;
    const found = await client.searchProcessInstances({ filter: { processDefinitionId: "Arbeit", state: "COMPLETED" },
        sort: [{ field: "startDate", order: "ASC" }], page: { from: 0, limit: 2 } }, now);
    equal([found.items.length, found.page.totalItems], [2, 3], "a page of them");
    equal((await paged(client, { processDefinitionId: "Arbeit", state: "COMPLETED" })).length, 3, "page by page");
    const own = await client.getProcessInstance({ processInstanceKey }, now);
    equal([own.rootProcessInstanceKey, own.parentProcessInstanceKey, own.tags], [processInstanceKey, null, ["probe:1"]], "instance");
    const elements = await client.searchElementInstances(
        { ...one(processInstanceKey), sort: [{ field: "startDate", order: "ASC" }] }, now);
    equal(elements.items.map((item) => item.elementId).sort(), ["E", "S", "T"], "elements");
    await client.getElementInstance({ elementInstanceKey: elements.items[0].elementInstanceKey }, now);
    const variable = only(await client.searchVariables(one(processInstanceKey, { name: "bezahlt" }), now));
    equal(variable.value, "true", "value");
    equal((await client.getVariable({ variableKey: variable.variableKey }, now)).value, "true", "value");
    equal((await client.getProcessInstanceStatistics({ processInstanceKey }, now)).items.length, 3, "statistics");
    equal((await client.getProcessInstanceSequenceFlows({ processInstanceKey }, now)).items.map((item) => item.elementId).sort(),
        ["f1", "f2"], "sequence flows");
    await client.getProcessDefinitionStatistics({ processDefinitionKey, filter: {} }, now);
    equal((await client.getProcessInstanceCallHierarchy({ processInstanceKey }, now)).length, 0, "called by nobody");
}

async function called(client) {
    const { processInstanceKey } = await client.createProcessInstance({ processDefinitionId: "Ruf", variables: { was: "ruf" } });
    const child = only(await client.searchProcessInstances({ filter: { parentProcessInstanceKey: processInstanceKey } }, now));
    equal(child.rootProcessInstanceKey, processInstanceKey, "root");
    const above = await client.getProcessInstanceCallHierarchy({ processInstanceKey: child.processInstanceKey }, now);
    equal(above.map((entry) => entry.processInstanceKey), [processInstanceKey, child.processInstanceKey], "hierarchy");
    await client.cancelProcessInstance({ processInstanceKey });
    equal((await client.getProcessInstance({ processInstanceKey }, now)).state, "TERMINATED", "state");
    await refused(404, () => client.cancelProcessInstance({ processInstanceKey }));
    await refused(409, () => client.deleteProcessInstance({ processInstanceKey: child.processInstanceKey }));
    await client.deleteProcessInstance({ processInstanceKey });
    for (const gone of [processInstanceKey, child.processInstanceKey]) {
        await refused(404, () => client.getProcessInstance({ processInstanceKey: gone }, now));
    }
}

const activate = async (client, type) => {
    const jobs = await client.activateJobs({ type, timeout: 30_000, maxJobsToActivate: 1, worker: "hand", requestTimeout: 10_000 });
    const list = Array.isArray(jobs) ? jobs : jobs.jobs;
    equal(list.length, 1, `jobs of type ${type}`);
    return list[0];
};

async function incidents(client) {
    const { processInstanceKey } = await client.createProcessInstance({ processDefinitionId: "Arbeit", variables: { was: "hand" } });
    const { jobKey } = await activate(client, "zahlen");
    await client.updateJob({ jobKey, changeset: { retries: 5, timeout: 60_000 } });
    await client.failJob({ jobKey, retries: 0, errorMessage: "aus" });
    await refused(409, () => client.completeJob({ jobKey }));
    const incident = only(await client.searchIncidents(one(processInstanceKey, { state: "ACTIVE" }), now));
    equal([incident.errorType, incident.jobKey], ["JOB_NO_RETRIES", jobKey], "incident");
    equal((await client.getProcessInstance({ processInstanceKey }, now)).hasIncident, true, "hasIncident");
    equal(only(await client.searchProcessInstanceIncidents({ processInstanceKey }, now)).incidentKey, incident.incidentKey, "of the instance");
    await client.updateJob({ jobKey, changeset: { retries: 1 } });
    await client.resolveIncident({ incidentKey: incident.incidentKey });
    equal((await client.getIncident({ incidentKey: incident.incidentKey }, now)).state, "RESOLVED", "state");
    await client.completeJob({ jobKey: (await activate(client, "zahlen")).jobKey });
    equal((await client.getProcessInstance({ processInstanceKey }, now)).state, "COMPLETED", "state");
    const stuck = await client.createProcessInstance({ processDefinitionId: "Fehler" });
    const condition = only(await client.searchIncidents(one(stuck.processInstanceKey), now));
    equal(condition.jobKey, null, "no job");
    await client.createElementInstanceVariables({ elementInstanceKey: stuck.processInstanceKey, variables: { weiter: true } });
    await client.resolveIncident({ incidentKey: condition.incidentKey });
    equal((await client.getProcessInstance({ processInstanceKey: stuck.processInstanceKey }, now)).state, "COMPLETED", "after a new value");
}

async function tasks(client) {
    const { processInstanceKey } = await client.createProcessInstance({ processDefinitionId: "Aufgabe", variables: { nr: 7 } });
    const open = only(await client.searchUserTasks(one(processInstanceKey, { state: "CREATED", candidateGroup: "sachbearbeitung" }), now));
    const { userTaskKey } = open;
    equal([open.name, open.assignee, open.externalFormReference], ["Prüfen", null, null], "task");
    equal(JSON.parse((await client.getUserTaskForm({ userTaskKey }, now)).schema).id, "pruefung", "form");
    await client.assignUserTask({ userTaskKey, assignee: "ada" });
    await client.updateUserTask({ userTaskKey, changeset: { priority: 80, dueDate: "2030-01-01T00:00:00Z" } });
    const assigned = await client.getUserTask({ userTaskKey }, now);
    equal([assigned.assignee, assigned.priority, assigned.dueDate], ["ada", 80, "2030-01-01T00:00:00.000Z"], "changed");
    await client.unassignUserTask({ userTaskKey });
    equal(only(await client.searchUserTaskVariables({ userTaskKey, filter: { name: "nr" } }, now)).value, "7", "seen");
    await client.completeUserTask({ userTaskKey, variables: { urteil: "ja" } });
    equal((await client.getUserTask({ userTaskKey }, now)).state, "COMPLETED", "state");
    await refused(404, () => client.completeUserTask({ userTaskKey }));
    const listened = await client.createProcessInstance({ processDefinitionId: "Horcher" });
    const task = only(await client.searchUserTasks(one(listened.processInstanceKey), now));
    await client.completeUserTask({ userTaskKey: task.userTaskKey });
    const job = await activate(client, "horchen");
    equal([job.kind, job.listenerEventType, job.userTask.userTaskKey, job.userTask.assignee],
        ["TASK_LISTENER", "COMPLETING", task.userTaskKey, null], "listener");
    await client.completeJob({ jobKey: job.jobKey, result: { type: "userTask", denied: false } });
    equal((await client.getProcessInstance({ processInstanceKey: listened.processInstanceKey }, now)).state, "COMPLETED", "after its listener");
}

async function messages(client) {
    const kept = { name: "post", correlationKey: "n1", timeToLive: 60_000, messageId: "id-1", variables: { text: "ja" } };
    await client.publishMessage(kept);
    await refused(409, () => client.publishMessage(kept));
    const ended = await client.createProcessInstance({ processDefinitionId: "Warten", variables: { nummer: "n1" },
        awaitCompletion: true, requestTimeout: 20_000 });
    equal(ended.variables.text, "ja", "the message was kept for it");
    const { processInstanceKey } = await client.createProcessInstance({ processDefinitionId: "Warten", variables: { nummer: "n2" } });
    equal(only(await client.searchMessageSubscriptions(one(processInstanceKey), now)).messageSubscriptionState, "CREATED", "state");
    const reached = await client.correlateMessage({ name: "post", correlationKey: "n2" });
    equal(reached.processInstanceKey, processInstanceKey, "reached");
    equal(only(await client.searchCorrelatedMessageSubscriptions(one(processInstanceKey), now)).messageName, "post", "arrival");
    await refused(404, () => client.correlateMessage({ name: "post", correlationKey: "n2" }));
    await client.publishMessage({ name: "neu", correlationKey: "", timeToLive: 0 });
    await client.completeJob({ jobKey: (await activate(client, "eingang")).jobKey });
}

async function signals(client) {
    await client.broadcastSignal({ signalName: "los", variables: { g: 1 } });
    const job = await activate(client, "gestartet");
    equal([job.variables.g, job.userTask], [1, null], "job");
    await client.completeJob({ jobKey: job.jobKey });
    const begun = await client.evaluateConditionals({ variables: { stand: 7 } });
    equal(begun.processInstances.length, 1, "begun by a condition");
    equal((await client.evaluateConditionals({ variables: { stand: 3 } })).processInstances.length, 0, "not begun");
}

async function decisions(client) {
    const evaluated = await client.evaluateDecision({ decisionDefinitionId: "gebuehr", variables: { alter: 20 } });
    equal([evaluated.output, evaluated.failureMessage], ["30", null], "output");
    equal(evaluated.evaluatedDecisions[0].matchedRules[0].evaluatedOutputs[0].ruleId, "r2", "rule");
    const { processInstanceKey, variables } = await client.createProcessInstance({ processDefinitionId: "Regel",
        variables: { alter: 12 }, awaitCompletion: true, requestTimeout: 20_000 });
    equal(variables.euro, 0, "result");
    const found = only(await client.searchDecisionInstances(one(processInstanceKey), now));
    const { decisionEvaluationInstanceKey } = found;
    const whole = await client.getDecisionInstance({ decisionEvaluationInstanceKey }, now);
    equal([whole.matchedRules[0].ruleId, whole.evaluatedInputs[0].inputValue], ["r1", "12"], "one of them");
    equal((await client.searchDecisionInstances({ filter: { decisionDefinitionId: "gebuehr", state: "EVALUATED" } }, now)).page.totalItems, 1, "found");
    const expression = await client.evaluateExpression({ expression: "=sum([a, 2])", variables: { a: 40 } });
    equal(expression.result, 42, "FEEL");
    equal((await client.evaluateExpression({ expression: "=a + 1", variables: { a: "x" } })).result, null, "null with a warning");
}

async function operations(client) {
    const { processInstanceKey } = await client.createProcessInstance({ processDefinitionId: "Umbau" });
    await client.modifyProcessInstance({ processInstanceKey, activateInstructions: [{ elementId: "Z" }],
        terminateInstructions: [{ elementId: "A" }] });
    const job = await activate(client, "z");
    equal(job.elementId, "Z", "moved to");
    await client.failJob({ jobKey: job.jobKey, retries: 3 });
    const target = only(await client.searchProcessDefinitions({ filter: { processDefinitionId: "Ziel" } }, now));
    const wrong = { targetProcessDefinitionKey: target.processDefinitionKey, mappingInstructions: [] };
    await refused(409, () => client.migrateProcessInstance({ processInstanceKey, ...wrong,
        mappingInstructions: [{ sourceElementId: "Z", targetElementId: "weg" }] }));
    await client.migrateProcessInstance({ processInstanceKey, ...wrong,
        mappingInstructions: [{ sourceElementId: "Z", targetElementId: "Z2" }] });
    equal((await client.getProcessInstance({ processInstanceKey }, now)).processDefinitionId, "Ziel", "migrated");
    const migrated = await activate(client, "z");
    equal(migrated.elementId, "Z2", "its job");
    await client.completeJob({ jobKey: migrated.jobKey });
    equal((await client.getProcessInstance({ processInstanceKey }, now)).state, "COMPLETED", "state");
}

async function documents(client) {
    const file = new File([Buffer.from("Hallo")], "x.txt", { type: "text/plain" });
    const reference = await client.createDocument({ file, metadata: { fileName: "y.txt", customProperties: { a: 1 } } });
    equal([reference.metadata.fileName, reference.metadata.size, reference.metadata.expiresAt], ["y.txt", 5, null], "reference");
    const { documentId, contentHash } = reference;
    const content = await client.getDocument({ documentId, contentHash });
    equal(typeof content === "string" ? content : await content.text(), "Hallo", "content");
    await client.deleteDocument({ documentId });
    await refused(404, () => client.getDocument({ documentId, contentHash }));
}

async function errors(client) {
    await refused(404, () => client.createProcessInstance({ processDefinitionId: "weg" }));
    await refused(404, () => client.getProcessInstance({ processInstanceKey: "1" }, now));
    await refused(504, () => client.createProcessInstance({ processDefinitionId: "Aufgabe", awaitCompletion: true, requestTimeout: 300 }));
}

// What the first tenant has does not exist for the second.
async function separated(first, second, deployed) {
    const { processInstanceKey } = await first.createProcessInstance({ processDefinitionId: "Aufgabe" });
    const task = only(await first.searchUserTasks(one(processInstanceKey), now));
    const { jobKey } = (await first.searchJobs({ page: { limit: 1 } }, now)).items[0];
    const { elementInstanceKey } = (await first.searchElementInstances(one(processInstanceKey), now)).items[0];
    const { incidentKey } = (await first.searchIncidents({ page: { limit: 1 } }, now)).items[0];
    const { variableKey } = (await first.searchVariables({ page: { limit: 1 } }, now)).items[0];
    const { decisionEvaluationInstanceKey } = (await first.searchDecisionInstances({}, now)).items[0];
    const { processDefinitionKey } = deployed.processes[0];
    const { decisionDefinitionKey, decisionRequirementsKey } = deployed.decisions[0];
    const { userTaskKey } = task;
    const calls = {
        getProcessDefinition: () => second.getProcessDefinition({ processDefinitionKey }, now),
        getProcessDefinitionXml: () => second.getProcessDefinitionXml({ processDefinitionKey }, now),
        getDecisionDefinition: () => second.getDecisionDefinition({ decisionDefinitionKey }, now),
        getDecisionRequirements: () => second.getDecisionRequirements({ decisionRequirementsKey }, now),
        getResource: () => second.getResource({ resourceKey: deployed.resources[0].resourceKey }),
        deleteResource: () => second.deleteResource({ resourceKey: processDefinitionKey }),
        createProcessInstance: () => second.createProcessInstance({ processDefinitionKey }),
        "createProcessInstance for the other": () => second.createProcessInstance({ processDefinitionId: "Aufgabe", tenantId: deployed.tenantId }),
        evaluateDecision: () => second.evaluateDecision({ decisionDefinitionKey }),
        getProcessInstance: () => second.getProcessInstance({ processInstanceKey }, now),
        cancelProcessInstance: () => second.cancelProcessInstance({ processInstanceKey }),
        modifyProcessInstance: () => second.modifyProcessInstance({ processInstanceKey, terminateInstructions: [{ elementId: "U" }] }),
        getElementInstance: () => second.getElementInstance({ elementInstanceKey }, now),
        createElementInstanceVariables: () => second.createElementInstanceVariables({ elementInstanceKey, variables: { a: 1 } }),
        getUserTask: () => second.getUserTask({ userTaskKey }, now),
        assignUserTask: () => second.assignUserTask({ userTaskKey, assignee: "eve" }),
        completeUserTask: () => second.completeUserTask({ userTaskKey }),
        completeJob: () => second.completeJob({ jobKey }),
        failJob: () => second.failJob({ jobKey }),
        updateJob: () => second.updateJob({ jobKey, changeset: { retries: 9 } }),
        getIncident: () => second.getIncident({ incidentKey }, now),
        resolveIncident: () => second.resolveIncident({ incidentKey }),
        getVariable: () => second.getVariable({ variableKey }, now),
        getDecisionInstance: () => second.getDecisionInstance({ decisionEvaluationInstanceKey }, now),
    };
    for (const [name, call] of Object.entries(calls)) {
        await refused(404, call).catch((error) => { throw new Error(`${name}: ${error.message}`); });
    }
    for (const search of ["searchProcessInstances", "searchElementInstances", "searchVariables", "searchUserTasks",
        "searchJobs", "searchIncidents", "searchDecisionInstances", "searchMessageSubscriptions",
        "searchCorrelatedMessageSubscriptions", "searchProcessDefinitions", "searchDecisionDefinitions"]) {
        equal((await second[search]({}, now)).page, { totalItems: 0, hasMoreTotalItems: false, startCursor: null, endCursor: null }, search);
    }
}

await run(async (node) => {
    const [tenant, other] = Object.keys(node.credentials);
    const client = clientFor(node, tenant, "OAUTH");
    const basic = clientFor(node, tenant, "BASIC");
    await step("a wrong secret is 401", () => refused(401, () =>
        clientFor(node, tenant, "BASIC", { ...node.credentials[tenant], client_secret: "falsch" }).getTopology()));
    await step("OAuth: topology, licence, status, who the client is", () => cluster(client, tenant));
    await step("Basic: the same", () => cluster(basic, tenant));
    const deployed = await step("BPMN, DMN, form and another file are deployed together", () => deploy(client, node.data));
    await step("definitions: filter, sort, paging, files", () => definitions(basic, deployed));
    const instance = await step("a worker completes, fails and retries, throws an error", () => work(client));
    await step("searches tell what an instance did, at once", () => told(client, instance));
    await step("a called process, its root, cancellation, deletion", () => called(client));
    await step("incidents are found and resolved", () => incidents(client));
    await step("user tasks: search, form, assign, change, complete, listener", () => tasks(client));
    await step("messages are kept, correlated, start instances", () => messages(client));
    await step("signals and conditions start instances", () => signals(client));
    await step("decisions and expressions are evaluated", () => decisions(client));
    await step("modification and migration", () => operations(client));
    await step("documents", () => documents(client));
    await step("404 and 504", () => errors(client));
    await step("nothing of one tenant exists for another", () =>
        separated(client, clientFor(node, other, "OAUTH"), deployed));
    await step("a deleted definition is gone", async () => {
        const { processDefinitionKey } = deployed.processes[0];
        await client.deleteResource({ resourceKey: processDefinitionKey });
        await refused(404, () => client.getProcessDefinition({ processDefinitionKey }, now));
    });
});
