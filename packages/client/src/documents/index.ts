export type { DocumentHandle, DocumentState, SaveState } from "./document-handle.ts";
export type { DocumentFacts, DocumentStorage, KeptDocument, UnsentEdit } from "./document-storage.ts";
export { type Documents, type DocumentsOptions, openDocuments } from "./documents.ts";
export { colorsOf, type PersonColors } from "./person-colors.ts";
