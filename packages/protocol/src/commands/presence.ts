import { z } from "zod";
import { command } from "../command.ts";
import { ownPresenceSchema, presenceSchema, presenceStatusSchema } from "../entities.ts";
import { limits } from "../limits.ts";
import { line } from "../text.ts";
import { emoji, userId } from "./fields.ts";

const text = line(limits.presenceTextCodePoints, "at least one visible character");

export const presenceCommands = {
  presence_update: command({
    summary:
      "Chooses what others see of the caller on all devices, in place of what was chosen before; `offline` is invisible. " +
      "With `automatic` it chooses nothing and says whether somebody sits at this connection.",
    feature: "core",
    since: 1,
    input: z
      .object({
        status: presenceStatusSchema,
        text: text.optional(),
        emoji: emoji.optional(),
        /** When it clears by itself, in the future. */
        expiresAt: z.iso.datetime({ offset: true }).optional(),
        /** An observation of the client's, not a person's choice: never stored, and gone with the connection. */
        automatic: z.boolean().default(false),
      })
      .refine(({ automatic, status }) => !automatic || status === "online" || status === "away", {
        error: "an observation is online or away",
        path: ["status"],
      }),
    reply: z.object({ presence: ownPresenceSchema }),
    errors: [],
    limit: "presence",
  }),
  watch_presence: command({
    summary: "Follows these people on this connection, in place of those followed before, and answers how they are.",
    feature: "core",
    since: 1,
    input: z.object({ userIds: z.array(userId).max(limits.watchedUsers) }),
    reply: z.object({ users: z.array(presenceSchema) }),
    errors: [],
    limit: "rooms",
  }),
};
