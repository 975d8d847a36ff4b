import type { CommandName, CommandPayload, CommandReply } from "@mirage/protocol";

/** Who is calling: an authenticated connection, or a REST request for as long as it lasts. */
export interface Session {
  readonly userId: string;
  username: string;
  avatarUrl: string | undefined;
  /** Signed in without an account. */
  isGuest: boolean;
  /** Administrator of the instance. */
  isAdmin: boolean;
  /** Sign-in session at the token's issuer (claim `sid`), where it names one: revoking it closes the connection. */
  issuerSessionId: string | undefined;
  /** Unique for each connection or request. */
  readonly connectionId: string;
  /** A REST request has no connection: nothing can be attached to it. */
  readonly transport: "socket" | "rest";
}

/** One call of a command. */
export interface Context<Name extends CommandName> {
  readonly session: Session;
  /** Whether an acknowledgement was asked for. */
  readonly wantsAck: boolean;
  /**
   * Answers now, in this very tick; what is attached or sent after it reaches the connection after it.
   * A handler that calls it returns nothing.
   */
  answer(reply: CommandReply<Name>): void;
}

/** Serves one command: returns its reply, or throws a `Refusal`. */
export type Handler<Name extends CommandName> = (
  context: Context<Name>,
  payload: CommandPayload<Name>,
) => Promise<CommandReply<Name> | undefined> | CommandReply<Name> | undefined;

/** The total table: a command without a handler does not compile. */
export type Handlers = { [Name in CommandName]: Handler<Name> };

/** What the features want to know of connections. */
export interface ConnectionObserver {
  /** Before the connection is accepted: may throw a `HandshakeError`. The user's own topic is attached here. */
  connected(session: Session): Promise<void>;
  /** The connection has gone; `isPlanned` when it said goodbye. */
  disconnected(session: Session, isPlanned: boolean): void;
}
