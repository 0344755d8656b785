// See README.md.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { clientFor, equal, expect, here, now, root, run, step } from "./node.mjs";

const modules = join(here, "node_modules");
const miwg = join(root, "../shared/data/bpmn-miwg/C.9.2.bpmn");

const small = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
 id="d" targetNamespace="test">
 <bpmn:process id="Gezeichnet" isExecutable="true"><bpmn:startEvent id="Beginn"/></bpmn:process>
 <bpmndi:BPMNDiagram id="dia"><bpmndi:BPMNPlane id="plane" bpmnElement="Gezeichnet">
  <bpmndi:BPMNShape id="s" bpmnElement="Beginn"><dc:Bounds x="160" y="100" width="36" height="36"/></bpmndi:BPMNShape>
 </bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>`;

// A page with the modeller and nothing from elsewhere.
async function openModeller(browser) {
    const page = await browser.newPage();
    await page.route("**/*", (route) => route.abort());
    await page.setContent("<div id=canvas style='width:1000px;height:600px'></div>");
    await page.addScriptTag({ path: join(modules, "bpmn-js/dist/bpmn-modeler.development.js") });
    const zeebe = JSON.parse(readFileSync(join(modules, "zeebe-bpmn-moddle/resources/zeebe.json"), "utf8"));
    await page.evaluate((moddle) => {
        window.modeller = new window.BpmnJS({ container: "#canvas", moddleExtensions: { zeebe: moddle } });
    }, zeebe);
    return page;
}

const load = (page, xml) => page.evaluate(async (text) => {
    const { warnings } = await window.modeller.importXML(text);
    return warnings.map((warning) => warning.message);
}, xml);
const save = (page) => page.evaluate(async () => (await window.modeller.saveXML({ format: true })).xml);

// Beginn -> Rechnen (a job) -> Gut? -> Fertig, else Abgelehnt; then Rechnen gets a name.
const draw = (page) => page.evaluate(() => {
    const get = (name) => window.modeller.get(name);
    const modeling = get("modeling");
    const moddle = get("moddle");
    const shape = (type) => get("elementFactory").createShape({ type });
    const append = (from, type, at, id) => {
        const added = modeling.appendShape(from, shape(type), at);
        modeling.updateProperties(added, { id });
        return added;
    };
    const task = append(get("elementRegistry").get("Beginn"), "bpmn:ServiceTask", { x: 320, y: 118 }, "Rechnen");
    const definition = moddle.create("zeebe:TaskDefinition", { type: "rechnen", retries: "2" });
    modeling.updateProperties(task, {
        name: "Betrag ausrechnen",
        extensionElements: moddle.create("bpmn:ExtensionElements", { values: [definition] }),
    });
    const gateway = append(task, "bpmn:ExclusiveGateway", { x: 480, y: 118 }, "Gut");
    const good = append(gateway, "bpmn:EndEvent", { x: 620, y: 118 }, "Fertig");
    const bad = append(gateway, "bpmn:EndEvent", { x: 620, y: 240 }, "Abgelehnt");
    modeling.updateProperties(good.incoming[0], {
        conditionExpression: moddle.create("bpmn:FormalExpression", { body: "=betrag > 10" }),
    });
    modeling.updateProperties(gateway, { default: bad.incoming[0].businessObject });
});

async function deploy(node, client, name, xml) {
    const path = join(node.data, name);
    writeFileSync(path, xml);
    return client.deployResourcesFromFiles([path]);
}

// Starts the process and works its job.
async function work(client, betrag) {
    const { processInstanceKey } = await client.createProcessInstance({ processDefinitionId: "Gezeichnet" });
    const jobs = await client.activateJobs({ type: "rechnen", timeout: 30_000, maxJobsToActivate: 1, worker: "hand", requestTimeout: 10_000 });
    const [job] = Array.isArray(jobs) ? jobs : jobs.jobs;
    equal([job.processInstanceKey, job.elementId, job.retries], [processInstanceKey, "Rechnen", 2], "job");
    await client.completeJob({ jobKey: job.jobKey, variables: { betrag } });
    equal((await client.getProcessInstance({ processInstanceKey }, now)).state, "COMPLETED", "state");
    const ends = await client.searchElementInstances({ filter: { processInstanceKey, type: "END_EVENT" } }, now);
    return ends.items.map((item) => item.elementId);
}

await run(async (node, options) => {
    const client = clientFor(node, Object.keys(node.credentials)[0], "OAUTH");
    const browser = await chromium.launch({ executablePath: options.chromium, args: ["--no-sandbox"] });
    try {
        const page = await step("the modeller opens a small diagram", async () => {
            const opened = await openModeller(browser);
            equal(await load(opened, small), [], "warnings");
            return opened;
        });
        const xml = await step("service task, gateway and end events are drawn and saved", async () => {
            await draw(page);
            const saved = await save(page);
            expect(saved.includes(`<zeebe:taskDefinition type="rechnen" retries="2" />`), "the file has the type of the job");
            return saved;
        });
        await step("the saved file is deployed, with its diagram", async () => {
            const { processes: [{ processDefinitionKey }] } = await deploy(node, client, "gezeichnet.bpmn", xml);
            equal(await client.getProcessDefinitionXml({ processDefinitionKey }, now), xml, "the file");
        });
        await step("its job is worked, and it ends at either end event", async () => {
            equal(await work(client, 20), ["Fertig"], "end");
            equal(await work(client, 5), ["Abgelehnt"], "end");
        });
        if (!existsSync(miwg)) {
            console.log("skipped C.9.2 of the OMG's test files (it is not there)");
            return;
        }
        await step("C.9.2 of the OMG's test files is opened, saved and deployed", async () => {
            await load(page, readFileSync(miwg, "utf8"));
            const deployed = await deploy(node, client, "c92.bpmn", await save(page));
            expect(deployed.processes.length > 0, "it has processes");
        });
    } finally {
        await browser.close();
    }
});
