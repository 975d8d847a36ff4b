import type {
  Ack,
  ClientToServerEvents,
  CommandInput,
  CommandName,
  CommandReply,
  ServerToClientEvents,
} from "@mirage/protocol";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { signToken, type TokenClaims } from "./tokens.ts";

/** A stock Socket.IO client with the types of the contract. */
export type TestSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

/** What a socket connects to; a `TestServer`, a spawned one, or anything with an address and a secret. */
export interface Reachable {
  readonly url: string;
  readonly jwtSecret: string;
}

export type ConnectOptions = Partial<ManagerOptions & SocketOptions> & { token?: string };

/** The user of a test: a bare name is both id and name. */
export type TestUser = string | TokenClaims;

/**
 * Connects a stock client over websocket (or the `transports` given) and waits until it is accepted.
 * @throws what the server refused the handshake with.
 */
export function connect(server: Reachable, user: TestUser, options: ConnectOptions = {}): Promise<TestSocket> {
  const socket = prepareSocket(server, user, options);
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", (error) => {
      socket.disconnect();
      reject(error);
    });
    socket.connect();
  });
}

/** Makes the client and leaves it unconnected, so that listeners can be set before the first packet. */
export function prepareSocket(server: Reachable, user: TestUser, options: ConnectOptions = {}): TestSocket {
  const { token = signToken(claimsOf(user), server.jwtSecret), ...rest } = options;
  return io(server.url, {
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    autoConnect: false,
    auth: { token },
    ...rest,
  });
}

const answerTimeoutMs = 10_000;

/** Sends a command and waits for its acknowledgement, whatever it says. */
export function request<Name extends CommandName>(
  socket: TestSocket,
  name: Name,
  payload: CommandInput<Name>,
): Promise<Ack<Name>> {
  // The client's own types tie event and payload together one by one; a generic name needs the untyped door.
  const untyped: { timeout(ms: number): { emitWithAck(event: string, payload: unknown): Promise<Ack<Name>> } } = socket;
  return untyped.timeout(answerTimeoutMs).emitWithAck(name, payload);
}

/** Sends a command that must be accepted and returns its reply. */
export async function requestOk<Name extends CommandName>(
  socket: TestSocket,
  name: Name,
  payload: CommandInput<Name>,
): Promise<CommandReply<Name>> {
  const answer = await request(socket, name, payload);
  if (!answer.ok) throw new Error(`${name} was refused: ${answer.error.code} ${answer.error.message}`);
  return answer;
}

function claimsOf(user: TestUser): TokenClaims {
  return typeof user === "string" ? { userId: user, username: user } : user;
}
