import type { Message } from "@mirage/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Timeline } from "./timeline.ts";

function messageAt(seq: number, over: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    roomId: "r",
    userId: "u",
    username: "U",
    content: `text ${seq}`,
    type: "text",
    metadata: {},
    timestamp: new Date(seq).toISOString(),
    edited: false,
    reactions: [],
    seq,
    updatedSeq: seq,
    ...over,
  };
}

const seqs = (timeline: Timeline) => timeline.messages.map(({ seq }) => seq);
const newest = (...of: number[]) => ({
  messages: of.map((seq) => messageAt(seq)),
  hasMoreBefore: true,
  hasMoreAfter: false,
});

describe("timeline", () => {
  it("[TLN-1] of two states of a message the later one stays, whichever comes first", () => {
    const timeline = new Timeline();
    timeline.replace(newest(5, 6));
    timeline.apply(messageAt(5, { content: "third", updatedSeq: 9 }));
    timeline.apply(messageAt(5, { content: "second", updatedSeq: 8 }));
    expect(timeline.find("m5")?.content).toBe("third");
  });

  it("[TLN-2] a message outside of the window is not shown, one inside is, in its place", () => {
    const timeline = new Timeline();
    timeline.replace(newest(5, 8));
    timeline.apply(messageAt(3, { updatedSeq: 10 }));
    timeline.apply(messageAt(6, { updatedSeq: 11 }));
    timeline.apply(messageAt(12));
    expect(seqs(timeline)).toEqual([5, 6, 8, 12]);
    timeline.replace({ ...newest(5, 8), hasMoreAfter: true });
    timeline.apply(messageAt(13));
    expect(seqs(timeline)).toEqual([5, 8]);
  });

  it("[TLN-3] a tombstone replaces its message and shows nothing where there is none", () => {
    const timeline = new Timeline();
    timeline.replace(newest(5, 6));
    timeline.apply(messageAt(5, { deleted: true, content: "", updatedSeq: 7 }));
    timeline.apply(messageAt(4, { deleted: true, content: "", updatedSeq: 8 }));
    expect(timeline.messages.map(({ seq, deleted }) => [seq, deleted ?? false])).toEqual([
      [5, true],
      [6, false],
    ]);
  });

  it("[TLN-4] a page that is older than what came meanwhile does not bring the past back", () => {
    const timeline = new Timeline();
    timeline.replace(newest(5));
    const load = timeline.startLoad("before");
    timeline.apply(messageAt(3, { deleted: true, content: "", updatedSeq: 9 }));
    load.finish({ messages: [messageAt(2), messageAt(3)], hasMoreBefore: false, hasMoreAfter: false });
    expect(timeline.messages.map(({ seq, content }) => [seq, content])).toEqual([
      [2, "text 2"],
      [3, ""],
      [5, "text 5"],
    ]);
  });

  it("[TLN-4] a page for a window that is gone is dropped, and the last jump wins", () => {
    const timeline = new Timeline();
    timeline.replace(newest(50));
    const older = timeline.startLoad("before");
    const first = timeline.startLoad("instead");
    const second = timeline.startLoad("instead");
    second.finish({ messages: [messageAt(20)], hasMoreBefore: true, hasMoreAfter: true });
    first.finish({ messages: [messageAt(30)], hasMoreBefore: true, hasMoreAfter: true });
    older.finish({ messages: [messageAt(49)], hasMoreBefore: false, hasMoreAfter: false });
    expect(seqs(timeline)).toEqual([20]);
    expect(timeline.hasMoreBefore).toBe(true);
  });

  it("[TLN-1] any order of the same states gives the same messages", () => {
    const states = fc.array(fc.record({ seq: fc.integer({ min: 1, max: 12 }), age: fc.integer({ min: 0, max: 9 }) }));
    fc.assert(
      fc.property(states, fc.infiniteStream(fc.nat()), (changes, order) => {
        const messages = changes.map(({ seq, age }) =>
          messageAt(seq, { updatedSeq: seq * 10 + age, content: `${age}` }),
        );
        const shuffled = messages
          .map((message) => ({ message, key: order.next().value }))
          .sort((a, b) => a.key - b.key);
        const timelines = [messages, shuffled.map(({ message }) => message)].map((sequence) => {
          const timeline = new Timeline();
          timeline.replace({ messages: [], hasMoreBefore: false, hasMoreAfter: false });
          for (const message of sequence) timeline.apply(message);
          return timeline.messages;
        });
        expect(timelines[0]).toEqual(timelines[1]);
      }),
    );
  });
});
