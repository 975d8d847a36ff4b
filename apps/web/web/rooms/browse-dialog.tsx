"use client";
import { lazyPart } from "@mirage/react";
import { type ReactNode, useState } from "react";
import { AppDialog } from "../shell/app-dialog.tsx";

const PublicRooms = lazyPart(() => import("./public-rooms.tsx").then((module) => module.PublicRooms));

/** The public rooms behind a button; opening one makes one a member. */
export function BrowseDialog({ children, isDrawer = false }: { children: ReactNode; isDrawer?: boolean }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <AppDialog
      title="Public rooms"
      text="Open one to join it."
      trigger={children}
      isOpen={isOpen}
      onOpenChange={setIsOpen}
    >
      <PublicRooms isDrawer={isDrawer} onOpen={() => setIsOpen(false)} />
    </AppDialog>
  );
}
