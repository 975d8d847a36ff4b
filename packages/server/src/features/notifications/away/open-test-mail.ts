import {
  eventually,
  FakeClock,
  type MailEndpoint,
  type ReceivedMail,
  requestOk,
  startMailEndpoint,
  startTestServer,
  type TestServer,
  type TestSocket,
} from "@mirage/testing";

/** Somebody with a direct conversation with Olga, who is connected as long as `socket` is. */
export interface MailPerson {
  name: string;
  email: string;
  socket: TestSocket;
  roomId: string;
}

/** A server on a clock that is turned by hand, a mail server, and people who can go away. */
export interface TestMail {
  readonly server: TestServer;
  readonly post: MailEndpoint;
  readonly clock: FakeClock;
  readonly olga: TestSocket;
  /** With an address that is confirmed by the host, and mail of every message in a conversation. */
  makePerson(): Promise<MailPerson>;
  /** Their last connection has gone, and the server knows. */
  leave(person: MailPerson): Promise<void>;
  /** Olga writes. */
  write(roomId: string, content: string): Promise<{ id: string; seq: number }>;
  /** Time passes, and whatever becomes due is dealt with. */
  pass(ms: number): Promise<void>;
  listDue(name: string): Promise<{ channel: string; attempts: number }[]>;
  /** Waits until nothing is due to somebody any more, without much time going by. */
  settled(name: string): Promise<void>;
  mailsTo(person: Pick<MailPerson, "email">): ReceivedMail[];
  /** The mail server takes everything. */
  reset(): void;
  close(): Promise<void>;
}

export const publicUrl = "https://chat.example/app/";

export async function openTestMail(): Promise<TestMail> {
  const clock = new FakeClock();
  const post = await startMailEndpoint();
  const mail = { url: post.url, from: "Chat <chat@example.com>", publicUrl, delayMs: 600_000 };
  const server = await startTestServer({
    clock,
    settings: { notificationsPerMinute: 0, privateTargets: [post.target], mail },
  });
  await server.connect("root");
  const olga = await server.connect({ userId: "olga", username: "Olga" });
  // Begins at once, or whenever those who were here before had their time.
  await clock.advanceAsync(10_000);
  let personCount = 0;
  const opened: TestMail = {
    server,
    post,
    clock,
    olga,
    async makePerson() {
      const name = `bea${++personCount}`;
      const email = `${name}@example.com`;
      const socket = await server.connect({ userId: name, username: name, email, email_verified: true });
      await eventually(async () => (await requestOk(socket, "get_email", {})).state === "confirmed");
      await requestOk(socket, "set_preferences", { channels: { message: { email: true }, system: { email: true } } });
      const { room } = await requestOk(olga, "open_direct", { userIds: [name] });
      await requestOk(socket, "mark_all_notifications_read", {});
      // Nothing waits of the invitation either.
      await server.running.database.query("DELETE FROM deliveries WHERE user_id = $1", [name]);
      return { name, email, socket, roomId: room.id };
    },
    async leave({ name, socket }) {
      socket.disconnect();
      await eventually(() => !server.running.getConnectedUsers().some(({ userId }) => userId === name));
    },
    write: async (roomId, content) => (await requestOk(olga, "chat_message", { roomId, content })).message,
    async pass(ms) {
      // At once: while a mail is on its way, its time-out must not go by on a clock that is faster than the network.
      clock.advance(ms);
      await clock.advanceAsync(0);
      const claimed = "SELECT 1 FROM deliveries WHERE claimed_until IS NOT NULL";
      await eventually(async () => (await server.running.database.query(claimed)).length === 0);
    },
    listDue: (name) =>
      server.running.database.query<{ channel: string; attempts: number }>(
        "SELECT channel, attempts FROM deliveries WHERE user_id = $1",
        [name],
      ),
    async settled(name) {
      await eventually(async () => {
        await opened.pass(100);
        return (await opened.listDue(name)).length === 0;
      });
    },
    mailsTo: ({ email }) => post.received.filter(({ to }) => to === email),
    reset() {
      post.onRecipient = () => undefined;
      post.onMail = () => undefined;
    },
    async close() {
      await server.close();
      await post.close();
    },
  };
  return opened;
}
