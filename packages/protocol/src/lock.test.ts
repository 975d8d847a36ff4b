import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeWire } from "./describe.ts";

const golden: unknown = JSON.parse(readFileSync(new URL("./golden/protocol.json", import.meta.url), "utf8"));

test("[VER-2] the wire contract is the one that was locked; `npm run protocol:lock` locks a change on purpose", () => {
  expect(JSON.parse(JSON.stringify(describeWire()))).toEqual(golden);
});
