/** What somebody is about to post or to comment, to replace their text by, or to call and describe a room by. */
export interface Draft {
  /** Null: in no room. */
  readonly roomId: string | null;
  /** Of a comment: on which document. */
  readonly documentId?: string;
  readonly userId: string;
  readonly username: string;
  readonly content: string;
  /** `room`: its name and description, a line each; the room may not be there yet. */
  readonly kind: "post" | "edit" | "room";
}

/** `reason` is for logs and moderators, never for the author: it would teach the way around. */
export interface ModeratorVerdict {
  readonly verdict: "allow" | "refuse";
  readonly reason?: string;
}

/** Judges a draft before anything of it is committed. */
export interface Moderator {
  /** For logs and metrics. */
  readonly name: string;
  /**
   * Answers within the moderator's own time limit, whatever happens to what it asks.
   * @throws `Refusal` `unavailable` where it cannot judge and must not let pass: trying again helps. The reason of
   *   `signal` where that aborts first.
   */
  review(draft: Draft, signal: AbortSignal): Promise<ModeratorVerdict>;
}
