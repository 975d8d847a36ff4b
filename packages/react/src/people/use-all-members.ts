"use client";
import type { RoomState } from "@mirage/client";
import type { Member } from "@mirage/protocol";
import { useState } from "react";
import { useRequest } from "../hooks/use-request.ts";

/** The members the room came with, and further pages when they are asked for. */
export function useAllMembers(
  roomId: string,
  state: RoomState,
): { members: Member[]; loadMore: (() => void) | undefined } {
  const listMembers = useRequest("list_members");
  const [pages, setPages] = useState<{ members: Member[]; cursor: string | null | undefined }>({
    members: [],
    cursor: undefined,
  });
  const known = new Map(pages.members.map((member) => [member.userId, member]));
  for (const member of state.members) known.set(member.userId, member);
  const members = [...known.values()].filter((member) => member.role !== null);
  const hasMore = members.length < state.memberCount && pages.cursor !== null && !listMembers.isRunning;

  async function loadMore(): Promise<void> {
    const page = await listMembers.run(pages.cursor ? { roomId, cursor: pages.cursor } : { roomId });
    if (page) setPages((before) => ({ members: before.members.concat(page.members), cursor: page.nextCursor }));
  }
  return { members, loadMore: hasMore ? () => void loadMore() : undefined };
}
