import type { DocumentRole } from "@mirage/protocol";
import type { DocumentFences } from "../../../access/document-access.ts";
import type { Notice } from "../../../hot-path/chat-lane/notices.ts";
import type { ClientAdvance } from "../gate/gate.ts";

/** Content that the gate has let pass, with what it was judged by. */
export interface JudgedUpdate {
  update: Uint8Array;
  clients: readonly ClientAdvance[];
}

/** A change of one document, judged by these fences; `roomId` is the room of `roomFence`. */
interface Judged extends DocumentFences {
  documentId: string;
  roomId: string | null;
}

/**
 * Everything that is committed to documents. `sentBy` is the connection that has an update already, if there is one.
 * Instants are milliseconds since 1970.
 */
export type DocumentItem =
  | (Judged & JudgedUpdate & { op: "update"; userId: string; sentBy: string | undefined; at: number })
  | {
      op: "create";
      documentId: string;
      userId: string;
      title: string;
      roomId: string | null;
      roomFence: number | null;
      nonce: string | undefined;
      /** Its first content, made by a client id that nobody has yet. */
      seed: JudgedUpdate | undefined;
      at: number;
    }
  | (Judged & { op: "change"; title?: string; trashedAt?: number | null })
  | (Judged & { op: "person"; personId: string; role: DocumentRole | null; notices: readonly Notice[]; at: number })
  | (Judged & { op: "delete"; at: number });

/** What became of one item. */
export type DocumentOutcome =
  | { status: "ok"; documentId: string; seq: number; isNew: boolean }
  | { status: "stale" | "not_found" | "client_id_taken" | "not_trashed" };

/** About how much of a batch an item takes. */
export function bytesOf(item: DocumentItem): number {
  if (item.op === "update") return 300 + item.update.length;
  return 300 + (item.op === "create" ? (item.seed?.update.length ?? 0) : 0);
}
