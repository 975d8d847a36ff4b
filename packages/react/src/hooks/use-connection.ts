"use client";
import type { ConnectionState } from "@mirage/client";
import { useRealtime } from "../provider.tsx";
import { useStore } from "./use-store.ts";

/** The state of the one connection: connecting, online, waiting to try again, refused … */
export function useConnection(): ConnectionState {
  return useStore(useRealtime().realtime.connection);
}
