import { type Reachable, requestOk } from "@mirage/testing";
import { FaultClient } from "./fault-client.ts";
import { onConnection } from "./on-connection.ts";

/** Makes public rooms and returns their ids. */
export async function makeRooms(server: Reachable, count: number): Promise<string[]> {
  return await onConnection(server, "founder", async (socket) => {
    const roomIds: string[] = [];
    for (let index = 1; index <= count; index++) {
      const { room } = await requestOk(socket, "create_room", { name: `Room ${index}`, type: "public" });
      roomIds.push(room.id);
    }
    return roomIds;
  });
}

/** Clients of their own users, connected, each with all of the rooms open. `place` says which server each goes to. */
export async function startClients(
  count: number,
  options: { roomIds: readonly string[]; place: (index: number) => Reachable },
): Promise<FaultClient[]> {
  const clients = Array.from({ length: count }, (_, index) => {
    const name = `client-${index + 1}`;
    return new FaultClient({ name, userId: name, roomIds: options.roomIds, reachable: () => options.place(index) });
  });
  await Promise.all(clients.map((client) => client.start()));
  return clients;
}
