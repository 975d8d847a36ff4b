import { FakeClock } from "@mirage/testing/fake-clock";
import { createRealtime } from "../create-realtime.ts";
import type { Realtime, RealtimeOptions } from "../realtime.ts";
import type { RoomState } from "../rooms/room-handle.ts";
import { type FakeServer, tokenOf } from "./fake-server.ts";

export interface TestClient {
  realtime: Realtime;
  clock: FakeClock;
}

/** Connects a client to a fake server, on a clock of its own that is turned by hand. */
export async function startClient(
  server: FakeServer,
  userId: string,
  options: Partial<RealtimeOptions> = {},
): Promise<TestClient> {
  const clock = new FakeClock();
  const realtime = createRealtime({
    transport: server.transport,
    getToken: async () => tokenOf(userId),
    storage: "memory",
    clock,
    ...options,
  });
  await server.settle();
  return { realtime, clock };
}

/** Turns the clock in small steps, with everything that comes of it. */
export async function pass(client: TestClient, server: FakeServer, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 250) {
    client.clock.advance(Math.min(250, ms - passedMs));
    await server.settle();
  }
}

/** What a person reads, with its state where that is not `sent`. */
export function texts(state: RoomState): string[] {
  return state.items.map(({ message, state }) => {
    const text = message.deleted ? "(deleted)" : message.content;
    return state === "sent" ? text : `${text} (${state})`;
  });
}
