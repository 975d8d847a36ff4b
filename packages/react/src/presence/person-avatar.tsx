"use client";
import type { PresenceStatus } from "@mirage/protocol";
import { Avatar } from "../avatar.tsx";
import { PresenceDot } from "./presence-dot.tsx";

/** A person's picture with how they are; without a status, the picture alone. */
export function PersonAvatar(props: { userId: string; size: number; status: PresenceStatus | undefined }) {
  const { userId, size, status } = props;
  return (
    <span className="mrg-person-avatar">
      <Avatar userId={userId} size={size} />
      {status && <PresenceDot status={status} />}
    </span>
  );
}
