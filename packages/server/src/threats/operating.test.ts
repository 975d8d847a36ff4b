import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect, eventually, request, requestOk, type SpawnedServer, spawnServer } from "@mirage/testing";
import { afterEach, describe, expect, test } from "vitest";
import { refusalOf } from "./raw-link.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const noLimits = { EVENT_RATE_LIMIT: "0", CHAT_RATE_LIMIT: "0", CONNECTION_RATE_LIMIT: "0", IN_FLIGHT_LIMIT: "0" };

let it: SpawnedServer | undefined;
afterEach(async () => {
  await it?.remove();
  it = undefined;
});

interface Run {
  code: number | string;
  output: string;
}

/** Runs a program of the repository to its end, with this environment alone. */
function run(file: string, env: Record<string, string>): Promise<Run> {
  return new Promise((resolve) => {
    const options = { cwd: root, env: { PATH: process.env.PATH ?? "", HOST: "127.0.0.1", ...env }, timeout: 60_000 };
    execFile(process.execPath, [file], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? "killed"), output: stdout + stderr }),
    );
  });
}

describe("[DRN-1] SIGTERM under load", () => {
  test("is announced, ends in seconds with 0, and everything that was acknowledged is there afterwards", async () => {
    it = await spawnServer({ env: { ...noLimits, DRAIN_WINDOW_MS: "1000" } });
    const server = it;
    const sockets = await Promise.all(["a", "b", "c", "d"].map((name) => connect(server, name)));
    const acknowledged: string[] = [];
    const notices: number[] = [];
    for (const [index, socket] of sockets.entries()) {
      socket.on("server_draining", ({ reconnectInMs }) => notices.push(reconnectInMs));
      await requestOk(socket, "join_room", { roomId: "general" });
      const say = async (count: number): Promise<void> => {
        const answer = await request(socket, "chat_message", { roomId: "general", content: `${index}/${count}` });
        if (answer.ok) acknowledged.push(answer.message.id);
        if (socket.connected) await say(count + 1);
      };
      // The last one is never answered: its connection ends.
      for (let lane = 0; lane < 5; lane++) void say(lane * 100_000).catch(() => undefined);
    }
    await eventually(() => acknowledged.length > 50);
    const startedMs = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(notices.sort((a, b) => a - b)).toEqual([250, 500, 750, 1_000]);
    await server.start();
    const stored = new Set<string>();
    const reader = await connect(server, "reader");
    await requestOk(reader, "join_room", { roomId: "general" });
    for (let before: number | undefined, more = true; more; ) {
      const page = await requestOk(reader, "get_messages", {
        roomId: "general",
        limit: 100,
        ...(before === undefined ? {} : { before }),
      });
      for (const { id } of page.messages) stored.add(id);
      before = page.messages[0]?.seq;
      more = page.hasMore;
    }
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    reader.disconnect();
  });

  test("a second one ends it at once with 1", async () => {
    it = await spawnServer({ env: { DRAIN_WINDOW_MS: "60000" } });
    const socket = await connect(it, "ann");
    const told = new Promise((resolve) => socket.once("server_draining", resolve));
    process.kill(it.pid, "SIGTERM");
    await told;
    expect(await it.stop()).toBe(1);
  });
});

test("[S2] [S55] [S61] [SEC-1] no secret, token or password reaches a log, a metric, an answer or other users' eyes", async () => {
  const canary = "canary5d2e9b";
  const jwtSecret = `${canary}-jwt-secret-0123456789abcdef`;
  const apiKey = `${canary}-api-key-0123456789`;
  it = await spawnServer({
    env: {
      ...noLimits,
      JWT_SECRET: jwtSecret,
      API_KEY: apiKey,
      AUTH_SECRET: `${canary}-auth-secret-0123456789abcd`,
      LOG_LEVEL: "trace",
      WS_ALLOW_QUERY_TOKEN: "true",
      DRAIN_WINDOW_MS: "0",
    },
  });
  const seen: string[] = [];
  const tokenOf = (claims: object, secret = jwtSecret) => {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const signed = `${encode({ alg: "HS256" })}.${encode(claims)}`;
    return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
  };
  const token = tokenOf({ userId: "ann", username: "ann" });
  const bad = tokenOf({ userId: "ann", username: "ann" }, `${canary}-forged`);
  for (const transports of [["websocket"], ["polling"]]) {
    const socket = await connect(it, "ann", { transports, auth: {}, query: { token } });
    await requestOk(socket, "join_room", { roomId: "general" });
    await request(socket, "auth_refresh", { token: bad });
    await refusalOf(connect(it, "ann", { transports, auth: {}, query: { token: bad } }));
    socket.disconnect();
  }
  for (const bearer of [token, bad, apiKey, canary]) {
    const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
    for (const body of ["{", '{"roomId":"general","content":"x"}']) {
      const answer = await fetch(`${it.url}/api/v1/commands/chat_message?token=${bad}`, {
        method: "POST",
        headers,
        body,
      });
      seen.push(await answer.text());
    }
  }
  for (const path of ["/sign-up/username", "/sign-in/username"]) {
    const body = JSON.stringify({ username: "anna", password: `${canary} password` });
    const headers = { "content-type": "application/json", origin: it.url };
    seen.push(await (await fetch(`${it.url}/api/auth${path}`, { method: "POST", headers, body })).text());
  }
  for (const path of ["/metrics", "/healthz", "/readyz", "/api/v1/config.json", "/api/v1/openapi.json"]) {
    seen.push(await (await fetch(`${it.url}${path}`)).text());
  }
  expect(await it.stop()).toBe(0);
  seen.push(it.output());
  for (const secret of [canary, token.split(".")[2] ?? "", bad.split(".")[2] ?? ""]) {
    expect(seen.filter((text) => text.includes(secret))).toEqual([]);
  }
  expect(it.output()).not.toMatch(/Base URL/);
});

test("[CFG-4] [S61] what is kept is for its owner alone", async () => {
  it = await spawnServer({ env: { DRAIN_WINDOW_MS: "0" } });
  const { dataDir } = it.storage;
  const modeOf = (path: string) => (statSync(join(dataDir, path)).mode & 0o777).toString(8);
  expect([modeOf("."), modeOf("secrets.json")]).toEqual(["700", "600"]);
  if (existsSync(join(dataDir, "pglite"))) expect(modeOf("pglite")).toBe("700");
  const secrets = JSON.parse(readFileSync(join(dataDir, "secrets.json"), "utf8"));
  expect(it.output()).not.toContain(secrets.apiKey);
});

describe("a start that cannot succeed", () => {
  test("[CFG-2] lists everything that is wrong at once, without a value", async () => {
    const wrong = {
      PORT: "canary-1",
      DATABASE_URL: "mysql://root:canary-2@db/x",
      API_KEY: "canary-3",
      WS_CORS_ORIGIN: "canary-4/path",
      TRUST_PROXY: "canary-5",
      CHAT_RATE_LIMIT: "-1",
      ENABLE_REAL_TIME_CHAT: "maybe",
      JWT_JWKS_URL: "ftp://canary-6",
      LOG_LEVEL: "loud",
    };
    const { code, output } = await run("packages/server/src/main.ts", wrong);
    expect(code).toBe(1);
    for (const name of Object.keys(wrong)) expect(output).toContain(`- ${name}: `);
    expect(output).not.toContain("canary-");
    expect(output).not.toMatch(/\bat .*\.ts:\d/);
  });

  test("[OPS-2] says that the port is in use, or that another process has the data", async () => {
    it = await spawnServer();
    const dataDir = mkdtempSync(join(tmpdir(), "mirage-start-"));
    const busy = await run("packages/server/src/main.ts", { PORT: String(it.port), DATA_DIR: dataDir });
    expect([busy.code, busy.output]).toEqual([1, expect.stringContaining("The port is in use")]);
    rmSync(dataDir, { recursive: true, force: true });
    if (it.storage.databaseUrl !== undefined) return;
    const locked = await run("packages/server/src/main.ts", { PORT: "0", DATA_DIR: it.storage.dataDir });
    expect([locked.code, locked.output]).toEqual([1, expect.stringContaining(String(it.pid))]);
  });
});

describe("[OPS-3] the doctor", () => {
  const doctor = (env: Record<string, string>) => run("tools/doctor.ts", env);

  test("finds nothing on a fresh machine, and makes nothing", async () => {
    const dataDir = join(mkdtempSync(join(tmpdir(), "mirage-doctor-")), "data");
    const { code, output } = await doctor({ PORT: "0", DATA_DIR: dataDir });
    expect([code, output]).toEqual([0, expect.stringContaining("Nothing has to be fixed.")]);
    expect(output).toContain("will be made at first start");
    expect(existsSync(dataDir)).toBe(false);
  });

  test("tells a port of somebody else's from one of a running server, and a directory in use", async () => {
    const other = createServer((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const dataDir = join(tmpdir(), "mirage-doctor-none");
    const taken = await doctor({ PORT: String((other.address() as AddressInfo).port), DATA_DIR: dataDir });
    expect([taken.code, taken.output]).toEqual([1, expect.stringContaining("FIX   Port")]);
    other.close();
    it = await spawnServer();
    if (it.storage.databaseUrl !== undefined) return;
    const running = await doctor({ PORT: String(it.port), DATA_DIR: it.storage.dataDir });
    expect([running.code, running.output]).toEqual([0, expect.stringContaining("a Mirage server that is running")]);
    const locked = await doctor({ PORT: "0", DATA_DIR: it.storage.dataDir });
    expect([locked.code, locked.output]).toEqual([1, expect.stringContaining(`in use by process ${it.pid}`)]);
    expect(locked.output).not.toContain(it.jwtSecret);
  });

  test("tells a wrong address of the database, without its password, and wrong settings", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "mirage-doctor-"));
    const gone = await doctor({ PORT: "0", DATA_DIR: dataDir, DATABASE_URL: "postgres://me:canary-7@127.0.0.1:1/x" });
    expect([gone.code, gone.output]).toEqual([1, expect.stringContaining("FIX   The database cannot be used")]);
    expect(gone.output).not.toContain("canary-7");
    const wrong = await doctor({ PORT: "x", DATA_DIR: dataDir });
    expect([wrong.code, wrong.output]).toEqual([1, expect.stringContaining("FIX   PORT")]);
    rmSync(dataDir, { recursive: true, force: true });
  });
});
