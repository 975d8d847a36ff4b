import { eventually, request, type TestServer, type TestSocket } from "@mirage/testing";

/** Somebody who only chats while others attack. */
export interface Bystander {
  /** Stops chatting. Returns the longest wait for an answer, in milliseconds, and whether the connection was kept. */
  leave(): Promise<{ slowestMs: number; answers: number; refused: string[]; isConnected: boolean }>;
}

/** Lets somebody write to a public room, one message after another, until they leave. */
export async function openBystander(server: TestServer, name: string): Promise<Bystander> {
  const socket = await server.connect(name);
  await request(socket, "join_room", { roomId: "general" });
  const seen = { slowestMs: 0, answers: 0, refused: [] as string[], isLeaving: false };
  const chatting = chat(socket, seen);
  await eventually(() => seen.answers > 2);
  return {
    async leave() {
      const before = seen.answers;
      await eventually(() => seen.answers > before + 1, { timeoutMs: 10_000 });
      seen.isLeaving = true;
      await chatting;
      const { slowestMs, answers, refused } = seen;
      const isConnected = socket.connected;
      socket.disconnect();
      return { slowestMs, answers, refused, isConnected };
    },
  };
}

async function chat(
  socket: TestSocket,
  seen: { slowestMs: number; answers: number; refused: string[]; isLeaving: boolean },
): Promise<void> {
  while (!seen.isLeaving) {
    const startedMs = performance.now();
    const answer = await request(socket, "chat_message", { roomId: "general", content: `still here ${seen.answers}` });
    seen.slowestMs = Math.max(seen.slowestMs, performance.now() - startedMs);
    seen.answers++;
    if (!answer.ok) seen.refused.push(answer.error.code);
  }
}
