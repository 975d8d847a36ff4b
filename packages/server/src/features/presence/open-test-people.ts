import type { CommandInput, OwnPresence, Presence } from "@mirage/protocol";
import { eventually, type FakeClock, Inbox, requestOk, type TestServer, type TestSocket } from "@mirage/testing";

export interface TestDevice {
  readonly socket: TestSocket;
  readonly inbox: Inbox;
}

/** What tests of presence do again and again, on a server whose clock is turned by hand. */
export function openTestPeople(server: TestServer, clock: FakeClock) {
  let count = 0;
  const isHere = (userId: string): boolean => server.running.getConnectedUsers().some((user) => user.userId === userId);
  return {
    /** Names nobody else in this file has. */
    name<Name extends string>(...names: Name[]): Record<Name, string> {
      const number = ++count;
      return Object.fromEntries(names.map((name) => [name, `${name}${number}`])) as Record<Name, string>;
    },

    /** Connected, with everything told that there was to tell. */
    async open(userId: string): Promise<TestDevice> {
      const socket = await server.connect(userId);
      clock.advance(300);
      const inbox = await new Inbox(socket).settle();
      inbox.clear();
      return { socket, inbox };
    },

    /** The person's only device goes, and the server has noticed. */
    async leave({ socket }: TestDevice, userId: string): Promise<void> {
      socket.disconnect();
      await eventually(() => !isHere(userId));
    },

    /** A room of these people, whom the first has made, with everything told that there was to tell. */
    async makeRoom(...devices: TestDevice[]): Promise<string> {
      const [owner, ...others] = devices;
      if (!owner) throw new Error("a room needs somebody");
      const { room } = await requestOk(owner.socket, "create_room", { name: `room ${++count}` });
      for (const { socket } of others) await requestOk(socket, "join_room", { roomId: room.id });
      clock.advance(300);
      for (const { inbox } of devices) (await inbox.settle()).clear();
      return room.id;
    },

    /** What is chosen is stored at most once in 250 ms. */
    async choose({ socket }: TestDevice, input: CommandInput<"presence_update">): Promise<OwnPresence> {
      let isAnswered = false;
      const answer = requestOk(socket, "presence_update", input).finally(() => {
        isAnswered = true;
      });
      await eventually(() => {
        clock.advance(250);
        return isAnswered;
      });
      clock.advance(300);
      return (await answer).presence;
    },

    /** What a device was told of others since it was asked last. */
    async changes({ inbox }: TestDevice): Promise<Presence[]> {
      return (await inbox.take("presence_changed")).flatMap(({ users }) => users);
    },

    /** How a room's members are, as one of them is answered. */
    async statuses({ socket }: TestDevice, roomId: string): Promise<Record<string, string>> {
      const { members } = await requestOk(socket, "list_members", { roomId });
      return Object.fromEntries(members.map(({ userId, status }) => [userId, status]));
    },
  };
}
