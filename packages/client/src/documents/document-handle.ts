import type { Comment, Document, DocumentRole } from "@mirage/protocol";
import type { Awareness } from "y-protocols/awareness";
import type { Doc } from "yjs";
import type { Failure } from "../lib/error.ts";
import type { ReadonlyStore } from "../lib/store.ts";

/**
 * How far one's own edits have come. `pending` counts those that the server has not confirmed; all of them are kept on
 * this device. `saved`: none is pending. `saving`: they are on their way. `offline`: they wait for the server.
 */
export interface SaveState {
  readonly kind: "saved" | "saving" | "offline";
  readonly pending: number;
}

/** What a person may be shown about one document. */
export interface DocumentState {
  /** Absent until the document was reached, or found on this device. */
  readonly document?: Document;
  /** What one may do; only with `edit` may an editor write. */
  readonly role?: DocumentRole;
  /**
   * - `loading`: there is nothing to show yet, or it may be out of date in a moment.
   * - `live`: everybody's edits come in.
   * - `offline`: what this device has; one may go on writing.
   * - `refused`: the document is not one's own (any more), or an edit will never be taken, see `error`. What was written
   *   stays in `doc`, to be copied.
   */
  readonly phase: "loading" | "live" | "offline" | "refused";
  /** Only while `refused`. */
  readonly error?: Failure;
  readonly save: SaveState;
}

/**
 * One open document, to which any Yjs binding can be attached. All handles of one document share `doc`.
 * Local changes of `doc` are kept on this device and sent, in order, each once; they survive a reload and a crash.
 */
export interface DocumentHandle {
  readonly id: string;
  readonly doc: Doc;
  /**
   * Cursors, live only. The state of each person has `user: { id, name, color, colorLight }` as the server vouches for
   * it; whatever a client says about its own user is replaced by that.
   */
  readonly awareness: Awareness;
  readonly state: ReadonlyStore<DocumentState>;
  /** Oldest first. Of deleted ones only the first of a thread that goes on is here. */
  readonly comments: ReadonlyStore<readonly Comment[]>;
  /**
   * Drops what this device keeps of the document, edits that were never confirmed included, and closes it for everybody
   * on this page. Opened again, it is as the server has it.
   */
  discard(): Promise<void>;
  /** Releases the document. After the last one it stays open for 5 s, and for as long as edits are on their way. */
  close(): void;
}
