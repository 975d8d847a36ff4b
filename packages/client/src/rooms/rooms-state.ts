import type { RoomListing } from "@mirage/protocol";
import type { Failure } from "../lib/error.ts";

/** The rooms one is a member of, kept live: latest activity first. */
export interface RoomsState {
  readonly status: "loading" | "ready" | "error";
  readonly rooms: readonly RoomListing[];
  /** Why the list could not be loaded; only while `error`. */
  readonly failure?: Failure;
}
