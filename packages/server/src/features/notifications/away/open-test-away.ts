import type { Message } from "@mirage/protocol";
import {
  eventually,
  FakeClock,
  type PushEndpoint,
  requestOk,
  startPushEndpoint,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";

/** Somebody with devices and a direct conversation with Olga, who is connected as long as `socket` is. */
export interface AwayPerson {
  name: string;
  socket: TestSocket;
  roomId: string;
}

/** A server on a clock that is turned by hand, a push service, and people who can go away. */
export interface TestAway {
  readonly server: TestServer;
  readonly service: PushEndpoint;
  readonly clock: FakeClock;
  readonly olga: TestSocket;
  makePerson(...devices: string[]): Promise<AwayPerson>;
  /** Their last connection has gone, and the server knows. */
  leave(person: AwayPerson): Promise<void>;
  /** Olga writes. */
  post(roomId: string, content: string): Promise<Message>;
  /** Time passes, and whatever becomes due is dealt with. */
  pass(ms: number): Promise<void>;
  listDue(name: string): Promise<{ id: number; attempts: number }[]>;
  /** Waits until what is due to somebody who is still there has been put off. */
  postponed(name: string): Promise<void>;
  /** Waits until nothing is due to somebody any more, without much time going by. */
  settled(name: string): Promise<void>;
  /** The push service has received nothing and takes everything. */
  reset(): void;
  close(): Promise<void>;
}

export async function openTestAway(): Promise<TestAway> {
  const clock = new FakeClock();
  const service = await startPushEndpoint();
  const settings = { notificationsPerMinute: 0, privateTargets: [service.target] };
  const server = await startTestServer({ clock, settings });
  await server.connect("root");
  const olga = await server.connect({ userId: "olga", username: "Olga" });
  // Begins at once, or whenever those who were here before had their time.
  await clock.advanceAsync(10_000);
  let personCount = 0;
  const away: TestAway = {
    server,
    service,
    clock,
    olga,
    async makePerson(...devices) {
      const name = `ann${++personCount}`;
      const socket = await server.connect(name);
      const { room } = await requestOk(olga, "open_direct", { userIds: [name] });
      await requestOk(socket, "mark_all_notifications_read", {});
      for (const device of devices) {
        clock.advance(1);
        await requestOk(socket, "add_push_device", { ...service.subscribe(`${name} ${device}`), label: device });
      }
      return { name, socket, roomId: room.id };
    },
    async leave({ name, socket }) {
      socket.disconnect();
      await eventually(() => !server.running.getConnectedUsers().some(({ userId }) => userId === name));
    },
    post: async (roomId, content) => (await requestOk(olga, "chat_message", { roomId, content })).message,
    async pass(ms) {
      await clock.advanceAsync(ms);
      // One more statement after those of the worker.
      await server.running.database.query("SELECT 1");
    },
    listDue: (name) => server.running.database.query("SELECT id, attempts FROM deliveries WHERE user_id = $1", [name]),
    async postponed(name) {
      const find = "SELECT 1 FROM deliveries WHERE user_id = $1 AND claimed_until IS NULL AND due_at > $2";
      const now = new Date(clock.now());
      await eventually(async () => (await server.running.database.query(find, [name, now])).length > 0);
    },
    async settled(name) {
      await eventually(async () => {
        await away.pass(100);
        return (await away.listDue(name)).length === 0;
      });
    },
    reset() {
      service.received.length = 0;
      service.answer = (_request, response) => void response.writeHead(201).end();
    },
    async close() {
      await server.close();
      await service.close();
    },
  };
  return away;
}
