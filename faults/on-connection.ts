import { connect, type Reachable, type TestSocket } from "@mirage/testing";

/** A connection for one errand. */
export async function onConnection<Result>(
  server: Reachable,
  userId: string,
  work: (socket: TestSocket) => Promise<Result>,
): Promise<Result> {
  const socket = await connect(server, { userId, username: userId });
  try {
    return await work(socket);
  } finally {
    socket.disconnect();
  }
}
