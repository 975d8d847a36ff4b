"use client";
import { type ComponentProps, Suspense } from "react";
import { lazyPart } from "../lazy-part.ts";

const Comments = lazyPart(() => import("./comments/comments-panel.tsx").then((module) => module.CommentsPanel));
const Versions = lazyPart(() => import("./versions/versions-panel.tsx").then((module) => module.VersionsPanel));
const Preview = lazyPart(() => import("./versions/version-preview.tsx").then((module) => module.VersionPreview));
const Share = lazyPart(() => import("./share-dialog.tsx").then((module) => module.ShareDialog));

/** The comments of a document. Loaded when shown; until then their place is kept. */
export function CommentsPanel(props: ComponentProps<typeof Comments>) {
  return (
    <Suspense fallback={<section className="mrg-people" />}>
      <Comments {...props} />
    </Suspense>
  );
}

/** The versions of a document. Loaded when shown; until then their place is kept. */
export function VersionsPanel(props: ComponentProps<typeof Versions>) {
  return (
    <Suspense fallback={<section className="mrg-people" />}>
      <Versions {...props} />
    </Suspense>
  );
}

/** The text of a document as it was. Loaded when shown. */
export function VersionPreview(props: ComponentProps<typeof Preview>) {
  return (
    <Suspense>
      <Preview {...props} />
    </Suspense>
  );
}

/** Who may see a document. Loaded when shown. */
export function ShareDialog(props: ComponentProps<typeof Share>) {
  return (
    <Suspense>
      <Share {...props} />
    </Suspense>
  );
}
