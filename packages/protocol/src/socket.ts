import type { CommandInput, CommandName, CommandReply } from "./commands.ts";
import type { ErrorBody } from "./errors.ts";
import type { EventName, EventPayload } from "./events.ts";

/** An acknowledgement: the reply with `ok: true`, or the refusal. */
export type Ack<Name extends CommandName> = ({ ok: true } & CommandReply<Name>) | { ok: false; error: ErrorBody };

/** For `Socket` of socket.io-client: what the server sends. */
export type ServerToClientEvents = { [Name in EventName]: (payload: EventPayload<Name>) => void };

/** For `Socket` of socket.io-client: what a client sends. */
export type ClientToServerEvents = {
  [Name in CommandName]: (payload: CommandInput<Name>, ack?: (answer: Ack<Name>) => void) => void;
};
