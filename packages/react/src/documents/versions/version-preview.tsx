"use client";
import { documentExtensions, toJson } from "@mirage/documents";
import type { JSONContent } from "@tiptap/core";
import { EditorContent, useEditor } from "@tiptap/react";
import { useEffect, useState } from "react";
import * as Y from "yjs";
import { useRealtime } from "../../provider.tsx";
import { createImageView } from "../images/image-view.ts";
import { useDocumentLabels } from "../use-document-labels.ts";
import type { ShownVersion } from "./versions-panel.tsx";

interface PreviewProps {
  documentId: string;
  version: ShownVersion;
  onClose(): void;
}

/** The text as it was, to be read. */
export function VersionPreview({ documentId, version, onClose }: PreviewProps) {
  const words = useDocumentLabels();
  const { formats, labels } = useRealtime();
  const { content, failure } = useVersionContent(documentId, version.id);
  return (
    <>
      <div className="mrg-banner" role="status">
        <span>{words.previewOf(version.name ?? formats.exact(new Date(version.at)))}</span>
        <button type="button" onClick={onClose}>
          {words.backToNow}
        </button>
      </div>
      <div className="mrg-doc-scroll" aria-busy={content === undefined}>
        {failure !== undefined && <p role="alert">{labels.actionFailed(failure)}</p>}
        {content && <OldText key={version.id} content={content} label={words.previewOf(version.name ?? version.at)} />}
      </div>
    </>
  );
}

function OldText({ content, label }: { content: JSONContent; label: string }) {
  const { realtime } = useRealtime();
  const editor = useEditor({
    extensions: documentExtensions({ imageView: createImageView(realtime.files) }),
    content,
    editable: false,
    immediatelyRender: false,
    textDirection: "auto",
    editorProps: { attributes: { class: "mrg-doc-content", role: "document", tabindex: "0", "aria-label": label } },
  });
  return <EditorContent editor={editor} className="mrg-doc-page" />;
}

function useVersionContent(documentId: string, versionId: string) {
  const { realtime } = useRealtime();
  const [result, setResult] = useState<{ content?: JSONContent; failure?: string }>({});
  useEffect(() => {
    let isCurrent = true;
    setResult({});
    realtime
      .request("read_version", { documentId, versionId })
      .then(({ update }) => isCurrent && setResult({ content: readUpdate(update) }))
      .catch(
        (error: unknown) => isCurrent && setResult({ failure: error instanceof Error ? error.message : String(error) }),
      );
    return () => {
      isCurrent = false;
    };
  }, [realtime, documentId, versionId]);
  return result;
}

function readUpdate(update: Uint8Array): JSONContent {
  const doc = new Y.Doc();
  try {
    // In a browser an attachment arrives as a buffer, whatever the types say.
    Y.applyUpdate(doc, new Uint8Array(update));
    return toJson(doc);
  } finally {
    doc.destroy();
  }
}
