// See README.md.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { answerAt, fill, press, tabTo } from "./keyboard.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const axe = readFileSync(join(here, "node_modules/axe-core/axe.min.js"), "utf8");
const options = {};
for (let i = 2; i < process.argv.length; i += 2) options[process.argv[i].slice(2)] = process.argv[i + 1];
const out = resolve(options.out ?? join(root, "build/browser"));
mkdirSync(out, { recursive: true });

let base = options.url;
let pages = 0;
const problems = [];
const log = (text) => console.log(text);

function expect(condition, what) {
    if (!condition) throw new Error(what);
}

// The first of so many ports in a row that are free now.
async function freePorts(count) {
    for (;;) {
        const first = 12_000 + Math.floor(Math.random() * 15_000);
        const servers = Array.from({ length: count }, () => createServer());
        const listening = servers.map((server, i) => new Promise((done) => {
            server.once("error", () => done(false));
            server.listen(first + i, "127.0.0.1", () => done(true));
        }));
        const free = await Promise.all(listening);
        await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
        if (free.every(Boolean)) return first;
    }
}

// Starts `schwarm demo` (with --network yes: three nodes) on a free port with an empty folder; answers how to end it.
async function startDemo(program) {
    const data = mkdtempSync(join(tmpdir(), "schwarm-browser-"));
    const port = options.network ? ["--network", "--port", String(await freePorts(7))] : ["--port", "0"];
    const child = spawn(program, ["demo", ...port, "--data", data],
        { stdio: ["ignore", "pipe", "inherit"] });
    running = child;
    base = await new Promise((done, failed) => {
        let text = "";
        child.stdout.on("data", (bytes) => {
            text += bytes;
            const found = text.match(/http:\/\/127\.0\.0\.1:\d+/);
            if (found) done(found[0]);
        });
        child.on("exit", (code) => failed(new Error(`schwarm demo ended with ${code}: ${text}`)));
    });
    return async () => {
        const ended = new Promise((done) => child.once("exit", done));
        child.kill("SIGTERM");
        await ended;
        rmSync(data, { recursive: true, force: true });
    };
}

// axe needs scripts, so it looks at a copy of the page in a window of its own. The window and its axe
// stay for all pages: loading both anew took twice as long as the looking.
let copies;
async function checked(html) {
    if (!copies) {
        const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, bypassCSP: true });
        copies = await context.newPage();
        await copies.goto(`${base}/barrierefreiheit`);
        await copies.evaluate(axe);
    }
    await copies.setContent(html);
    return copies.evaluate(() => window.axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        resultTypes: ["violations"],
    }));
}

// A hanging browser must not hang the test run, nor a slow machine fail it: the time is that of one page.
let running;
let watch;
function alive() {
    clearTimeout(watch);
    watch = setTimeout(() => {
        log(`failed: no new page for 5 minutes, after ${pages}`);
        running?.kill("SIGTERM");
        process.exit(1);
    }, 5 * 60_000).unref();
}

// Every page people see comes through here: checked by axe, kept as a picture.
async function look(page, name) {
    ++pages;
    alive();
    await page.screenshot({ path: join(out, `${name}.png`), fullPage: true });
    const result = await checked(await page.content());
    for (const violation of result.violations) {
        const where = violation.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ");
        problems.push(`${name}: ${violation.id}: ${violation.help} (${where})`);
    }
    const heading = await page.locator("h1").count();
    if (heading !== 1) problems.push(`${name}: ${heading} h1 headings`);
}

async function signIn(page, who) {
    await page.goto(`${base}/anmelden`);
    await press(page, `button[name=person][value="${who}"]`);
}

async function signOut(page) {
    await press(page, "form[action='/abmelden'] button");
}

// Rows of lists that the answers need and the page does not show yet.
async function addRows(page, answers) {
    for (;;) {
        const lists = await page.locator("input[name=_rows]").evaluateAll((all) => all.map((one) => one.value));
        const short = lists.map((text) => text.split(":")).find(
            ([name, count]) => (answerAt(answers, name)?.length ?? 0) > Number(count));
        if (!short) return;
        await press(page, `button[name=_add][value="${short[0]}"]`);
    }
}

// From the form's page to the overview.
async function fillPages(page, answers, name) {
    let previous = "";
    for (let step = 1; !page.url().endsWith("/pruefen"); ++step) {
        expect(step < 60, `the form does not end: ${page.url()}`);
        await addRows(page, answers);
        await fill(page, answers);
        await look(page, `${name}-seite-${String(step).padStart(2, "0")}`);
        const before = page.url() + await page.locator(".s-form").first().innerText();
        expect(before !== previous, `stuck at ${page.url()}: ${await page.locator("main").innerText()}`);
        previous = before;
        await press(page, "#weiter");
    }
}

// From the service's page to the receipt. Answers the case's number.
async function apply(page, service, answers, mode) {
    await page.goto(`${base}/dienste/${service.tenant}/${service.id}`);
    await look(page, `${mode}-${service.id}-dienst`);
    await press(page, "#start");
    await fillPages(page, answers, `${mode}-${service.id}`);
    await look(page, `${mode}-${service.id}-uebersicht`);
    await press(page, "#senden");
    expect(page.url().endsWith("/eingang"), `no receipt but ${page.url()}`);
    await look(page, `${mode}-${service.id}-eingang`);
    const number = await page.locator("#vorgangsnummer").innerText();
    await press(page, "#zum-vorgang");
    await look(page, `${mode}-${service.id}-vorgang`);
    return number;
}

async function wrongAnswersComeBack(page, service, mode) {
    await page.goto(`${base}/antrag/${service.tenant}/${service.id}`);
    await press(page, "#weiter");
    expect((await page.title()).startsWith("Fehler:"), "the title does not say that there is an error");
    expect(await page.locator("#fehler").count() === 1, "no error summary");
    const target = await page.locator("#fehler a").first().getAttribute("href");
    expect(await page.locator(target).count() === 1, `the error summary points to nothing: ${target}`);
    const described = await page.locator(target).first().evaluate(
        (one) => one.getAttribute("aria-invalid") === "true" ||
            one.closest("fieldset")?.getAttribute("aria-describedby")?.includes("-fehler"));
    expect(described, `${target} is not marked as wrong`);
    await look(page, `${mode}-fehler`);
    if (mode === "js") {
        expect(await page.evaluate(() => document.activeElement.id) === "fehler", "the summary has no focus");
    }
    await press(page, "button[value=spaeter]");
    await look(page, `${mode}-gespeichert`);
}

async function readNotice(page, mode, id) {
    const link = page.locator(".s-doc__links a[href*='/dokumente/']").first();
    expect(await link.count() === 1, "there is no notice");
    const href = await link.getAttribute("href");
    await press(page, `.s-doc__links a[href="${href}"]`);
    await look(page, `${mode}-${id}-bescheid`);
    const text = await page.locator(".s-notice").innerText();
    const pdf = page.locator("#pdf");
    if (await pdf.count() === 1) {
        const answer = await page.request.get(base + await pdf.getAttribute("href"));
        expect(answer.status() === 200, `the PDF answers ${answer.status()}`);
        const bytes = await answer.body();
        expect(bytes.subarray(0, 5).toString() === "%PDF-", "the PDF is none");
    }
    return text;
}

// Others have to answer first: the page has no scripts, so it is loaded anew.
async function waitFor(page, text) {
    const until = Date.now() + 60_000;
    for (;;) {
        const said = await page.locator("main").innerText();
        if (said.includes(text)) return;
        expect(Date.now() < until, `there is no "${text}": ${said}`);
        await page.waitForTimeout(200);
        await page.reload();
    }
}

// What was wrong is changed from the overview on, and sent once more.
async function correct(page, name, corrected) {
    await waitFor(page, corrected.says);
    await look(page, `${name}-berichtigen`);
    await press(page, "#berichtigung");
    expect(page.url().endsWith("/pruefen"), `no overview but ${page.url()}`);
    await look(page, `${name}-berichtigen-uebersicht`);
    await press(page, `a[href*="/${corrected.page}"]`);
    await fillPages(page, corrected.answers, `${name}-berichtigen`);
    await press(page, "#senden");
    expect(page.url().includes("meldung=berichtigt"), `the corrected answers are not taken: ${page.url()}`);
    await look(page, `${name}-berichtigt`);
}

// Looks at what registers gave for the case and decides as the journey says, with buttons alone.
// What is expected may be under way: the page has no scripts, so it is loaded anew.
async function decideRetrievals(page, name, decision) {
    const until = Date.now() + 60_000;
    while (decision && await page.locator("#nachweise form").count() === 0) {
        expect(Date.now() < until, `no register has answered: ${await page.locator("main").innerText()}`);
        await page.waitForTimeout(200);
        await page.reload();
    }
    for (let number = 1; await page.locator("#nachweise form").count() > 0; ++number) {
        expect(number < 10, `the retrievals do not end: ${page.url()}`);
        await look(page, `${name}-nachweis-${number}`);
        await press(page, `#nachweise form >> nth=0 >> button[value="${decision ?? "verwenden"}"]`);
        expect(page.url().includes("meldung=nachweis-"), `nothing is decided: ${page.url()}`);
    }
}

// Unfolds why each decision came out as it did, and answers what is said there.
async function readDecisions(page, name) {
    const decisions = page.locator("#entscheidungen details");
    const count = await decisions.count();
    expect(count > 0, `no decision is explained on ${page.url()}`);
    for (let i = 0; i < count; ++i) {
        await tabTo(page, `#entscheidungen details >> nth=${i} >> summary`);
        await page.keyboard.press("Enter");
    }
    await look(page, name);
    return (await page.locator("#entscheidungen").innerText()).replace(/\s+/g, " ");
}

async function clerkDecides(page, number, answers, mode) {
    await look(page, `${mode}-aufgaben`);
    await press(page, `a:text-is("${number}")`);
    await look(page, `${mode}-aufgabe`);
    await readDecisions(page, `${mode}-aufgabe-entscheidungen`);
    await press(page, "#annehmen");
    // An answer may bring up further questions on the same page.
    for (let round = 0; round < 4 && !page.url().includes("meldung=erledigt"); ++round) {
        await fill(page, answers);
        await look(page, `${mode}-aufgabe-entscheiden-${round + 1}`);
        await press(page, "#erledigen");
    }
    expect(page.url().includes("meldung=erledigt"),
        `the task is not done: ${page.url()} ${await page.locator("main").innerText()}`);
    await look(page, `${mode}-aufgaben-erledigt`);
}

async function readJson(path) {
    return JSON.parse(readFileSync(join(root, path), "utf8"));
}

// An answer file, changed as by RFC 7396.
function patched(answers, patch) {
    const days = typeof patch === "string" ? patch.match(/^today(-\d+)$/) : null;
    if (days) return new Date(Date.now() + Number(days[1]) * 86_400_000).toISOString().slice(0, 10);
    if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
    const result = typeof answers === "object" && answers !== null ? { ...answers } : {};
    for (const [name, value] of Object.entries(patch)) {
        if (value === null) delete result[name];
        else result[name] = patched(result[name], value);
    }
    return result;
}

async function walk(browser, mode) {
    const context = await browser.newContext({
        javaScriptEnabled: mode === "js", locale: "de-DE", viewport: { width: 1100, height: 800 },
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const outside = [];
    page.on("request", (request) => {
        if (!request.url().startsWith(base) && !request.url().startsWith("data:")) outside.push(request.url());
    });
    page.on("console", (message) => {
        if (message.type() === "error") problems.push(`${mode}: console: ${message.text()} at ${page.url()}`);
    });
    const journeys = await readJson(options.journeys ?? "tests/browser/journeys.json");

    await page.goto(base);
    await look(page, `${mode}-start`);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement.classList.contains("s-skip")), "no skip link first");
    await page.goto(`${base}/sprache?sprache=en&weiter=/`);
    expect(await page.locator("html").getAttribute("lang") === "en", "the language does not change");
    await look(page, `${mode}-start-en`);
    await page.goto(`${base}/sprache?sprache=de&weiter=/`);
    for (const path of ["/anmelden", "/vorgaenge", "/barrierefreiheit"]) {
        await page.goto(base + path);
        await look(page, `${mode}${path.replaceAll("/", "-")}`);
    }
    const missing = await page.goto(`${base}/vorgaenge/leipzig/999999`);
    expect(missing.status() === 404, `a case of nobody answers ${missing.status()}`);
    await look(page, `${mode}-404`);
    problems.splice(0, problems.length, ...problems.filter((text) => !text.includes("status of 404")));

    for (const journey of journeys) {
        const answers = patched(await readJson(journey.answers), journey.changes ?? {});
        await signIn(page, journey.citizen);
        if (journey.errors) await wrongAnswersComeBack(page, journey.service, mode);
        const number = await apply(page, journey.service, answers, `${mode}-${journey.name}`);
        log(`${mode} ${journey.name}: ${number}`);
        const caseUrl = page.url();
        await decideRetrievals(page, `${mode}-${journey.name}`, journey.evidence);
        if (journey.correct) await correct(page, `${mode}-${journey.name}`, journey.correct);
        if (journey.waits) await waitFor(page, journey.waits);
        if (journey.clerk) {
            await signOut(page);
            await signIn(page, journey.clerk.who);
            await clerkDecides(page, number, journey.clerk.answers, `${mode}-${journey.name}`);
            await signOut(page);
            await signIn(page, journey.citizen);
            await page.goto(caseUrl);
            await look(page, `${mode}-${journey.name}-vorgang-entschieden`);
        }
        const notice = await readNotice(page, mode, journey.name);
        for (const text of journey.notice ?? []) {
            expect(notice.includes(text), `the notice of ${journey.name} does not say "${text}": ${notice.slice(0, 300)}`);
        }
        await page.goto(`${base}/vorgaenge`);
        await look(page, `${mode}-${journey.name}-vorgaenge`);
        if (await page.locator("a[href='/datenschutzcockpit']").count() === 1) {
            await press(page, "a[href='/datenschutzcockpit']");
            await look(page, `${mode}-${journey.name}-datenschutzcockpit`);
        }
        await signOut(page);
        if (journey.explained) {
            await signIn(page, journey.explained.who);
            await page.goto(caseUrl);
            const said = await readDecisions(page, `${mode}-${journey.name}-entscheidungen`);
            for (const text of journey.explained.says) {
                expect(said.includes(text), `the clerk does not see "${text}": ${said.slice(0, 3000)}`);
            }
            await page.goto(`${base}/sprache?sprache=en&weiter=${new URL(caseUrl).pathname}`);
            await readDecisions(page, `${mode}-${journey.name}-entscheidungen-en`);
            await page.goto(`${base}/sprache?sprache=de&weiter=/`);
            await signOut(page);
        }
    }
    await signIn(page, "betrieb");
    await look(page, `${mode}-betrieb`);
    if (outside.length) problems.push(`${mode}: loaded from elsewhere: ${outside[0]}`);
    await context.close();
}

alive();
const stop = base ? async () => {} : await startDemo(resolve(options.program ?? join(root, "build/schwarm")));
const browser = await chromium.launch({
    executablePath: options.chromium ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
try {
    for (const mode of (options.modes ?? "nojs,js").split(",")) await walk(browser, mode);
} catch (error) {
    problems.push(error.stack ?? String(error));
} finally {
    await browser.close();
    await stop();
}
for (const problem of problems) log(`failed: ${problem}`);
log(`${pages} pages looked at, ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
