import { createHmac, generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HandshakeError } from "../../access/handshake-error.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import { createTokenVerifier, ownIssuer } from "./tokens.ts";

const secret = "a shared secret that is long enough";
const nowSeconds = 1_800_000_000;
const clock = { ...systemClock, now: () => nowSeconds * 1_000 };
const person = { userId: "u1", username: "Anna" };

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function hmacToken(payload: unknown, header: object = { alg: "HS256", typ: "JWT" }, key: string | Buffer = secret) {
  const body = `${encode(header)}.${encode(payload)}`;
  return `${body}.${createHmac("sha256", key).update(body).digest("base64url")}`;
}

function openVerifier(
  settings: { jwtJwksUrl?: string; jwtIssuer?: string; jwtAudience?: string } = {},
  ownKey?: CryptoKey,
) {
  return createTokenVerifier({
    settings: { jwtSecret: secret, jwtJwksUrl: undefined, jwtIssuer: undefined, jwtAudience: undefined, ...settings },
    findOwnKey: async (kid) => (kid === "own" ? ownKey : undefined),
    clock,
  });
}

async function outcome(token: string, verify = openVerifier()): Promise<string> {
  try {
    return (await verify(token)).userId;
  } catch (error) {
    return error instanceof HandshakeError ? error.code : String(error);
  }
}

let jwks: Server;
let jwksUrl: string;
let ed: { publicKey: CryptoKey; privateKey: CryptoKey };
let rsa: { publicKey: CryptoKey; privateKey: CryptoKey };

beforeAll(async () => {
  ed = await generateKeyPair("EdDSA", { extractable: true });
  rsa = await generateKeyPair("RS256", { extractable: true });
  const keys = [
    { ...(await exportJWK(ed.publicKey)), kid: "ed" },
    { ...(await exportJWK(rsa.publicKey)), kid: "rsa" },
    { kty: "oct", kid: "oct", k: Buffer.from("published").toString("base64url") },
  ];
  jwks = createServer((request, response) => {
    response.statusCode = request.url === "/jwks" ? 200 : 500;
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => jwks.listen(0, "127.0.0.1", resolve));
  jwksUrl = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/jwks`;
});

afterAll(() => void jwks.close());

test("[AUTH-1] a token signed with the shared secret is taken, one that was changed is not", async () => {
  const token = hmacToken(person);
  expect(await outcome(token)).toBe("u1");
  expect(await outcome(hmacToken({ sub: 42, name: "Bob" }))).toBe("42");
  expect(await outcome(hmacToken(person, undefined, "another secret"))).toBe("token_invalid");
  expect(await outcome(`${token.slice(0, -2)}AA`)).toBe("token_invalid");
  expect(await outcome(token.replace(encode(person), encode({ userId: "u2" })))).toBe("token_invalid");
});

test("[AUTH-2] no token passes by naming another algorithm", async () => {
  const unsigned = `${encode({ alg: "none" })}.${encode(person)}.`;
  const rsaPublic = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({
    type: "spki",
    format: "pem",
  });
  const verify = openVerifier({ jwtJwksUrl: jwksUrl }, ed.publicKey);
  expect(await outcome(hmacToken(person), verify)).toBe("u1");
  expect(await outcome(unsigned, verify)).toBe("token_invalid");
  expect(await outcome(`${unsigned}AA`, verify)).toBe("token_invalid");
  for (const alg of ["none", "None", "HS384", "HS512", "hs256", "RS256", "EdDSA"]) {
    expect(await outcome(hmacToken(person, { alg }), verify)).toBe("token_invalid");
  }
  expect(await outcome(hmacToken(person, { alg: "HS256" }, Buffer.from(rsaPublic)), verify)).toBe("token_invalid");
  expect(await outcome(hmacToken(person, { alg: "HS256", kid: "oct" }, "published"), verify)).toBe("token_invalid");
  expect(await outcome(hmacToken(person, { alg: "HS256", crit: ["b64"], b64: false }), verify)).toBe("token_invalid");
  expect(await outcome(hmacToken(person, { alg: "HS256", typ: "logout+jwt" }), verify)).toBe("token_invalid");
});

test("[AUTH-3] a token counts from nbf to exp, with five seconds for clocks that differ", async () => {
  expect(await outcome(hmacToken({ ...person, exp: nowSeconds - 4 }))).toBe("u1");
  expect(await outcome(hmacToken({ ...person, exp: nowSeconds - 6 }))).toBe("token_expired");
  expect(await outcome(hmacToken({ ...person, nbf: nowSeconds + 4 }))).toBe("u1");
  expect(await outcome(hmacToken({ ...person, nbf: nowSeconds + 6 }))).toBe("token_invalid");
  expect(await outcome(hmacToken({ ...person, exp: "tomorrow" }))).toBe("token_invalid");
});

test("[AUTH-1] keys of the set at JWT_JWKS_URL count, with issuer and audience where they are set", async () => {
  const sign = ([kid, alg]: [string, string], key: CryptoKey, claims = {}) =>
    new SignJWT({ ...person, iss: "them", aud: ["us", "others"], ...claims })
      .setProtectedHeader({ alg, kid })
      .sign(key);
  const verify = openVerifier({ jwtJwksUrl: jwksUrl, jwtIssuer: "them", jwtAudience: "us" });
  expect(await outcome(await sign(["ed", "EdDSA"], ed.privateKey), verify)).toBe("u1");
  expect(await outcome(await sign(["rsa", "RS256"], rsa.privateKey), verify)).toBe("u1");
  expect(await outcome(await sign(["rsa", "EdDSA"], ed.privateKey), verify)).toBe("token_invalid");
  expect(await outcome(await sign(["gone", "EdDSA"], ed.privateKey), verify)).toBe("token_invalid");
  expect(await outcome(await sign(["ed", "EdDSA"], ed.privateKey, { iss: "else" }), verify)).toBe("token_invalid");
  expect(await outcome(await sign(["ed", "EdDSA"], ed.privateKey, { aud: "them" }), verify)).toBe("token_invalid");
  expect(await outcome(hmacToken(person), verify)).toBe("token_invalid");
  expect(await outcome(hmacToken({ ...person, iss: "them", aud: "us" }), verify)).toBe("u1");
  const broken = openVerifier({ jwtJwksUrl: jwksUrl.replace("/jwks", "/broken") });
  expect(await outcome(await sign(["ed", "EdDSA"], ed.privateKey), broken)).toContain("Service unavailable");
});

test("[AUTH-1] the app's own key set counts always, for its own issuer and audience alone", async () => {
  const sign = (issuer: string) =>
    new SignJWT(person)
      .setIssuer(issuer)
      .setAudience(issuer)
      .setProtectedHeader({ alg: "EdDSA", kid: "own" })
      .sign(ed.privateKey);
  const verify = openVerifier({ jwtIssuer: "them" }, ed.publicKey);
  expect(await outcome(await sign(ownIssuer), verify)).toBe("u1");
  expect(await outcome(await sign("them"), verify)).toBe("token_invalid");
});

test("[AUTH-4] claims that cannot be a person are refused", async () => {
  const verify = openVerifier();
  const control = String.fromCharCode(7);
  for (const claims of [
    {},
    [],
    "text",
    { userId: "" },
    { userId: "x".repeat(129) },
    { userId: `a${control}` },
    { userId: "u", username: " " },
    { userId: "u", username: "x".repeat(65) },
    { userId: "u", username: `a${control}b` },
    { userId: "u", username: "\ud800" },
  ]) {
    expect([claims, await outcome(hmacToken(claims), verify)]).toEqual([claims, "token_invalid"]);
  }
  const claims = await verify(
    hmacToken({
      userId: "u",
      username: "e\u0301\u202e",
      avatarUrl: "javascript:1",
      roles: ["admin"],
      sid: "s",
      isGuest: true,
    }),
  );
  expect(claims).toMatchObject({ username: "é", avatarUrl: undefined, isAdmin: true, sid: "s", isGuest: true });
});

test("[AUTH-1] whatever is sent as a token is answered by a refusal", async () => {
  const verify = openVerifier({}, ed.publicKey);
  const part = fc.oneof(
    fc.base64String(),
    fc.json().map((json) => Buffer.from(json).toString("base64url")),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
      expect(await outcome(parts.join("."), verify)).toBe("token_invalid");
    }),
  );
});
