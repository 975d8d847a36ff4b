/** The thread that does to whole documents what would take too long beside everything else. */
import { parentPort } from "node:worker_threads";
import { leaveFormats } from "@mirage/protocol/leave-formats";
import * as Y from "yjs";
import { quoteAround } from "../text-mentions/find-mentions.ts";
import type { BackgroundJob, BackgroundReply, BackgroundRequest, BackgroundResult } from "./messages.ts";
import { restoringUpdate } from "./restoring-update.ts";

parentPort?.on("message", async (request: BackgroundRequest) => {
  const reply = await answer(request);
  const bytes = reply.kind === "done" && reply.result instanceof Uint8Array ? [reply.result.buffer as ArrayBuffer] : [];
  parentPort?.postMessage(reply, bytes);
});

async function answer({ id, ...job }: BackgroundRequest): Promise<BackgroundReply> {
  try {
    return { id, kind: "done", result: await run(job) };
  } catch (error) {
    return { id, kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

async function run(job: BackgroundJob): Promise<BackgroundResult> {
  switch (job.kind) {
    case "merge":
      return merge(job.states);
    case "restore":
      return restoringUpdate(job).update;
    case "quoteMentions":
      return withContent(job.content, (doc) => job.places.map((place) => quoteAround(doc, place) ?? null));
  }
  // An editor's whole schema, which merging needs nothing of.
  const { fromMarkdown, fromMessages, toHtml, toJson, toMarkdown } = await import("@mirage/documents");
  switch (job.kind) {
    case "quoteMessages":
      return fromMessages(job.messages);
    case "import": {
      const { markdown, base } = job;
      return base ? withContent(base, (doc) => fromMarkdown(markdown, doc)) : fromMarkdown(markdown);
    }
    case "export":
      return withContent(job.content, (doc) => {
        if (job.format === "md") return toMarkdown(doc);
        return job.format === "html" ? toHtml(doc) : JSON.stringify(toJson(doc));
      });
  }
}

function withContent<Result>(content: Uint8Array, work: (doc: Y.Doc) => Result): Result {
  const doc = new Y.Doc();
  try {
    doc.on("afterTransaction", leaveFormats);
    Y.applyUpdate(doc, content);
    return work(doc);
  } finally {
    doc.destroy();
  }
}

/** A document that was deleted from is smaller than the sum of what was written. */
function merge(states: readonly Uint8Array[]): Uint8Array {
  const doc = new Y.Doc({ gc: true });
  doc.transact(() => {
    for (const state of states) Y.applyUpdate(doc, state);
  });
  const { pendingStructs, pendingDs } = doc.store;
  if (pendingStructs !== null || pendingDs !== null) throw new Error("an update depends on one that is missing");
  return Y.encodeStateAsUpdate(doc);
}
