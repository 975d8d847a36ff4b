import type { Message } from "@mirage/protocol";
import { expect, test } from "vitest";
import { RoomModel, type RoomPage } from "./index.ts";

const room = { id: "r", name: "Room", type: "public" as const, memberCount: 1 };

function messageAt(seq: number, rest: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    roomId: "r",
    userId: "ann",
    username: "Ann",
    content: `text ${seq}`,
    type: "text",
    metadata: {},
    timestamp: "2026-01-01T00:00:00.000Z",
    edited: false,
    reactions: [],
    seq,
    updatedSeq: seq,
    ...rest,
  };
}

function page(rest: Partial<RoomPage> = {}): RoomPage {
  return { room, members: [], messages: [], seq: 0, ...rest };
}

test("[LAW-1] staying and coming back end the same in the model that judges it", () => {
  const edited = messageAt(1, { content: "better", edited: true, updatedSeq: 3 });
  const deleted = messageAt(2, { content: "", deleted: true, updatedSeq: 4 });
  const stayed = new RoomModel(page());
  stayed.apply("chat_message", messageAt(1));
  stayed.apply("chat_message", messageAt(2));
  stayed.apply("message_updated", edited);
  stayed.apply("message_updated", deleted);
  const user = { userId: "bob", username: "Bob", role: "member" as const };
  stayed.apply("member_updated", { roomId: "r", users: [user], memberCount: 2, seq: 5 });

  const left = new RoomModel(page({ messages: [messageAt(1), messageAt(2)], seq: 2 }));
  const members = [{ ...user, status: "offline" as const }];
  left.resume(page({ room: { ...room, memberCount: 2 }, members, messages: [edited, deleted], seq: 5 }));
  expect(left.snapshot()).toEqual(stayed.snapshot());

  const fresh = new RoomModel(page({ room: { ...room, memberCount: 2 }, members, messages: [edited], seq: 5 }));
  expect(fresh.snapshot()).toEqual(stayed.snapshot());
});
