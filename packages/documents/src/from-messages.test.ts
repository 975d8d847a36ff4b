import { expect, test } from "vitest";
import * as Y from "yjs";
import { fromMessages, toJson, toMarkdown } from "./index.ts";

test("[FMT-3] messages become quotations with author, time and a way back, and call nobody again", () => {
  const doc = new Y.Doc();
  const at = { roomId: "r 1", timestamp: "2026-11-23T10:02:03.004Z" };
  Y.applyUpdate(
    doc,
    fromMessages([
      { ...at, messageId: "m1", username: "Olga *", content: "first **bold**\n\n- a\n- b" },
      { ...at, messageId: "m2", username: "Ann", content: "[@Bob](mention:bob), look: <b>x</b>" },
      { ...at, messageId: "m3", username: "Ann", content: "" },
    ]),
  );
  expect(toMarkdown(doc)).toBe(
    [
      "**Olga \\*** · [2026-11-23 10:02 UTC](/rooms/r%201?message=m1)",
      "> first **bold**\n>\n> - a\n> - b",
      "**Ann** · [2026-11-23 10:02 UTC](/rooms/r%201?message=m2)",
      "> @Bob, look: \\<b>x\\</b>",
      "**Ann** · [2026-11-23 10:02 UTC](/rooms/r%201?message=m3)",
      ">",
      "",
    ]
      .join("\n\n")
      .replace(/\n\n$/, "\n"),
  );
  expect(JSON.stringify(toJson(doc))).not.toContain('"mention"');
});
