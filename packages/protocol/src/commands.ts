import type { z } from "zod";
import { commentCommands } from "./commands/comments.ts";
import { documentCommands } from "./commands/documents.ts";
import { emailCommands } from "./commands/email.ts";
import { fileCommands } from "./commands/files.ts";
import { messageCommands } from "./commands/messages.ts";
import { notificationCommands } from "./commands/notifications.ts";
import { presenceCommands } from "./commands/presence.ts";
import { pushCommands } from "./commands/push.ts";
import { roomCommands } from "./commands/rooms.ts";
import { sessionCommands } from "./commands/session.ts";

/** Every command a client can send, by its name on the wire. */
export const commands = {
  ...sessionCommands,
  ...roomCommands,
  ...messageCommands,
  ...fileCommands,
  ...presenceCommands,
  ...notificationCommands,
  ...pushCommands,
  ...documentCommands,
  ...emailCommands,
  ...commentCommands,
};

export type CommandName = keyof typeof commands;
/** What a client sends. */
export type CommandInput<Name extends CommandName> = z.input<(typeof commands)[Name]["input"]>;
/** What a handler receives: checked, normalised, with defaults. */
export type CommandPayload<Name extends CommandName> = z.output<(typeof commands)[Name]["input"]>;
/** What a command answers beside `ok: true`. */
export type CommandReply<Name extends CommandName> = z.output<(typeof commands)[Name]["reply"]>;
