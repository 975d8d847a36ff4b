"use client";
import type { OwnRoom } from "@mirage/protocol";
import { lazyPart } from "@mirage/react";
import type { ComponentProps } from "react";
import { AppDialog } from "../shell/app-dialog.tsx";

const RoomSettings = lazyPart(() => import("./room-settings.tsx").then((module) => module.RoomSettings));

interface RoomSettingsDialogProps extends Pick<ComponentProps<typeof AppDialog>, "isOpen" | "onOpenChange" | "opener"> {
  room: OwnRoom;
}

/** The settings of a room, loaded when they are asked for. */
export function RoomSettingsDialog({ room, ...dialog }: RoomSettingsDialogProps) {
  return (
    <AppDialog title="Room settings" {...dialog}>
      <RoomSettings room={room} onDone={() => dialog.onOpenChange(false)} />
    </AppDialog>
  );
}
