import type { Handlers } from "../../access/session.ts";
import type { Documents } from "./documents.ts";
import type { Joining } from "./joining.ts";
import type { Versions } from "./versions.ts";

type Own =
  | "get_document"
  | "list_documents"
  | "update_document"
  | "delete_document"
  | "join_document"
  | "leave_document"
  | "collaborative_edit"
  | "cursor_update"
  | "set_document_role"
  | "list_document_roles"
  | "list_versions"
  | "create_version"
  | "read_version"
  | "restore_version";

interface Parts {
  documents: Documents;
  joining: Joining;
  versions: Versions;
}

/** What each command about documents does. */
export function createDocumentHandlers({ documents, joining, versions }: Parts): Pick<Handlers, Own> {
  return {
    get_document: ({ session }, { documentId }) => documents.get(session, documentId),
    list_documents: ({ session }, input) => documents.list(session, input),
    update_document: ({ session }, input) => documents.update(session, input),
    delete_document: ({ session }, { documentId }) => documents.delete(session, documentId),
    join_document: async ({ session, answer }, input) => {
      await joining.join(session, input, answer);
      return undefined;
    },
    leave_document: async ({ session }, { documentId }) => {
      await joining.leave(session, documentId);
      return {};
    },
    collaborative_edit: ({ session }, input) => joining.edit(session, input),
    cursor_update: async ({ session }, input) => {
      await joining.point(session, input);
      return {};
    },
    set_document_role: ({ session }, input) => documents.setRole(session, input),
    list_document_roles: ({ session }, { documentId }) => documents.listRoles(session, documentId),
    list_versions: ({ session }, input) => versions.list(session, input),
    create_version: ({ session }, input) => versions.create(session, input),
    read_version: ({ session }, input) => versions.read(session, input),
    restore_version: ({ session }, input) => versions.restore(session, input),
  };
}
