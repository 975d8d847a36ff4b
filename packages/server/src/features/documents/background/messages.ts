import type { QuotedMessage } from "@mirage/documents";

/** What the thread for whole documents does, and what comes of it. Contents are Yjs updates (V1). */
export interface BackgroundJobs {
  merge: { job: { states: readonly Uint8Array[] }; result: Uint8Array };
  /** What makes the content that `present` gives be the one of `wanted`, written by a client id. */
  restore: { job: { present: Uint8Array; wanted: Uint8Array; clientId: number }; result: Uint8Array };
  /** A document in another format. */
  export: { job: { content: Uint8Array; format: "md" | "html" | "json" }; result: string };
  /** What puts Markdown behind all of `base`, or begins a document with it. */
  import: { job: { markdown: string; base?: Uint8Array }; result: Uint8Array };
  /** What begins a document with messages. */
  quoteMessages: { job: { messages: readonly QuotedMessage[] }; result: Uint8Array };
  /** The words around mentions in a content; null for one that does not stand in it. */
  quoteMentions: {
    job: { content: Uint8Array; places: readonly { client: number; clock: number }[] };
    result: (string | null)[];
  };
}

export type BackgroundKind = keyof BackgroundJobs;
export type BackgroundJob<Kind extends BackgroundKind = BackgroundKind> = {
  [Each in Kind]: BackgroundJobs[Each]["job"] & { kind: Each };
}[Kind];
export type BackgroundResult<Kind extends BackgroundKind = BackgroundKind> = BackgroundJobs[Kind]["result"];

export type BackgroundRequest = BackgroundJob & { id: number };

/** Bytes are moved, not copied, on the way back. */
export type BackgroundReply =
  | { id: number; kind: "done"; result: BackgroundResult }
  | { id: number; kind: "failed"; message: string };
