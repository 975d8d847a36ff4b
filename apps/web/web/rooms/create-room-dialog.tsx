"use client";
import { lazyPart } from "@mirage/react";
import { useRouter } from "next/navigation";
import { type ReactNode, Suspense, useState } from "react";
import { AppDialog } from "../shell/app-dialog.tsx";
import { useLeaveDrawer } from "../shell/drawer.tsx";
import { roomPath } from "./room-path.ts";

const Form = lazyPart(() => import("./create-room-form.tsx").then((module) => module.CreateRoomForm));

/** Makes a room and goes there. */
export function CreateRoomDialog({ children, isDrawer = false }: { children: ReactNode; isDrawer?: boolean }) {
  const [isOpen, setIsOpen] = useState(false);
  const router = useRouter();
  const leaveDrawer = useLeaveDrawer();
  const open = (roomId: string) => {
    setIsOpen(false);
    leaveDrawer();
    router[isDrawer ? "replace" : "push"](roomPath(roomId));
  };
  return (
    <AppDialog title="Create a room" trigger={children} isOpen={isOpen} onOpenChange={setIsOpen}>
      <Suspense fallback={<p role="status">Loading…</p>}>
        <Form onCreated={open} />
      </Suspense>
    </AppDialog>
  );
}
