import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOnRydWV9.c2lnbmF0dXJlLWNhbmFyeQ";

test("[SEC-1] a secret never reaches the log, under its name or as a token in a text", () => {
  const lines: string[] = [];
  const log = createLogger({ level: "trace", destination: { write: (line) => void lines.push(line) } });
  const canary = "canary-5f1c";
  log.info({ token: canary, headers: { authorization: canary, cookie: canary, "set-cookie": canary } }, "request");
  log.info({ auth: { token: canary, deep: { password: canary } }, "x-api-key": canary }, "handshake");
  log.warn(`refused ${jwt}`);
  log.error({ err: new Error(`unable to read ${jwt}`, { cause: new Error(jwt) }) }, "failed");
  expect(lines).toHaveLength(4);
  expect(lines.join("")).not.toContain(canary);
  expect(lines.join("")).not.toContain(jwt.split(".")[1]);
  expect(lines.map((line) => JSON.parse(line).level)).toEqual(["info", "info", "warn", "error"]);
});
