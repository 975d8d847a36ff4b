import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { eventually, FakeClock, signToken, startTestServer, type TestServer } from "@mirage/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRawLink, pollingStatus, type RawLink, refusalOf, upgradeStatus } from "./raw-link.ts";

const required = ["Authentication token required", "token_required"];
const invalid = ["Authentication failed", "token_invalid"];
const expired = ["Authentication failed", "token_expired"];

let it: TestServer;
let silent: RawLink;
beforeAll(async () => {
  it = await startTestServer();
  silent = await openRawLink(it.port);
});
afterAll(() => it.close());

const seconds = () => Math.floor(Date.now() / 1_000);
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const claims = () => ({ userId: "ann", username: "ann", exp: seconds() + 600 });

function tokenWith(header: object, secret: string, hash = "sha256"): string {
  const signed = `${part(header)}.${part(claims())}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest("base64url")}`;
}

describe.each([["websocket"], ["polling"]])("a handshake over %s", (transport) => {
  const attempt = (token: string | undefined) =>
    refusalOf(it.connect("ann", { transports: [transport], auth: token === undefined ? {} : { token } }));

  test("[S3] is refused with the same words whatever is wrong with the token", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const rsa = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims())}`;
    const good = signToken(claims(), it.jwtSecret);
    const forged: Record<string, string> = {
      "no token at all": "garbage",
      "alg none": `${part({ alg: "none" })}.${part(claims())}.`,
      "alg none with a signature": `${part({ alg: "none" })}.${part(claims())}.AAAA`,
      "another secret": signToken(claims(), "another"),
      "another hash": tokenWith({ alg: "HS512", typ: "JWT" }, it.jwtSecret, "sha512"),
      "a key nobody knows": `${rsa}.${sign("sha256", Buffer.from(rsa), privateKey).toString("base64url")}`,
      "a public key as the secret": tokenWith(
        { alg: "HS256" },
        publicKey.export({ type: "spki", format: "pem" }).toString(),
      ),
      "a changed payload": `${good.split(".")[0]}.${part({ ...claims(), userId: "bob" })}.${good.split(".")[2]}`,
      "another type": tokenWith({ alg: "HS256", typ: "dpop+jwt" }, it.jwtSecret),
      "not yet": signToken({ ...claims(), ...{ nbf: seconds() + 600 } }, it.jwtSecret),
      nobody: signToken({ username: "ann" }, it.jwtSecret),
    };
    for (const [what, token] of Object.entries(forged))
      expect([what, ...(await attempt(token))]).toEqual([what, ...invalid]);
    expect(await attempt(signToken({ ...claims(), exp: seconds() - 60 }, it.jwtSecret))).toEqual(expired);
    expect(await attempt(good)).toEqual(["accepted", undefined]);
  });

  test("[S3] is refused where it is not for this audience and issuer", async () => {
    const strict = await startTestServer({ settings: { jwtIssuer: "host", jwtAudience: "chat" } });
    const connect = (token: string) => refusalOf(strict.connect("ann", { transports: [transport], token }));
    const to = (iss: string, aud: string) => signToken({ ...claims(), iss, aud }, strict.jwtSecret);
    expect(await connect(to("host", "mail"))).toEqual(invalid);
    expect(await connect(to("other", "chat"))).toEqual(invalid);
    expect(await connect(signToken(claims(), strict.jwtSecret))).toEqual(invalid);
    expect(await connect(to("host", "chat"))).toEqual(["accepted", undefined]);
    await strict.close();
  });

  test("[S2] needs its token in the credentials, not in the address", async () => {
    expect(await attempt(undefined)).toEqual(required);
    const query = { token: signToken(claims(), it.jwtSecret) };
    expect(await refusalOf(it.connect("ann", { transports: [transport], auth: {}, query }))).toEqual(required);
  });

  test("[AUTH-6] under strict, someone unknown is told so", async () => {
    const strict = await startTestServer({ settings: { authProvision: "strict" } });
    expect(await refusalOf(strict.connect("ann", { transports: [transport] }))).toEqual([
      "User not found",
      "user_not_found",
    ]);
    await strict.close();
  });
});

test("[S2] the address is read where the host says so", async () => {
  const lenient = await startTestServer({ settings: { allowQueryToken: true } });
  const query = { token: signToken(claims(), lenient.jwtSecret) };
  for (const transports of [["websocket"], ["polling"]]) {
    expect((await lenient.connect("ann", { transports, auth: {}, query })).connected).toBe(true);
  }
  await lenient.close();
});

test("[S36] the connection after the last one allowed is told so, and one that leaves makes room", async () => {
  const few = await startTestServer({ settings: { connectionsPerUser: 2 } });
  const first = await few.connect("ann");
  await few.connect("ann", { transports: ["polling"] });
  const tooMany = ["Too many connections", "connection_limit"];
  expect(await refusalOf(few.connect("ann"))).toEqual(tooMany);
  expect(await refusalOf(few.connect("ann", { transports: ["polling"] }))).toEqual(tooMany);
  first.disconnect();
  await eventually(async () => expect(await refusalOf(few.connect("ann"))).toEqual(["accepted", undefined]));
  await few.close();
});

describe("where a page is from", () => {
  test("[S1] is its own host or one of the list, over both transports, whatever the cookie", async () => {
    const listed = await startTestServer({ settings: { corsOrigins: ["https://app.example.com"] } });
    const statuses = async (port: number, origin: string) => {
      const headers = { origin, cookie: "mirage.session_token=stolen" };
      return [await pollingStatus(port, headers), await upgradeStatus(port, headers)];
    };
    const foreign = [
      "null",
      "https://app.example.com.evil.tld",
      "https://evil.tld",
      "http://app.example.com",
      "https://app.example.com:8443",
      "https://app.example.com@evil.tld",
      "garbage",
    ];
    for (const origin of foreign) expect([origin, await statuses(listed.port, origin)]).toEqual([origin, [403, 403]]);
    expect(await statuses(listed.port, "https://app.example.com")).toEqual([200, 101]);
    expect(await statuses(it.port, `http://127.0.0.1:${it.port}`)).toEqual([200, 101]);
    expect(await statuses(it.port, `http://127.0.0.1:${it.port + 1}`)).toEqual([403, 403]);
    expect(await statuses(it.port, `https://127.0.0.1:${it.port}`)).toEqual([403, 403]);
    expect([await pollingStatus(it.port), await upgradeStatus(it.port)]).toEqual([200, 101]);
    await listed.close();
  });

  test("[S7] a forwarded host or scheme counts from a trusted proxy alone", async () => {
    const headers = { origin: "https://chat.test", "x-forwarded-proto": "https", "x-forwarded-host": "chat.test" };
    expect([await pollingStatus(it.port, headers), await upgradeStatus(it.port, headers)]).toEqual([403, 403]);
    const proxied = await startTestServer({ settings: { trustProxy: ["127.0.0.0/8"] } });
    expect([await pollingStatus(proxied.port, headers), await upgradeStatus(proxied.port, headers)]).toEqual([
      200, 101,
    ]);
    await proxied.close();
  });
});

describe("handshakes of one address", () => {
  test("[S5] [S7] beyond the rate are turned away, whatever address they claim", async () => {
    const limited = await startTestServer({ settings: { connectionsPerSecond: 1 } });
    const claim = (index: number) => ({ "x-forwarded-for": `10.0.0.${index}` });
    const statuses: number[] = [];
    for (let index = 0; index < 15; index++) statuses.push(await pollingStatus(limited.port, claim(index)));
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(200));
    expect(statuses.slice(12)).toContain(429);
    await limited.close();
  });

  test("[S36] that have not said who they are take fifty places, and a crowd that says so comes in", async () => {
    // How long one waits for a place is no matter of how busy the machine is.
    const clock = new FakeClock();
    const limited = await startTestServer({ clock, settings: { connectionsPerSecond: 100 } });
    const idle: RawLink[] = await Promise.all(Array.from({ length: 50 }, () => openRawLink(limited.port)));
    let refused: number[] = [];
    void Promise.all([upgradeStatus(limited.port), pollingStatus(limited.port)]).then((statuses) => {
      refused = statuses;
    });
    const isRefused = () => {
      clock.advance(400);
      return refused.length > 0;
    };
    await eventually(isRefused, { intervalMs: 200 });
    expect(refused).toEqual([429, 429]);
    for (const { socket } of idle.splice(0, 10)) socket.terminate();
    const crowd = await Promise.all(Array.from({ length: 120 }, (_, index) => limited.connect(`user-${index}`)));
    expect(crowd.every((socket) => socket.connected)).toBe(true);
    expect(idle.some((link) => link.isClosed())).toBe(false);
    for (const { socket } of idle) socket.terminate();
    // A handshake that comes to nothing gives its place back.
    const nothing = `${limited.url}/socket.io/?EIO=4&transport=smoke`;
    const statuses = await Promise.all(Array.from({ length: 150 }, async () => (await fetch(nothing)).status));
    expect(new Set(statuses)).toEqual(new Set([400]));
    expect(await upgradeStatus(limited.port)).toBe(101);
    await limited.close();
  });

  test("[S36] are not counted where the limit is off", async () => {
    const idle = await Promise.all(Array.from({ length: 60 }, () => openRawLink(it.port)));
    expect(idle.length).toBe(60);
    for (const { socket } of idle) socket.terminate();
  });
});

test("[S4] a link that never says who it is ends within ten seconds", async () => {
  await eventually(() => silent.isClosed(), { timeoutMs: 13_000, intervalMs: 100 });
});

test("[S8] a link's id cannot be guessed, and an unknown one is refused", async () => {
  const address = `${it.url}/socket.io/?EIO=4&transport=polling`;
  const ids = await Promise.all(
    Array.from({ length: 5 }, async () => JSON.parse((await (await fetch(address)).text()).slice(1)).sid as string),
  );
  expect(new Set(ids.map((sid) => sid.slice(-8))).size).toBe(5);
  for (const sid of ids) expect(Buffer.from(sid, "base64url").length).toBeGreaterThanOrEqual(16);
  for (const sid of ["guess", "__proto__", "constructor", ""]) {
    expect([sid, (await fetch(`${address}&sid=${sid}`)).status]).toEqual([sid, sid === "" ? 200 : 400]);
  }
});
