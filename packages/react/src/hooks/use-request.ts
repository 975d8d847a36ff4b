"use client";
import type { CommandInput, CommandName, CommandReply } from "@mirage/protocol";
import { useCallback, useState } from "react";
import { useRealtime } from "../provider.tsx";

/** A command that a button runs: whether it is under way, and what went wrong last. */
export interface Request<Name extends CommandName> {
  /** Resolves to the reply, or to `undefined` when it was refused; `error` then says why. */
  run(input: CommandInput<Name>): Promise<CommandReply<Name> | undefined>;
  isRunning: boolean;
  error: string | undefined;
}

/** Prepares one command of the protocol for use by a component. */
export function useRequest<Name extends CommandName>(name: Name): Request<Name> {
  const { realtime } = useRealtime();
  const [isRunning, setIsRunning] = useState(false);
  const [error, setError] = useState<string>();
  const run = useCallback(
    async (input: CommandInput<Name>) => {
      setIsRunning(true);
      setError(undefined);
      try {
        return await realtime.request(name, input);
      } catch (cause) {
        setError(cause instanceof Error ? cause.message : String(cause));
        return undefined;
      } finally {
        setIsRunning(false);
      }
    },
    [realtime, name],
  );
  return { run, isRunning, error };
}
