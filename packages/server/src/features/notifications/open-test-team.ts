import { type FakeClock, Inbox, requestOk, startTestServer } from "@mirage/testing";
import type { Settings } from "../../config/settings.ts";

/** Somebody in the room, with two devices. */
interface TeamPerson {
  name: string;
  desk: Inbox;
  phone: Inbox;
}

/** A server with a room of Olga's, to which people come who have been told nothing yet. */
export async function openTestTeam(options: { settings: Partial<Settings>; clock?: FakeClock }) {
  const server = await startTestServer(options);
  await server.connect("root");
  const olga = await server.connect("olga");
  const roomId = (await requestOk(olga, "create_room", { name: "Team", type: "private" })).room.id;
  let personCount = 0;
  return {
    server,
    olga,
    roomId,
    async openPerson(): Promise<TeamPerson> {
      const name = `p${++personCount}`;
      const desk = new Inbox(await server.connect(name));
      const phone = new Inbox(await server.connect(name));
      await requestOk(olga, "add_member", { roomId, userId: name });
      const { notifications } = await requestOk(desk.socket, "get_notifications", {});
      for (const { id: notificationId } of notifications) {
        await requestOk(desk.socket, "delete_notification", { notificationId });
      }
      // The invitation was one of the loud ones of this minute.
      options.clock?.advance(60_000);
      for (const inbox of [desk, phone]) (await inbox.settle()).clear();
      return { name, desk, phone };
    },
    /** Olga calls somebody by name. */
    mention: async (name: string) => (await requestOk(olga, "chat_message", { roomId, content: `@${name}` })).message,
  };
}
