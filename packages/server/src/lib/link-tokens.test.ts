import { expect, it } from "vitest";
import { LinkTokens } from "./link-tokens.ts";

it("[NOTE-21] a link says what was signed for its purpose, and nobody else can make one", () => {
  const tokens = new LinkTokens("one key");
  const token = tokens.sign("confirm", ["ann", "é.", "1"]);
  expect(token).toMatch(/^[\w-]+\.[\w-]+$/);
  expect(tokens.read("confirm", token)).toEqual(["ann", "é.", "1"]);
  expect(tokens.read("unsubscribe", token)).toBeUndefined();
  expect(new LinkTokens("another").read("confirm", token)).toBeUndefined();
  const other = Buffer.from('["eve"]').toString("base64url");
  for (const forged of ["", ".", "..", `${token}.`, token.slice(0, -2), `${other}.${token.split(".")[1]}`]) {
    expect([forged, tokens.read("confirm", forged)]).toEqual([forged, undefined]);
  }
});
