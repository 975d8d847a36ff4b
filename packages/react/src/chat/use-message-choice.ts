"use client";
import type { RoomHandle } from "@mirage/client";
import type { Message } from "@mirage/protocol";
import { limits } from "@mirage/protocol/limits";
import { useCallback, useMemo, useRef, useState } from "react";
import { useRealtime } from "../provider.tsx";
import type { DocumentActions } from "../timeline/chat-actions.ts";
import { threadOf } from "../timeline/thread-of.ts";

/** Which messages are to become a document. */
export interface MessageChoice {
  /** Ids; absent while nothing is being chosen. */
  chosen: ReadonlySet<string> | undefined;
  isRunning: boolean;
  /** What can be done with one message; absent where there are no documents. */
  actions: DocumentActions | undefined;
  toggle(message: Message): void;
  makeDocument(): void;
  end(): void;
}

interface Options {
  room: RoomHandle;
  /** Tells the person why nothing came of it. */
  fail(error: unknown): void;
}

/** Makes documents of one message, of its thread, or of those that are chosen one by one. */
export function useMessageChoice({ room, fail }: Options): MessageChoice {
  const { labels, onMakeDocument } = useRealtime();
  const [chosen, setChosen] = useState<ReadonlySet<string>>();
  const [isRunning, setIsRunning] = useState(false);
  const isBusy = useRef(false);
  const end = useCallback(() => setChosen(undefined), []);
  const make = useCallback(
    async (messageIds: readonly string[]) => {
      if (!onMakeDocument || isBusy.current) return;
      if (messageIds.length > limits.documentMessages) {
        return fail(new Error(labels.tooManyMessages(limits.documentMessages)));
      }
      isBusy.current = true;
      setIsRunning(true);
      try {
        await onMakeDocument({ roomId: room.id, messageIds, title: titleOf(messagesOf(room), messageIds) });
        setChosen(undefined);
      } catch (error) {
        fail(error);
      } finally {
        isBusy.current = false;
        setIsRunning(false);
      }
    },
    [onMakeDocument, room, fail, labels],
  );
  const actions = useMemo((): DocumentActions | undefined => {
    if (!onMakeDocument) return undefined;
    return {
      makeDocument: (message) => void make([message.id]),
      makeThreadDocument: (message) => void make(threadOf(messagesOf(room), message)),
      startChoice: (message) => setChosen(new Set([message.id])),
    };
  }, [onMakeDocument, make, room]);
  const toggle = useCallback(
    ({ id }: Message) =>
      setChosen((before) => {
        if (!before) return before;
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    [],
  );
  return { chosen, isRunning, actions, toggle, makeDocument: () => void make([...(chosen ?? [])]), end };
}

const titleCharacters = 60;

function messagesOf(room: RoomHandle): Message[] {
  return room.state.get().items.map(({ message }) => message);
}

/** The first words of the first of them that has any. */
function titleOf(messages: readonly Message[], messageIds: readonly string[]): string {
  const ids = new Set(messageIds);
  const first = messages.find(({ id, content }) => ids.has(id) && content.trim() !== "");
  return [...(first?.content ?? "").replaceAll(/\s+/g, " ").trim()].slice(0, titleCharacters).join("");
}
