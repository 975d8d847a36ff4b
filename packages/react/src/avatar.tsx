"use client";
import { useRealtime } from "./provider.tsx";

/** A person's picture; decorative, because the name always stands beside it. */
export function Avatar({ userId, size = 36 }: { userId: string; size?: number }) {
  const { avatarUrl } = useRealtime();
  return <img className="mrg-avatar" src={avatarUrl(userId)} alt="" width={size} height={size} loading="lazy" />;
}
