import { RealtimeError } from "../lib/error.ts";

/** What an upload ends with that nobody wants any more. */
export const cancelled = () => new RealtimeError("closed", "The upload was cancelled");
