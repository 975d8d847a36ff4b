"use client";
import type { CommandReply } from "@mirage/protocol";
import { useCallback, useEffect, useState } from "react";
import { useConnection } from "../hooks/use-connection.ts";
import { useRequest } from "../hooks/use-request.ts";

export type EmailState = CommandReply<"get_email">;

/** Where this person's mail goes, and the ways to change that. */
export interface Email {
  /** Absent until it is known. */
  known: EmailState | undefined;
  /** Sends a link to an address; resolves to whether the server took it. */
  change(email: string): Promise<boolean>;
  remove(): void;
  isRunning: boolean;
  /** Why the last change was refused. */
  refusal: string | undefined;
}

/** Reads where one's mail goes, again whenever the page is looked at: the link in the mail opens elsewhere. */
export function useEmail(): Email {
  const [known, setKnown] = useState<EmailState>();
  const isOnline = useConnection().status === "online";
  const { run: read } = useRequest("get_email");
  const set = useRequest("set_email");
  const forget = useRequest("remove_email");
  const load = useCallback(() => {
    read({}).then((reply) => reply && setKnown(reply));
  }, [read]);
  useEffect(() => {
    if (!isOnline) return;
    load();
    window.addEventListener("focus", load);
    return () => window.removeEventListener("focus", load);
  }, [isOnline, load]);
  return {
    known,
    async change(email) {
      const reply = await set.run({ email });
      if (reply) setKnown(reply);
      return reply !== undefined;
    },
    remove: () => void forget.run({}).then((reply) => reply && setKnown(reply)),
    isRunning: set.isRunning || forget.isRunning,
    refusal: set.error ?? forget.error,
  };
}
