// An independent encrypted Matrix client, for tests: commands as JSON lines in, answers and events as JSON lines out.
//
// In:  {"id": 1, "do": "send", "room": "!r", "text": "..."}
// Out: {"done": 1, ...} or {"error": "why", "id": 1}, and between them {"event": "message", ...} for what it sees.
// Rule: standard output is for these lines alone; whatever the sdk logs goes to standard error.

import { Console } from "node:console";
import { createInterface } from "node:readline";

globalThis.console = new Console(process.stderr);
if (!process.env.OPSCHAALCOACH_TEST_JS_LOG) console.log = console.info = console.debug = console.trace = () => {};
// The sdk asks for node 22; this is all that it needs more than node 20 has.
Promise.withResolvers ??= function () {
    let resolve, reject;
    const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
    return { promise, resolve, reject };
};

// Only now: an ordinary import would run before the lines above.
const { createClient, ClientEvent, MatrixEventEvent, SyncState } = await import("matrix-js-sdk");
const { AllDevicesIsolationMode, OnlySignedDevicesIsolationMode, EventShieldColour, EventShieldReason } =
    await import("matrix-js-sdk/lib/crypto-api/index.js");

const DEADLINE = 30_000;
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

let client;
let account;
const seen = new Map(); // event id -> the newest report of it, in the order of first sight

// Seeing

async function report(event) {
    const found = {
        event: "message",
        room: event.getRoomId(),
        id: event.getId(),
        sender: event.getSender(),
        type: event.getType(),
        content: event.getContent(),
        encrypted: event.isEncrypted(),
        at: event.getTs(),
    };
    if (event.isState()) found.state_key = event.getStateKey();
    if (found.type === "m.room.redaction") found.redacts = event.event.redacts ?? found.content.redacts;
    if (event.isEncrypted()) {
        // What stands outside the encryption: relations must be readable for the server.
        found.outside = event.getWireContent()["m.relates_to"] ?? null;
        found.wire_type = event.getWireType();
        if (event.isDecryptionFailure()) {
            found.decryption_error = { reason: event.decryptionFailureReason, message: event.getContent().body };
        } else {
            const info = await client.getCrypto().getEncryptionInfoForEvent(event);
            if (info !== null) {
                found.shield = {
                    colour: EventShieldColour[info.shieldColour],
                    reason: info.shieldReason === null ? null : EventShieldReason[info.shieldReason],
                };
            }
        }
    }
    seen.set(found.id, found);
    say(found);
}

async function onEvent(event) {
    if (!event.getId() || !event.getRoomId()) return; // account data, typing, receipts
    if (event.isEncrypted()) {
        // Also when the key comes later: first the failure is reported, then the text.
        event.on(MatrixEventEvent.Decrypted, (it) => report(it).catch(fail));
        await client.decryptEventIfNeeded(event);
        if (event.isBeingDecrypted()) return;
        if (seen.has(event.getId())) return;
    }
    await report(event);
}

const fail = (error) => console.error(error);

// Waiting

function until(emitter, name, test, what) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => done(reject, new Error(`waited in vain for ${what}`)), DEADLINE);
        const look = () => Promise.resolve(test()).then((found) => found && done(resolve, found), (e) => done(reject, e));
        function done(how, value) {
            clearTimeout(timer);
            emitter.off(name, look);
            how(value);
        }
        emitter.on(name, look);
        look();
    });
}

const joined = (room) =>
    until(
        client,
        ClientEvent.Sync,
        () => client.getRoom(room)?.getMyMembership() === "join" && client.getRoom(room),
        `the room ${room}`,
    );

const isEncrypted = (room) => client.getCrypto().isEncryptionEnabledInRoom(room);

// Commands

function relation({ reply_to, thread, falling_back }) {
    if (thread) {
        return {
            "rel_type": "m.thread",
            "event_id": thread,
            "is_falling_back": falling_back ?? !reply_to,
            "m.in_reply_to": { event_id: reply_to ?? thread },
        };
    }
    return reply_to ? { "m.in_reply_to": { event_id: reply_to } } : undefined;
}

function textual({ text, html, mentions, content }) {
    const found = { "msgtype": "m.text", "body": text, "m.mentions": mentions ? { user_ids: mentions } : {} };
    if (html) Object.assign(found, { format: "org.matrix.custom.html", formatted_body: html });
    return { ...found, ...content };
}

async function put(room, type, content) {
    await joined(room);
    return { event_id: (await client.sendEvent(room, type, content)).event_id };
}

const commands = {
    async login({ homeserver, user, password }) {
        const body = {
            type: "m.login.password",
            identifier: { type: "m.id.user", user },
            password,
            initial_device_display_name: "matrix-js-sdk",
        };
        const found = await createClient({ baseUrl: homeserver }).loginRequest(body);
        account = { user: found.user_id, password };
        client = createClient({
            baseUrl: homeserver,
            userId: found.user_id,
            deviceId: found.device_id,
            accessToken: found.access_token,
        });
        await client.initRustCrypto({ useIndexedDB: false });
        client.on(ClientEvent.Event, (event) => onEvent(event).catch(fail));
        await client.startClient({ initialSyncLimit: 100 });
        const ready = [SyncState.Prepared, SyncState.Syncing];
        await until(client, ClientEvent.Sync, () => ready.includes(client.getSyncState()), "the first sync");
        // startClient does not wait for the device's keys: others must be able to find this device from now on.
        await until(client, ClientEvent.Sync, hasKeys, "its own keys on the server");
        return { user: found.user_id, device: found.device_id };
    },

    async isolation({ mode }) {
        const modes = {
            AllDevices: () => new AllDevicesIsolationMode(false),
            OnlySignedDevices: () => new OnlySignedDevicesIsolationMode(),
        };
        client.getCrypto().setDeviceIsolationMode(modes[mode]());
        return {};
    },

    async crossSign() {
        const { user, password } = account;
        await client.getCrypto().bootstrapCrossSigning({
            authUploadDeviceSigningKeys: (request) =>
                request({ type: "m.login.password", identifier: { type: "m.id.user", user }, password }),
        });
        return {};
    },

    async trust({ user }) {
        // Every device of a user: whether its owner signed it.
        const crypto = client.getCrypto();
        const devices = (await crypto.getUserDeviceInfo([user], true)).get(user) ?? new Map();
        const found = {};
        for (const id of devices.keys()) {
            const status = await crypto.getDeviceVerificationStatus(user, id);
            found[id] = { signed: status?.signedByOwner ?? false };
        }
        return { devices: found };
    },

    async createRoom({ name, encrypted = false, invite = [], version, power }) {
        const state = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };
        const { room_id } = await client.createRoom({
            name,
            preset: "private_chat",
            invite,
            initial_state: encrypted ? [state] : [],
            room_version: version,
            power_level_content_override: power,
        });
        await joined(room_id);
        if (encrypted) await until(client, ClientEvent.Sync, () => isEncrypted(room_id), "encryption");
        return { room: room_id };
    },

    async join({ room }) {
        await client.joinRoom(room);
        await joined(room);
        return {};
    },

    invite: async ({ room, user }) => (await client.invite(room, user), {}),
    kick: async ({ room, user, reason }) => (await client.kick(room, user, reason), {}),
    leave: async ({ room }) => (await client.leave(room), {}),

    send(asked) {
        const relates = relation(asked);
        const content = { ...(relates && { "m.relates_to": relates }), ...textual(asked) };
        return put(asked.room, asked.type ?? "m.room.message", content);
    },

    react({ room, target, key }) {
        const relates = { rel_type: "m.annotation", event_id: target, key };
        return put(room, "m.reaction", { "m.relates_to": relates });
    },

    edit(asked) {
        const inner = textual(asked);
        return put(asked.room, "m.room.message", {
            ...inner,
            "body": `* ${inner.body}`,
            "m.new_content": inner,
            "m.relates_to": { rel_type: "m.replace", event_id: asked.target },
        });
    },

    async redact({ room, target, reason }) {
        return { event_id: (await client.redactEvent(room, target, undefined, { reason })).event_id };
    },

    async state({ room, type, content, key = "" }) {
        return { event_id: (await client.sendStateEvent(room, type, content, key)).event_id };
    },

    async members({ room }) {
        const found = (await joined(room)).getJoinedMembers();
        return { members: found.map((member) => member.userId).sort() };
    },

    messages: async ({ room }) => ({ messages: [...seen.values()].filter((one) => one.room === room) }),
};

async function hasKeys() {
    const { user_id: user, device_id: device } = { user_id: client.getUserId(), device_id: client.getDeviceId() };
    const found = await client.downloadKeysForUsers([user]);
    return Boolean(found.device_keys?.[user]?.[device]);
}

async function run(line) {
    let asked = {};
    try {
        asked = JSON.parse(line);
        if (!Object.hasOwn(commands, asked.do)) throw new Error(`no such command: ${asked.do}`);
        if (!client && asked.do !== "login") throw new Error("log in first");
        say({ done: asked.id, ...(await commands[asked.do](asked)) });
    } catch (error) {
        say({ error: String(error?.message ?? error), errcode: error?.errcode ?? null, id: asked.id ?? null });
    }
}

process.on("unhandledRejection", fail);
const input = createInterface({ input: process.stdin, crlfDelay: Infinity });
input.on("line", run);
input.on("close", () => {
    client?.stopClient();
    process.exit(0); // timers of the sdk would keep it alive
});
