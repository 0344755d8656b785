// Using a page with the keyboard alone, whether or not its scripts run.

// Presses Tab until the element that `wanted` describes has the focus.
export async function tabTo(page, selector, back = false) {
    const target = page.locator(selector).first();
    await target.waitFor({ state: "attached" });
    for (let i = 0; i < 200; ++i) {
        if (await target.evaluate((element) => element === document.activeElement)) return;
        await page.keyboard.press(back ? "Shift+Tab" : "Tab");
    }
    throw new Error(`not reachable by keyboard: ${selector} on ${page.url()}`);
}

export async function press(page, selector) {
    await tabTo(page, selector);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
}

async function type(page, selector, text) {
    await tabTo(page, selector);
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Delete");
    await page.keyboard.type(String(text));
}

async function choose(page, name, value) {
    const radios = page.locator(`input[type=radio][name="${name}"]`);
    const values = await radios.evaluateAll((all) => all.map((one) => one.value));
    const wanted = values.indexOf(String(value));
    if (wanted < 0) throw new Error(`${name} has no answer ${value}`);
    const checked = await radios.evaluateAll((all) => all.findIndex((one) => one.checked));
    await tabTo(page, `input[type=radio][name="${name}"] >> nth=${checked < 0 ? 0 : checked}`);
    if (checked < 0) await page.keyboard.press("Space");
    const steps = wanted - Math.max(checked, 0);
    for (let i = 0; i < Math.abs(steps); ++i) {
        await page.keyboard.press(steps > 0 ? "ArrowDown" : "ArrowUp");
    }
}

async function select(page, selector, value) {
    await tabTo(page, selector);
    const place = await page.locator(selector).evaluate((element, text) => ({
        wanted: [...element.options].findIndex((option) => option.value === text),
        now: element.selectedIndex,
    }), String(value));
    if (place.wanted < 0) throw new Error(`${selector} has no answer ${value}`);
    for (let i = place.now; i !== place.wanted; i += place.wanted > i ? 1 : -1) {
        await page.keyboard.press(place.wanted > i ? "ArrowDown" : "ArrowUp");
    }
}

async function tick(page, selector, on) {
    if (await page.locator(selector).isChecked() === on) return;
    await tabTo(page, selector);
    await page.keyboard.press("Space");
}

export function answerAt(answers, name) {
    return name.split(".").reduce((at, step) => (at == null ? undefined : at[step]), answers);
}

const asGerman = (value) => typeof value === "number" ? String(value).replace(".", ",") : value;

// Fills in every field of the page for which `answers` has something.
export async function fill(page, answers) {
    const fields = await page.locator("form.s-form").first().locator("input, select, textarea")
        .evaluateAll((all) => all.map((one) => ({
            name: one.name, type: one.tagName === "INPUT" ? one.type : one.tagName.toLowerCase(),
            id: one.id, value: one.value,
        })));
    const done = new Set();
    for (const field of fields) {
        const date = field.name.match(/^(.*)\.(tag|monat|jahr)$/);
        const name = date ? date[1] : field.name;
        const answer = answerAt(answers, name);
        if (!field.id || answer === undefined || answer === null) continue;
        const selector = `[id="${field.id}"]`;
        if (date) {
            const [year, month, day] = answer.split("-");
            await type(page, selector, { tag: Number(day), monat: Number(month), jahr: year }[date[2]]);
        } else if (field.type === "radio") {
            if (!done.has(name)) await choose(page, name, answer);
        } else if (field.type === "checkbox") {
            const on = Array.isArray(answer) ? answer.map(String).includes(field.value) : answer === true;
            await tick(page, selector, on);
        } else if (field.type === "select") {
            await select(page, selector, answer);
        } else if (field.type !== "hidden" && field.type !== "file") {
            await type(page, selector, asGerman(answer));
        }
        done.add(name);
    }
}
