import { readdirSync, readFileSync } from "node:fs";
import { eventually, pause, request, type TestServer, type TestSocket } from "@mirage/testing";

/** Somebody who only chats while others attack. */
export interface Bystander {
  /**
   * Stops chatting, once answers come again. Returns whether the connection was kept, what was refused, and the longest
   * wait for an answer in milliseconds where it was longer than anybody accepts. What a thread waited for a core does not
   * count: that is the doing of whatever else runs on the machine.
   */
  leave(): Promise<{ isConnected: boolean; refused: string[]; tooSlowMs: number | undefined }>;
}

/** What an answer may take while somebody attacks; on a machine that is slow in peace as well, a multiple of that. */
const tolerableMs = 500;
const tolerableTimes = 10;
const calmAnswers = 10;
/** Between two messages: a person stays below the rate that ends floods. */
const writingMs = 30;

/** What a bystander reports who noticed nothing. */
export const undisturbed = { isConnected: true, refused: [], tooSlowMs: undefined };

/** Lets somebody write to a public room, one message after another, until they leave. */
export async function openBystander(server: TestServer, name: string): Promise<Bystander> {
  const socket = await server.connect(name);
  await request(socket, "join_room", { roomId: "general" });
  const seen: Seen = { slowestMs: 0, answers: 0, refused: [], isLeaving: false };
  const chatting = chat(socket, seen);
  await eventually(() => seen.answers > calmAnswers, { timeoutMs: 10_000 });
  const boundMs = Math.max(tolerableMs, tolerableTimes * seen.slowestMs);
  return {
    async leave() {
      const before = seen.answers;
      await eventually(() => seen.answers > before + 1, { timeoutMs: 10_000 });
      seen.isLeaving = true;
      await chatting;
      const { slowestMs, refused } = seen;
      const isConnected = socket.connected;
      socket.disconnect();
      return { isConnected, refused, tooSlowMs: slowestMs > boundMs ? slowestMs : undefined };
    },
  };
}

interface Seen {
  slowestMs: number;
  answers: number;
  refused: string[];
  isLeaving: boolean;
}

async function chat(socket: TestSocket, seen: Seen): Promise<void> {
  while (!seen.isLeaving) {
    const startedMs = performance.now();
    const waitedMs = waitsForCore();
    const answer = await request(socket, "chat_message", { roomId: "general", content: `still here ${seen.answers}` });
    const tookMs = performance.now() - startedMs;
    seen.slowestMs = Math.max(seen.slowestMs, tookMs - longestWait(waitedMs, waitsForCore()));
    seen.answers++;
    if (!answer.ok) seen.refused.push(answer.error.code);
    await pause(writingMs);
  }
}

/** What each thread of this process has waited for a core, in milliseconds; nothing where the system does not tell. */
function waitsForCore(): Map<string, number> {
  const waits = new Map<string, number>();
  try {
    for (const thread of readdirSync("/proc/self/task")) {
      const [, waitedNs] = readFileSync(`/proc/self/task/${thread}/schedstat`, "utf8").split(" ");
      waits.set(thread, Number(waitedNs) / 1e6);
    }
  } catch {
    // Not Linux, or a thread has ended just now: then nothing is taken off.
  }
  return waits;
}

/** Of the thread that waited most: an answer goes from one to the next, and may have waited for each. */
function longestWait(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  return Math.max(0, ...[...after].map(([thread, waited]) => waited - (before.get(thread) ?? waited)));
}
