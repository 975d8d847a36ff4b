import {
  connect,
  createTestStorage,
  eventually,
  pause,
  requestOk,
  type SpawnedServer,
  spawnServer,
} from "@mirage/testing";
import { inParallel } from "../bench/load/in-parallel.ts";
import { check, type Fault, type FaultRun } from "./fault.ts";
import { InboxPerson } from "./inbox-person.ts";
import { InboxRoom } from "./inbox-room.ts";
import { judgeInbox } from "./judge-inbox.ts";
import { onConnection } from "./on-connection.ts";
import { unlimited } from "./unlimited.ts";

const crowdCount = 300;
const settleWithinMs = 60_000;
const shownFaults = 8;
const secret = { JWT_SECRET: "all nodes share one secret of many characters", NOTIFICATION_RATE_LIMIT: "0" };

/** People are told of things while the server dies again and again. */
export const inbox: Fault = {
  summary: "mentions, replies, edits, deletions, readings, room jobs under kill -9; on Postgres one of two nodes",
  defaults: { clients: 5, kills: 4, seconds: 25 },
  async run(run) {
    const { options, random, say } = run;
    const storage = await createTestStorage(options.database);
    const nodes: SpawnedServer[] = [];
    const people: InboxPerson[] = [];
    try {
      for (let count = options.database === "postgres" ? 2 : 1; count > 0; count--)
        nodes.push(await spawnServer({ storage, env: { ...unlimited, ...secret }, readyTimeoutMs: 90_000 }));
      const place = (index: number) => nodes[index % nodes.length] as SpawnedServer;
      for (let person = 0; person < options.clients; person++)
        people.push(new InboxPerson(`p${person + 1}`, (device) => place(person + device)));
      const rooms = await openRooms(run, { people, server: place(0) });
      say(`${people.length} people with ${people.flatMap(({ devices }) => devices).length} devices are there`);
      await disturb(run, { nodes, rooms, people });
      await untilJobsAreDone({ rooms, people, server: place(0) });
      const different = (await Promise.all(people.map((person) => person.compare(random, settleWithinMs)))).flat();
      const refused = people.flatMap(({ refusals }) => refusals);
      for (const person of people) person.close();
      const exits = await Promise.all(nodes.map((node) => node.stop()));
      const { faults, recordCount } = await judgeInbox(storage, { rooms, people });
      const deedCount = rooms.reduce((sum, room) => sum + room.deedCount, 0);
      return {
        serverOutputs: nodes.map((node) => node.output()),
        checks: [
          check("each cause told each person it should, once, and nobody else", faults.length === 0, list(faults)),
          check("every device shows the stored list and count", different.length === 0, list(different)),
          check("nobody is refused what they may do", refused.length === 0, list(refused)),
          check("much has happened", deedCount > 0 && recordCount > 0, `${deedCount} deeds, ${recordCount} records`),
          check(
            "a planned stop ends well",
            exits.every((exit) => exit === 0),
            exits.join(" "),
          ),
        ],
      };
    } finally {
      for (const person of people) person.close();
      for (const node of nodes) await node.remove();
    }
  },
};

const list = (faults: readonly string[]): string =>
  faults.length === 0 ? "" : `${faults.length}\n    ${faults.slice(0, shownFaults).join("\n    ")}`;

interface World {
  people: readonly InboxPerson[];
  server: SpawnedServer;
}

/** A room of few where people come and go, a crowd that is called together, and a direct conversation. */
async function openRooms({ random }: FaultRun, { people, server }: World): Promise<InboxRoom[]> {
  const [owner, ...others] = people;
  if (!owner) throw new Error("there is nobody");
  // Whoever comes first is administrator of the instance, and is no part of this.
  await onConnection(server, "root", async () => undefined);
  await untilKnown(people, random);
  const ids = people.map(({ name }) => name);
  const team = await owner.ask(random, "create_room", { name: "Team", type: "private" });
  const hall = await owner.ask(random, "create_room", { name: "Hall", type: "public" });
  const direct = await owner.ask(random, "open_direct", { userIds: ids.slice(1, 3) });
  if (!team || !hall || !direct) throw new Error("a room was refused");
  const few = new InboxRoom({ roomId: team.room.id, kind: plain, people, random });
  const pair = new InboxRoom({
    roomId: direct.room.id,
    kind: { ...plain, isDirect: true },
    people: people.slice(0, 3),
    random,
  });
  for (const { name: userId } of others) {
    await owner.ask(random, "add_member", { roomId: team.room.id, userId });
    few.due.invites.set(userId, 1);
  }
  for (const userId of ids.slice(1, 3)) pair.due.invites.set(userId, 1);
  // Last by name, so that whoever comes to them has been everywhere.
  const crowd = Array.from({ length: crowdCount }, (_, index) => `quiet-${String(index + 1).padStart(3, "0")}`);
  await inParallel([...ids, ...crowd], {
    atOnce: 20,
    work: (userId) =>
      onConnection(server, userId, async (socket) => {
        await requestOk(socket, "join_room", { roomId: hall.room.id });
      }),
  });
  const many = new InboxRoom({ roomId: hall.room.id, kind: { ...plain, isCrowd: true }, people, crowd, random });
  return [few, pair, many];
}

const plain = { isDirect: false, isCrowd: false };

/** A person exists from their first connection on. */
async function untilKnown(people: readonly InboxPerson[], random: FaultRun["random"]): Promise<void> {
  await Promise.all(people.map((person) => person.readAll(random)));
}

/** Lets things happen in all rooms, and kills servers meanwhile. */
async function disturb(
  { options, random, say }: FaultRun,
  {
    nodes,
    rooms,
    people,
  }: { nodes: readonly SpawnedServer[]; rooms: readonly InboxRoom[]; people: readonly InboxPerson[] },
): Promise<void> {
  const endMs = performance.now() + options.seconds * 1_000;
  const isOver = () => performance.now() > endMs;
  const running = Promise.all(rooms.map((room) => room.run(isOver)));
  const betweenMs = (options.seconds * 1_000) / (options.kills + 1);
  for (let kill = 1; kill <= options.kills; kill++) {
    await pause(betweenMs * random.between(0.5, 1));
    const node = random.pick(nodes);
    await node.kill();
    await node.start();
    for (const person of people) person.reconnect();
    say(
      `kill ${kill} of ${options.kills}; ${rooms.map(({ deedCount, readCount }) => `${deedCount}/${readCount}`).join(" ")}`,
    );
  }
  await running;
}

/** Jobs of one room go one after the other: when the last person of the crowd hears of a last one, all are done. */
async function untilJobsAreDone({ rooms, people, server }: World & { rooms: readonly InboxRoom[] }): Promise<void> {
  const [owner] = people;
  const hall = rooms.at(-1);
  const messageId = owner && (await hall?.post(owner, { calls: [], isForAll: true }));
  const last = await connect(server, `quiet-${crowdCount}`);
  try {
    await eventually(
      async () => {
        const { notifications } = await requestOk(last, "get_notifications", { limit: 1 });
        return notifications[0]?.metadata.messageId === messageId;
      },
      { timeoutMs: settleWithinMs, intervalMs: 100 },
    );
  } finally {
    last.disconnect();
  }
}
