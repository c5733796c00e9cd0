// A person in the Agents Playground: its web page in a real browser, for tests. Commands as JSON lines in, answers out.
//
// In:  {"id": 1, "do": "send", "text": "...", "mention": "Opschaalcoach"}
// Out: {"done": 1, ...} or {"error": "why", "id": 1}
// Rule: what is read is what stands on the page; and no request leaves this machine.

import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const DEADLINE = 20_000;
const PAUSE = 50;
const CLOSING = 5_000;
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

let browser;
let page;
let socket; // where the page hears what others said
let overtaken = false; // whether the next message of one's own is overtaken by what is said upon it
let who;
const aborted = new Set(); // the hosts that the page wanted to reach
const errors = []; // what went wrong in the page's own script

// Hearing: this runs in the page, before its own script. The Playground sends the bot a message while it tells the page
// that it was sent, and the page drops what is said under a post that it does not know yet. So what the bot says waits
// until no message of one's own is under way.

function inOrder() {
    const late = [];
    let underWay = 0;
    const { open, send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.open = function (method, url, ...rest) {
        this.isMessage = String(url).endsWith("/messages");
        return open.call(this, method, url, ...rest);
    };
    const arrived = () => {
        underWay -= 1;
        while (underWay === 0 && late.length) late.shift()();
    };
    XMLHttpRequest.prototype.send = function (...sent) {
        if (this.isMessage) {
            underWay += 1;
            this.addEventListener("loadend", () => setTimeout(arrived)); // after what the page does upon it
        }
        return send.apply(this, sent);
    };
    window.WebSocket = class extends WebSocket {
        addEventListener(kind, hears, ...rest) {
            const waits = (event) => (underWay ? late.push(() => hears(event)) : hears(event));
            super.addEventListener(kind, kind === "message" ? waits : hears, ...rest);
        }
    };
}

// Reading: this runs in the page. Every message, in chats and channels, has one button "Show more information".
// Of messages that do not hold all of `has` nothing is read but that: the page would lay all of itself out for it.

function read(has = []) {
    const shown = [];
    const bare = (text) => text.replace(/\s/g, "");
    const wanted = has.map(bare);
    // A channel has its newest post on top; here the newest comes last, as in a chat.
    const cards = [...document.querySelectorAll(".fui-Card")];
    const place = (button) => cards.indexOf(button.closest(".fui-Card"));
    const buttons = [...document.querySelectorAll('button[aria-label="Show more information"]')];
    for (const button of buttons.sort((one, other) => place(other) - place(one))) {
        const chat = button.closest('[aria-label="Message header"]');
        const post = button.closest(".fui-CardHeader");
        const header = chat ?? post ?? button.parentElement.parentElement;
        const body = header.nextElementSibling;
        const author = chat ? chat.querySelector('[aria-label="Message author"]') : header.querySelector(".fui-Text");
        const card = body.querySelector(".ac-adaptiveCard");
        const label = (input) => [...(input.labels ?? [])].map((one) => one.innerText.trim()).join(" ");
        body.dataset.message = shown.length;
        if (wanted.length && !wanted.every((text) => bare(body.textContent).includes(text))) {
            shown.push(null);
            continue;
        }
        shown.push({
            n: shown.length,
            author: author?.innerText ?? null,
            text: body.innerText.replaceAll("\u00a0", " ").trim(),
            html: card ? null : body.innerHTML,
            post: Boolean(post),
            card: Boolean(card),
            buttons: [...body.querySelectorAll(".ac-actionSet button")].map((one) => one.innerText.trim()),
            inputs: [...body.querySelectorAll("input, textarea")].map((one) => ({
                label: label(one),
                type: one.type,
                value: ["radio", "checkbox"].includes(one.type) ? one.checked : one.value,
            })),
        });
    }
    return shown;
}

// Whether for every one of `wanted` a message of the author stands there that holds all of its texts. Nothing is laid out
// for it: in a long conversation the page takes long for that.

function stands({ wanted, author, who }) {
    const bare = (text) => text.replace(/\s/g, "");
    const texts = [];
    for (const button of document.querySelectorAll('button[aria-label="Show more information"]')) {
        const chat = button.closest('[aria-label="Message header"]');
        const header = chat ?? button.closest(".fui-CardHeader") ?? button.parentElement.parentElement;
        const of = chat ? chat.querySelector('[aria-label="Message author"]') : header.querySelector(".fui-Text");
        if ((of?.textContent ?? who) === author) texts.push(bare(header.nextElementSibling.textContent));
    }
    return wanted.every((has) => texts.some((text) => has.every((one) => text.includes(bare(one)))));
}

// Whose message is one's own, a chat does not say.
const named = (messages) => messages.map((one) => ({ ...one, author: one.author ?? who }));
const messages = async () => named(await page.evaluate(read, []));

/** Waits for messages that hold a text, or all of some texts, from the n-th message on; the latest of them. */
async function found({ has: wanted, author, after = 0 }) {
    const has = [wanted].flat();
    const test = ({ source, has, author, after, who }) => {
        const all = new Function("has", `return (${source})(has)`)(has);
        const ours = all.filter(
            (one) =>
                one &&
                one.n >= after &&
                has.every((text) => one.text.includes(text)) &&
                (!author || (one.author ?? who) === author),
        );
        return ours.at(-1) ?? false;
    };
    try {
        const asked = { source: read.toString(), has, author, after, who };
        const handle = await page.waitForFunction(test, asked, { polling: PAUSE });
        return named([await handle.jsonValue()])[0];
    } catch (error) {
        if (!String(error).includes("Timeout")) throw error;
        const seen = (await messages()).map((one) => `${one.author}: ${one.text}`);
        throw new Error(`no message with ${JSON.stringify(has)}; it saw ${JSON.stringify(seen)}`);
    }
}

/** The body of a message on the page. */
const body = async (asked) => page.locator(`[data-message="${(await found(asked)).n}"]`);

// Writing

async function write(box, { text, mention }) {
    if (text.includes("\n")) throw new Error("the Playground drops the line ends of a message: use a card");
    await box.click();
    if (mention) {
        await box.pressSequentially("@");
        await page.getByRole("menuitem", { name: mention }).first().click();
        await box.pressSequentially(" ");
    }
    await page.keyboard.insertText(text);
}

const boxes = () => page.locator("[contenteditable=true][role=textbox]");

/** Does something that shows a new message of one's own, and waits until it stands there. */
async function shows(text, doing) {
    const count = () => document.querySelectorAll('button[aria-label="Show more information"]').length;
    const before = await page.evaluate(count);
    await doing();
    const more = (n) => document.querySelectorAll('button[aria-label="Show more information"]').length > n;
    await page.waitForFunction(more, before, { polling: PAUSE });
    return { message: await found({ has: text, author: who }) };
}

const commands = {
    async open({ url, chromium: executablePath, user }) {
        who = user;
        // Its sandbox needs rights that a container does not give; nothing but our own page is opened in it.
        browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
        const context = await browser.newContext({
            viewport: { width: 1280, height: 1000 },
            locale: "nl-NL",
            timezoneId: "Europe/Amsterdam",
        });
        page = await context.newPage();
        page.setDefaultTimeout(DEADLINE);
        await page.addInitScript(inOrder);
        page.on("pageerror", (error) => errors.push(String(error)));
        page.on("websocket", (opened) => {
            if (opened.url().includes("/_ws_conversation/")) socket = opened;
        });
        await page.route("**/*", async (route) => {
            const { hostname, pathname } = new URL(route.request().url());
            if (hostname !== "127.0.0.1") {
                aborted.add(hostname);
                return route.abort();
            }
            if (!overtaken || !pathname.endsWith("/messages")) return route.continue();
            overtaken = false;
            const said = socket.waitForEvent("framereceived");
            const response = await route.fetch();
            await said;
            return route.fulfill({ response });
        });
        await page.goto(url);
        await boxes().first().waitFor();
        await page.getByTitle("Hide log panel").click(); // it draws all that happened anew each time
        return { places: await page.getByRole("treeitem").evaluateAll((all) => all.map((one) => one.ariaLabel)) };
    },

    async go({ place }) {
        const settled = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        await page.getByRole("treeitem", { name: place, exact: true }).click();
        await page.evaluate(settled);
        await boxes().first().waitFor();
        return {};
    },

    /** In a chat a message, in a channel a post of its own. */
    async send(asked) {
        const post = page.getByRole("button", { name: "Post", exact: true });
        const isChannel = (await post.count()) > 0;
        return shows(asked.text, async () => {
            await write(isChannel ? boxes().first() : boxes().last(), asked);
            await (isChannel ? post.click() : page.getByRole("button", { name: "Send Message" }).last().click());
        });
    },

    /** In a channel: under the post that holds a text. */
    async reply(asked) {
        const card = page.locator(".fui-Card").filter({ hasText: asked.to }).last();
        return shows(asked.text, async () => {
            await write(card.locator("[contenteditable=true][role=textbox]").last(), asked);
            await card.getByRole("button", { name: "Send Message" }).click();
        });
    },

    /** The page hears what the bot says upon the next message before it hears that this message was sent. */
    async overtake() {
        overtaken = true;
        return {};
    },

    async messages() {
        return { messages: await messages() };
    },

    async wait(asked) {
        return { message: await found(asked) };
    },

    /** All of these stand there; `wanted` has the texts of each. */
    async stand({ wanted, author }) {
        try {
            await page.waitForFunction(stands, { wanted, author, who }, { polling: 2 * PAUSE });
        } catch (error) {
            if (!String(error).includes("Timeout")) throw error;
            for (const has of wanted) await found({ has, author }); // says which does not, and what does
        }
        return {};
    },

    /** A button of a card; done when the page sent what it does. */
    async press(asked) {
        const button = (await body(asked)).getByRole("button", { name: asked.button, exact: true });
        const sent = page.waitForRequest((request) => request.url().includes("/_conversation/v1/"));
        const failed = page.waitForEvent("pageerror", { timeout: 0 }).then((error) => {
            throw new Error(`the page could not send it: ${error.message}`);
        });
        await Promise.all([Promise.race([sent, failed]), button.click()]).finally(() => {
            sent.catch(() => {});
            failed.catch(() => {});
        });
        return {};
    },

    /** A field of a card. The page sends what is in it only where somebody clicked there first. */
    async fill(asked) {
        const field = (await body(asked)).getByRole("textbox", { name: asked.label });
        await field.click();
        await field.fill(asked.value);
        return {};
    },

    /** A round or square box with this title on it; with a label, an option of that list. */
    async choose(asked) {
        const inputs = (await body(asked)).locator("input");
        const labels = await inputs.evaluateAll((all) =>
            all.map((one) => [...(one.labels ?? [])].map((label) => label.innerText.trim()).join(" ")),
        );
        const place = labels.indexOf(asked.label ?? asked.option);
        if (place < 0) throw new Error(`no ${asked.label ?? asked.option} among ${JSON.stringify(labels)}`);
        if (!asked.label) {
            await inputs.nth(place).check({ force: true });
            return {};
        }
        await inputs.nth(place).click();
        await page.getByRole("option", { name: asked.option, exact: true }).click();
        return {};
    },

    async screenshot({ file }) {
        await page.screenshot({ path: file });
        return {};
    },

    async aborted() {
        return { hosts: [...aborted].sort(), errors };
    },
};

async function run(line) {
    let asked = {};
    try {
        asked = JSON.parse(line);
        if (!Object.hasOwn(commands, asked.do)) throw new Error(`no such command: ${asked.do}`);
        if (!page && asked.do !== "open") throw new Error("open the page first");
        say({ done: asked.id, ...(await commands[asked.do](asked)) });
    } catch (error) {
        say({ error: String(error?.message ?? error), id: asked.id ?? null });
    }
}

let last = Promise.resolve(); // one command after another: there is one page
const input = createInterface({ input: process.stdin, crlfDelay: Infinity });
input.on("line", (line) => (last = last.then(() => run(line))));
input.on("close", async () => {
    setTimeout(() => process.exit(1), CLOSING); // a page that is busy does not close
    await browser?.close();
    process.exit(0);
});
