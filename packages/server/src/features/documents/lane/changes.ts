import type { DocumentRow } from "../../../access/document-access.ts";
import { toDocumentState } from "../../../access/document-access.ts";
import type { Change } from "../../../hot-path/change.ts";

export function editChange(
  edit: { documentId: string; update: Uint8Array; userId: string; seq: number },
  sentBy?: string,
): Change {
  return {
    ...(sentBy === undefined ? {} : { sentBy }),
    stream: `doc:${edit.documentId}`,
    position: edit.seq,
    entity: `update:${edit.seq}`,
    event: "collaborative_edit",
    payload: edit,
  };
}

/** A change of the document itself; `personId` is somebody whose role it was. */
export function documentChange(row: DocumentRow, seq: number, personId?: string): Change {
  return {
    stream: `doc:${row.id}`,
    position: seq,
    entity: "document",
    ...(personId === undefined ? {} : { evicts: [personId] }),
    event: "document_updated",
    payload: { document: toDocumentState(row, seq), seq },
  };
}
