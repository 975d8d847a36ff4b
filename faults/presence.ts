import { createTestStorage, eventually, pause, requestOk, type SpawnedServer, spawnServer } from "@mirage/testing";
import { check, type Fault, type FaultRun } from "./fault.ts";
import { judgePresence } from "./judge-presence.ts";
import { onConnection } from "./on-connection.ts";
import type { PresenceHistory, Sight } from "./presence-history.ts";
import { chooseWords, live, peopleIn, type World } from "./presence-life.ts";
import { type Look, PresencePerson } from "./presence-person.ts";
import { Random } from "./random.ts";
import { unlimited } from "./unlimited.ts";

const secret = { JWT_SECRET: "all nodes share one secret of many characters" };
const roomCount = 3;
/** Of the people: so many, who are there all the while and look. */
const watcherShare = 0.25;
const ghostShare = 0.15;
/** After a kill, until everybody who stays away must be known to be gone. */
const deadNodeMs = 20_000;
/** Longer than it takes for anybody to count as gone, and to be told of everywhere. */
const settleWithinMs = 30_000;
/** Longer than anybody needs to count as gone. */
const settleBeforeKillMs = 6_500;
const shownFaults = 8;

/** People come, go, flap, choose and hide, on one node or two, of which one is killed. */
export const presence: Fault = {
  summary: "people come, go, flap, reload, choose, hide under kill -9; on Postgres one of two nodes",
  defaults: { clients: 24, kills: 2, seconds: 40 },
  async run(run) {
    const { options, say } = run;
    const storage = await createTestStorage(options.database);
    const nodes: SpawnedServer[] = [];
    const sights: Sight[] = [];
    const people: PresencePerson[] = [];
    try {
      for (let count = options.database === "postgres" ? 2 : 1; count > 0; count--)
        nodes.push(await spawnServer({ storage, env: { ...unlimited, ...secret }, readyTimeoutMs: 90_000 }));
      people.push(...(await gather(run, nodes, sights)));
      say(`${people.length} people are there, ${people.filter(isGhost).length} of them invisible`);
      const { kills, deedCount } = await disturb(run, { nodes, people });
      const different = await settle(run, people, nodes);
      const history: PresenceHistory = {
        lives: people.map(({ life }) => life),
        sights,
        kills,
        endedAtMs: performance.now(),
      };
      const refused = people.flatMap(({ refusals }) => refusals);
      for (const person of people) person.leaveAll();
      const exits = await Promise.all(nodes.map((node) => node.stop()));
      const judged = judgePresence(history);
      const lostCount = kills.reduce((sum, { lostIds }) => sum + lostIds.length, 0);
      return {
        serverOutputs: nodes.map((node) => node.output()),
        checks: [
          check("in the end every device and every answer shows what is", different.length === 0, list(different)),
          check("nobody is shown who is invisible, away or a stranger", judged.leaks.length === 0, list(judged.leaks)),
          check("nobody is told to be gone who reloads", judged.flickers.length === 0, list(judged.flickers)),
          check(
            "comings and goings are told once, lists at most each 250 ms",
            judged.repeats.length === 0,
            list(judged.repeats),
          ),
          check(
            "who went with a killed node is gone for each survivor within 20 s",
            judged.unnoticed.length === 0,
            list(judged.unnoticed) || `${lostCount} went, the slowest was noticed after ${judged.slowestNoticeMs} ms`,
          ),
          check("nobody is refused what they may do", refused.length === 0, list(refused)),
          check("much has happened", deedCount > 0 && sights.length > 0, `${deedCount} deeds, ${sights.length} sights`),
          check(
            "a planned stop ends well",
            exits.every((exit) => exit === 0),
            exits.join(" "),
          ),
        ],
      };
    } finally {
      for (const person of people) person.leaveAll();
      for (const node of nodes) await node.remove();
    }
  },
};

const list = (faults: readonly string[]): string =>
  faults.length === 0 ? "" : `${faults.length}\n    ${faults.slice(0, shownFaults).join("\n    ")}`;

/** Everybody is a member of one room or two, and some share none; ghosts hide before they come into any. */
async function gather({ options, random }: FaultRun, nodes: readonly SpawnedServer[], sights: Sight[]) {
  const [first] = nodes;
  if (!first) throw new Error("there is no node");
  const roomIds = await onConnection(first, "root", async (socket) => {
    const ids: string[] = [];
    for (let index = 1; index <= roomCount; index++)
      ids.push((await requestOk(socket, "create_room", { name: `Room ${index}`, type: "public" })).room.id);
    return ids;
  });
  const people = Array.from({ length: options.clients }, (_, index) => {
    // The first ones stay in a single room, so that rooms have people who are strangers to each other.
    const own = roomIds.filter(
      (_, room) => room === index % roomCount || (!isWatcher(index, options.clients) && random.next() < 0.3),
    );
    return new PresencePerson({ userId: `p${index + 1}`, roomIds: own, sights, nodes });
  });
  for (const person of people.slice(Math.ceil(options.clients * (1 - ghostShare))))
    await onConnection(first, person.userId, async (socket) => {
      const askedAtMs = performance.now();
      await requestOk(socket, "presence_update", { status: "offline" });
      person.life.choices.push({ askedAtMs, ackedAtMs: performance.now(), choice: { status: "offline" } });
      person.life.ghostSince = Date.now();
    });
  for (const [index, person] of people.entries()) await person.come(index % nodes.length);
  return people;
}

const isGhost = ({ life }: PresencePerson): boolean => life.ghostSince !== undefined;
const isWatcher = (index: number, count: number): boolean => index < count * watcherShare;

interface Scene {
  nodes: readonly SpawnedServer[];
  people: readonly PresencePerson[];
}

/** Lets everybody live; then kills nodes, each time among people who hold still, some of whom stay away. */
async function disturb(run: FaultRun, { nodes, people }: Scene) {
  const { options, random, seed, say } = run;
  const dead = new Set<number>();
  const world: World = {
    people,
    livingNodes: () => nodes.map((_, index) => index).filter((index) => !dead.has(index)),
  };
  const kills: PresenceHistory["kills"][number][] = [];
  let deedCount = 0;
  const liveFor = async (ms: number): Promise<void> => {
    const endMs = performance.now() + ms;
    const isOver = () => performance.now() > endMs;
    const living = people.slice(Math.ceil(people.length * watcherShare));
    const counts = await Promise.all(
      living.map((person, index) =>
        live(person, world, { random: new Random(seed + index + 1_000 * kills.length), isOver }),
      ),
    );
    deedCount += counts.reduce((sum, count) => sum + count, 0);
  };
  await liveFor((1_000 * options.seconds) / (options.kills + 1));
  for (let kill = 1; kill <= options.kills; kill++) {
    const node = Math.floor(random.next() * nodes.length);
    kills.push(await killOne(run, { nodes, people, node, dead }));
    // The others come back by themselves.
    for (const person of people.filter((_, index) => isWatcher(index, people.length)))
      if (person.devices.size === 0) await person.come(random.pick(world.livingNodes()));
    say(`kill ${kill} of ${options.kills}: node ${node + 1}, ${kills.at(-1)?.lostIds.length} people stayed away`);
    await liveFor((1_000 * options.seconds) / (options.kills + 1));
  }
  return { kills, deedCount };
}

/** Some of those who were at the node go to another one at once; the others are seen to be gone. */
async function killOne({ random }: FaultRun, scene: Scene & { node: number; dead: Set<number> }) {
  const { nodes, people, node, dead } = scene;
  // What was told before must not be taken for what follows from the kill.
  await pause(settleBeforeKillMs);
  const seen = new Set(people.filter(({ truth }) => truth.status !== "offline"));
  dead.add(node);
  for (const person of people) person.doom(node);
  await nodes[node]?.kill();
  const atMs = performance.now();
  for (const person of people) person.lose();
  const orphans = people.filter(({ devices }) => devices.size === 0);
  const survivor = nodes.findIndex((_, index) => !dead.has(index));
  const moving = orphans.filter(() => survivor !== -1 && random.next() < 0.5);
  await Promise.all(
    moving.map(async (person) => {
      await pause(random.between(0, 3_000));
      await person.come(survivor);
    }),
  );
  const lost = orphans.filter((person) => seen.has(person) && !moving.includes(person));
  if (survivor !== -1) await pause(Math.max(0, atMs + deadNodeMs - performance.now()));
  await nodes[node]?.start();
  dead.delete(node);
  return { atMs, node, lostIds: lost.map(({ userId }) => userId) };
}

/** Everybody chooses once more, some go for good; then each device, by events and by answers, must show just that. */
async function settle({ random }: FaultRun, people: readonly PresencePerson[], nodes: readonly SpawnedServer[]) {
  for (const [index, person] of people.entries()) {
    const device = [...person.devices][0] ?? (await person.come(index % nodes.length));
    if (!device) return [`${person.userId} could not come`];
    const isHiding = isGhost(person) || random.next() < 0.2;
    await person.choose(device, isHiding ? { status: "offline" } : chooseWords(person, random));
    if (index >= people.length * watcherShare && random.next() < 0.3) person.leaveAll();
  }
  let different: string[] = [];
  const compare = async (): Promise<boolean> => {
    different = (await Promise.all(people.map((person) => compareOne(person, people)))).flat();
    return different.length === 0;
  };
  await eventually(compare, { timeoutMs: settleWithinMs, intervalMs: 1_000 }).catch(() => undefined);
  return different;
}

async function compareOne(person: PresencePerson, people: readonly PresencePerson[]): Promise<string[]> {
  const truth = new Map(people.map((other) => [other.userId, other.truth]));
  const others = peopleIn(person, { people });
  const different: string[] = [];
  for (const device of person.devices) {
    const shown = new Map(device.shown);
    const answered = await person.compare(device, others);
    for (const userId of others) {
      const [is, byEvents, byAnswers] = [truth.get(userId), shown.get(userId), answered.get(userId)];
      if (!isSame(byEvents, is))
        different.push(`${device.connection} shows ${userId} ${say(byEvents)}, not ${say(is)}`);
      if (!isSame(byAnswers, is))
        different.push(`${device.connection} is answered ${userId} ${say(byAnswers)}, not ${say(is)}`);
    }
  }
  return different;
}

const say = (look: Look | undefined): string => JSON.stringify(look ?? "nothing");

/** Of whom nothing was told is not here. */
function isSame(shown: Look = { status: "offline" }, is: Look | undefined): boolean {
  if (shown.status !== is?.status) return false;
  if (is.status === "offline" || shown.words === undefined) return true;
  return shown.words.text === is.words?.text && shown.words.emoji === is.words?.emoji;
}
