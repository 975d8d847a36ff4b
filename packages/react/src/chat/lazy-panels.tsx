"use client";
import { type ComponentProps, Suspense } from "react";
import { lazyPart } from "../lazy-part.ts";

const Deleting = lazyPart(() => import("./delete-dialog.tsx").then((module) => module.DeleteDialog));
const People = lazyPart(() => import("../people/people-panel.tsx").then((module) => module.PeoplePanel));

/** Asks before a message is deleted for everyone. Loaded when shown. */
export function DeleteDialog(props: ComponentProps<typeof Deleting>) {
  return (
    <Suspense>
      <Deleting {...props} />
    </Suspense>
  );
}

/** The people of a room. Loaded when shown; until then their place is kept. */
export function PeoplePanel(props: ComponentProps<typeof People>) {
  return (
    <Suspense fallback={<section className="mrg-people" />}>
      <People {...props} />
    </Suspense>
  );
}
