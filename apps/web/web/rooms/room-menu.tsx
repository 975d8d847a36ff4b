"use client";
import type { OwnRoom } from "@mirage/protocol";
import { IconButton, lazyPart } from "@mirage/react";
import { Ellipsis } from "lucide-react";
import { type RefObject, Suspense, useState } from "react";

const RoomDropdown = lazyPart(() => import("./room-dropdown.tsx").then((module) => module.RoomDropdown));

export interface RoomMenuProps {
  room: OwnRoom;
  offers: { documents: boolean; invite: boolean; settings: boolean };
  /** Where the focus goes back to. */
  opener: RefObject<HTMLButtonElement | null>;
  onChoose(what: "invite" | "settings"): void;
}

/** What a phone has no room for in the header. What the button opens is loaded when it is pressed. */
export function RoomMenu(props: RoomMenuProps) {
  const [isWanted, setIsWanted] = useState(false);
  const button = (
    <IconButton label="More about this room" aria-haspopup="menu" onClick={() => setIsWanted(true)}>
      <Ellipsis size={20} aria-hidden />
    </IconButton>
  );
  if (!Object.values(props.offers).includes(true)) return null;
  if (!isWanted) return button;
  return (
    <Suspense fallback={button}>
      <RoomDropdown {...props} />
    </Suspense>
  );
}
