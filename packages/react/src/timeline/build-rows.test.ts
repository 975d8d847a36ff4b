import type { TimelineItem } from "@mirage/client";
import { describe, expect, it } from "vitest";
import { buildRows } from "./build-rows.ts";

function item(seq: number, userId: string, timestamp: string): TimelineItem {
  return {
    key: `m${seq}`,
    state: "sent",
    message: {
      id: `m${seq}`,
      roomId: "r",
      userId,
      username: userId,
      content: "text",
      type: "text",
      metadata: {},
      timestamp,
      edited: false,
      reactions: [],
      seq,
      updatedSeq: seq,
    },
  };
}

const options = { firstNewSeq: undefined, userId: "me", isStartLoaded: false };

describe("message rows", () => {
  it("[FACE-4] groups one author's messages within five minutes", () => {
    const rows = buildRows(
      [
        item(1, "ana", "2026-03-01T10:00:00.000Z"),
        item(2, "ana", "2026-03-01T10:04:59.000Z"),
        item(3, "ana", "2026-03-01T10:10:00.000Z"),
        item(4, "bo", "2026-03-01T10:10:01.000Z"),
      ],
      options,
    );
    const continuations = rows.flatMap((row) => (row.kind === "message" ? [row.isContinuation] : []));
    expect(continuations).toEqual([false, true, false, false]);
  });

  it("[FACE-4] marks each day once, and what is new once, before another's message", () => {
    const rows = buildRows(
      [
        item(1, "ana", "2026-03-01T10:00:00.000Z"),
        item(2, "me", "2026-03-03T10:00:00.000Z"),
        item(3, "ana", "2026-03-03T10:01:00.000Z"),
        item(4, "ana", "2026-03-03T10:02:00.000Z"),
      ],
      { ...options, firstNewSeq: 2, isStartLoaded: true },
    );
    expect(rows.map((row) => row.kind)).toEqual([
      "start",
      "day",
      "message",
      "day",
      "message",
      "new",
      "message",
      "message",
    ]);
  });
});
