export { DocumentEditor, type DocumentEditorProps } from "./document-editor.tsx";
export type { DocumentLabels } from "./document-labels.ts";
export type { ImageUpload, StoredImage } from "./images/image-upload.ts";
export { useDocument } from "./use-document.ts";
