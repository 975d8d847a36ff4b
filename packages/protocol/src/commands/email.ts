import { z } from "zod";
import { command } from "../command.ts";
import { email } from "./fields.ts";

/** Where a person's mail goes, and what is the matter with it. */
const emailStateSchema = z.object({
  /** Whether this server sends mail to this caller: guests get none. */
  isAvailable: z.boolean(),
  /** `waiting`: nobody has opened the link yet; `failing`: mail was refused for good three times, so no more is sent. */
  state: z.enum(["none", "waiting", "confirmed", "failing"]),
  /** Where mail goes, or went until it began to fail. */
  email: z.string().optional(),
  /** Takes the place of `email` when the link that was sent there is opened, for a day. */
  waitingEmail: z.string().optional(),
  /** What the mail server said, where mail fails. */
  lastError: z.string().optional(),
});

/** The address at which a person is told of what they have not read for a while. */
export const emailCommands = {
  get_email: command({
    summary: "Reads where the caller's mail goes.",
    feature: "notifications",
    since: 1,
    input: z.object({}),
    reply: emailStateSchema,
    errors: [],
    limit: "history",
  }),
  set_email: command({
    summary: "Sends a link to an address, which counts once it is opened; the answer is the same for every address.",
    feature: "notifications",
    since: 1,
    input: z.object({ email }),
    reply: emailStateSchema,
    errors: ["forbidden"],
    limit: "email",
  }),
  remove_email: command({
    summary: "Forgets the caller's address, and one that waits; none is no error.",
    feature: "notifications",
    since: 1,
    input: z.object({}),
    reply: emailStateSchema,
    errors: [],
    limit: "notifications",
  }),
};
