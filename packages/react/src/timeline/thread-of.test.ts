import type { Message } from "@mirage/protocol";
import { expect, it } from "vitest";
import { threadOf } from "./thread-of.ts";

const message = (id: string, more: Partial<Message> = {}) => ({ id, ...more }) as Message;

it("[FACE-34] a thread is what a message answers and all that answers any of it, and nothing else", () => {
  const question = message("question");
  const answer = message("answer", { replyTo: "question" });
  const further = message("further", { replyTo: "answer" });
  const beside = message("beside", { threadId: "question" });
  const other = message("other");
  const gone = message("gone", { replyTo: "question", deleted: true });
  const messages = [question, other, answer, gone, further, beside];
  for (const from of [question, answer, further, beside]) {
    expect(threadOf(messages, from)).toEqual(["question", "answer", "further", "beside"]);
  }
  expect(threadOf(messages, other)).toEqual(["other"]);
});

it("[FACE-34] of what is not loaded, a thread has the message that it answers, and a circle ends", () => {
  const late = message("late", { replyTo: "long ago" });
  expect(threadOf([late], late)).toEqual(["long ago", "late"]);
  const [one, two] = [message("one", { replyTo: "two" }), message("two", { replyTo: "one" })];
  expect(new Set(threadOf([one, two], one))).toEqual(new Set(["one", "two"]));
});
