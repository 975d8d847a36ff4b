import { HttpModerator } from "./adapters/http-moderator.ts";
import { WordListModerator } from "./adapters/word-list-moderator.ts";
import type { Settings } from "./config/settings.ts";
import { createModeration } from "./features/moderation/moderate.ts";
import type { Logger } from "./lib/logger.ts";
import type { Clock } from "./ports/clock.ts";
import type { Draft } from "./ports/moderator.ts";

/** Longest wait for a moderator of any kind; each has a shorter limit of its own. */
const moderationLimitMs = 10_000;

/** The chain of moderators that every draft passes before its commit. */
export function composeModeration(
  { moderation }: Settings,
  clock: Clock,
  log: Logger,
): (draft: Draft) => Promise<void> {
  const onFault = (error: unknown): void => log.warn({ err: error }, "the moderation service failed");
  const moderate = createModeration({
    moderators: [
      new WordListModerator(),
      ...(moderation ? [new HttpModerator({ ...moderation, clock, onFault })] : []),
    ],
    onRefused: ({ moderator, reason, draft }) =>
      log.info({ moderator, reason, roomId: draft.roomId, userId: draft.userId }, "a draft was refused"),
  });
  // Without a service nothing is waited for, and a timer for each draft would be set in vain.
  const never = new AbortController().signal;
  return (draft) => moderate(draft, moderation ? AbortSignal.timeout(moderationLimitMs) : never);
}
