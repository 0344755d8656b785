// The program as a child process, Camunda's client for it, and the steps of a test.
import { createCamundaClient } from "@camunda8/orchestration-cluster-api";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, "../..");

export function optionsOf(args) {
    const options = { program: join(root, "build/schwarm"), chromium: "/usr/bin/chromium" };
    for (let i = 0; i < args.length; i += 2) options[args[i].slice(2)] = args[i + 1];
    return options;
}

// `schwarm demo` on a free port with an empty folder.
export async function startDemo(program) {
    const data = mkdtempSync(join(tmpdir(), "schwarm-client-"));
    const child = spawn(program, ["demo", "--port", "0", "--data", data],
        { stdio: ["ignore", "pipe", "inherit"] });
    const base = await new Promise((done, failed) => {
        let text = "";
        child.stdout.on("data", (bytes) => {
            text += bytes;
            const found = text.match(/http:\/\/127\.0\.0\.1:\d+/);
            if (found) done(found[0]);
        });
        child.on("error", failed);
        child.on("exit", (code) => failed(new Error(`schwarm demo ended with ${code}: ${text}`)));
    });
    return {
        base,
        data,
        credentials: JSON.parse(readFileSync(join(data, "demo-clients.json"), "utf8")),
        async stop() {
            const ended = new Promise((done) => child.once("exit", done));
            child.kill("SIGTERM");
            await ended;
            rmSync(data, { recursive: true, force: true });
        },
    };
}

// Unmodified, and strict about what it sends and gets. strategy: "BASIC" or "OAUTH".
export function clientFor(node, tenant, strategy, credentials = node.credentials[tenant]) {
    return createCamundaClient({ config: {
        CAMUNDA_REST_ADDRESS: node.base,
        CAMUNDA_AUTH_STRATEGY: strategy,
        CAMUNDA_BASIC_AUTH_USERNAME: credentials.client_id,
        CAMUNDA_BASIC_AUTH_PASSWORD: credentials.client_secret,
        CAMUNDA_CLIENT_ID: credentials.client_id,
        CAMUNDA_CLIENT_SECRET: credentials.client_secret,
        CAMUNDA_OAUTH_URL: `${node.base}/oauth/token`,
        CAMUNDA_SDK_VALIDATION: "req:none,res:strict",
        CAMUNDA_SDK_LOG_LEVEL: "error",
    } });
}

// Never asks twice: what was written can be read at once.
export const now = { consistency: { waitUpToMs: 0 } };

export function expect(condition, what) {
    if (!condition) throw new Error(what);
}
export function equal(found, wanted, what) {
    const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
}

// One step after another; the first that fails ends the test with its name.
export async function step(name, work) {
    try {
        const result = await work();
        console.log(`ok      ${name}`);
        return result;
    } catch (error) {
        console.error(`FAILED  ${name}: ${error.message}`);
        if (error.issues) console.error(JSON.stringify(error.issues).slice(0, 2000));
        throw Object.assign(new Error(name), { told: true });
    }
}

// A call that must be refused with this status.
export async function refused(status, call) {
    let result;
    try {
        result = await call();
    } catch (error) {
        const found = error.status ?? error.statusCode;
        if (found !== status) throw new Error(`status ${found} instead of ${status}: ${error.message}`);
        return error;
    }
    throw new Error(`not refused with ${status}: ${JSON.stringify(result)?.slice(0, 300)}`);
}

// Runs `main(node)` against a demo of its own; ends with 1 if a step failed.
export async function run(main) {
    const options = optionsOf(process.argv.slice(2));
    const node = await startDemo(resolve(options.program));
    try {
        await main(node, options);
        console.log("all steps hold");
    } catch (error) {
        if (!error.told) console.error(error);
        process.exitCode = 1;
    } finally {
        await node.stop();
    }
}
