import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeProtocol } from "../packages/protocol/src/describe.ts";
import { renderProtocol, typeOf } from "./protocol-docs.ts";

test("[VER-2] docs/protocol.md is what the declarations say; `npm run docs` writes it", () => {
  const written = readFileSync(new URL("../docs/protocol.md", import.meta.url), "utf8");
  expect(written).toBe(renderProtocol(describeProtocol()));
});

test("a schema reads like a type", () => {
  expect(typeOf({ type: "array", items: { enum: ["a", "b"] } })).toBe('("a" | "b")[]');
  expect(typeOf({ anyOf: [{ entity: "Message" }, { type: "null" }] })).toBe("Message | null");
  const schema = { properties: { id: { type: "string" }, limit: { type: "integer", default: 50 } }, required: ["id"] };
  expect(typeOf(schema)).toBe("{ id: string, limit?: number = 50 }");
});
