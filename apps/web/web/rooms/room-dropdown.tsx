"use client";
import { IconButton } from "@mirage/react";
import { Ellipsis, Files, Settings2, UserPlus } from "lucide-react";
import Link from "next/link";
import { DropdownMenu } from "radix-ui";
import { useRef } from "react";
import { documentsPath } from "../documents/document-path.ts";
import type { RoomMenuProps } from "./room-menu.tsx";

/** The menu of a room on a phone; it opens at once, since it is loaded when it is asked for. */
export function RoomDropdown({ room, offers, opener, onChoose }: RoomMenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const choose = (what: "invite" | "settings") => () => {
    opener.current = button.current;
    onChoose(what);
  };
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>
        <IconButton ref={button} label="More about this room">
          <Ellipsis size={20} aria-hidden />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="mrg-menu mrg-layer" align="end" sideOffset={6} collisionPadding={8}>
          {offers.documents && (
            <DropdownMenu.Item className="mrg-menu-item" asChild>
              <Link href={documentsPath(room.id)}>
                <Files size={16} aria-hidden /> Documents
              </Link>
            </DropdownMenu.Item>
          )}
          {offers.invite && (
            <DropdownMenu.Item className="mrg-menu-item" onSelect={choose("invite")}>
              <UserPlus size={16} aria-hidden /> Invite people
            </DropdownMenu.Item>
          )}
          {offers.settings && (
            <DropdownMenu.Item className="mrg-menu-item" onSelect={choose("settings")}>
              <Settings2 size={16} aria-hidden /> Room settings
            </DropdownMenu.Item>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
