import { deepStrictEqual } from "node:assert/strict";
import type { CommandReply, EventName, EventPayload } from "@mirage/protocol";
import { Inbox } from "./inbox.ts";
import { RoomModel } from "./room-model.ts";
import { type RoomRecorder, recordRoom } from "./room-recorder.ts";
import { requestOk, type TestSocket, type TestUser } from "./sockets.ts";
import type { TestServer } from "./test-server.ts";

/** Someone who has a room open and stays, to be compared with someone who comes back and someone who comes new. */
export interface RoomFollower {
  readonly socket: TestSocket;
  readonly inbox: Inbox;
  readonly page: CommandReply<"join_room">;
  readonly recorder: RoomRecorder;
  /**
   * The law of state: the old snapshot with all events, the old snapshot with what `since` answers, and a fresh snapshot
   * are the same, and positions rose without a hole. For rooms of up to 50 messages and 100 members.
   */
  check(): Promise<void>;
}

const streamEvents = ["chat_message", "message_updated", "member_updated", "room_updated"] as const;

/** Opens a room and follows it. */
export async function followRoom(server: TestServer, user: TestUser, roomId: string): Promise<RoomFollower> {
  const socket = await server.connect(user);
  const inbox = new Inbox(socket);
  const recorder = recordRoom(socket, roomId);
  const pending: (() => void)[] = [];
  let model: RoomModel | undefined;
  for (const name of streamEvents) {
    socket.on(name, (payload: EventPayload<EventName>) => {
      if (roomOf(payload) !== roomId) return;
      const apply = () => model?.apply(name, payload as EventPayload<typeof name>);
      if (model) apply();
      else pending.push(apply);
    });
  }
  const page = await requestOk(socket, "join_room", { roomId });
  model = new RoomModel(page);
  for (const apply of pending) apply();
  const stayed = model;
  return {
    socket,
    inbox,
    page,
    recorder,
    async check() {
      await inbox.settle();
      const returned = await server.connect(user);
      const since = { epoch: page.epoch, seq: page.seq };
      const back = new RoomModel(page);
      back.resume(await requestOk(returned, "join_room", { roomId, since }));
      const fresh = new RoomModel(await requestOk(returned, "join_room", { roomId }));
      await inbox.settle();
      returned.disconnect();
      deepStrictEqual(stayed.snapshot(), fresh.snapshot(), "who stayed differs from who is new");
      deepStrictEqual(back.snapshot(), fresh.snapshot(), "who came back differs from who is new");
      recorder.assertOrdered();
    },
  };
}

function roomOf(payload: EventPayload<EventName>): string | undefined {
  if ("roomId" in payload) return payload.roomId;
  return "room" in payload ? payload.room.id : undefined;
}
