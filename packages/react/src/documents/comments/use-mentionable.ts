"use client";
import type { Member } from "@mirage/protocol";
import { useEffect, useState } from "react";
import { useRealtime } from "../../provider.tsx";

/** The people who may see a document, for a list of those who can be mentioned. */
export function useMentionable(documentId: string): readonly Member[] {
  const { realtime } = useRealtime();
  const [people, setPeople] = useState<readonly Member[]>([]);
  useEffect(() => {
    let isCurrent = true;
    realtime.request("list_document_roles", { documentId }).then(
      (answer) => {
        const members = answer.people.map(({ userId, username }) => ({
          userId,
          username,
          role: "member" as const,
          status: "offline" as const,
        }));
        if (isCurrent) setPeople(members);
      },
      // Without them a comment can be written all the same.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [realtime, documentId]);
  return people;
}
