import { pause } from "@mirage/testing";
import type { Chosen } from "./presence-history.ts";
import type { Device, PresencePerson } from "./presence-person.ts";
import type { Random } from "./random.ts";

const maxPauseMs = 400;
const maxDevices = 3;
const deeds = [
  "come",
  "come",
  "go",
  "reload",
  "reload",
  "flap",
  "flap",
  "choose",
  "choose",
  "hide",
  "attend",
  "look",
] as const;
/** Shorter than the 5 s after which somebody counts as gone, with time for a slow way back. */
const reloadMs = { min: 50, max: 3_000 };
/** Shorter than the 250 ms in which changes gather. */
const flapMs = { min: 0, max: 200 };
/** Longer than those 5 s. */
const awayMs = { min: 5_500, max: 8_000 };

export interface World {
  people: readonly PresencePerson[];
  /** Nodes that are up at this moment. */
  livingNodes(): readonly number[];
}

/** What one person does until it is over: one thing after the other, at random. */
export async function live(
  person: PresencePerson,
  world: World,
  { random, isOver }: { random: Random; isOver: () => boolean },
) {
  const comeBack = async (times = 20): Promise<Device | undefined> => {
    for (let attempt = 0; attempt < times; attempt++) {
      const device = await person.come(random.pick(world.livingNodes()));
      if (device) return device;
      await pause(100);
    }
    return undefined;
  };
  let deedCount = 0;
  while (!isOver()) {
    const device = person.devices.size > 0 ? random.pick([...person.devices]) : await comeBack();
    if (device) await doOne(person, device, { world, random, comeBack });
    deedCount++;
    await pause(random.between(0, maxPauseMs));
  }
  return deedCount;
}

async function doOne(
  person: PresencePerson,
  device: Device,
  { world, random, comeBack }: { world: World; random: Random; comeBack: () => Promise<Device | undefined> },
): Promise<void> {
  const deed = random.pick(deeds);
  if (deed === "come" && person.devices.size < maxDevices) await comeBack();
  else if (deed === "go") {
    person.go(device);
    if (person.devices.size === 0) await pause(random.between(awayMs.min, awayMs.max));
  } else if (deed === "reload" || deed === "flap") {
    const { min, max } = deed === "reload" ? reloadMs : flapMs;
    person.leaveAll();
    await pause(random.between(min, max));
    await comeBack();
  } else if (deed === "choose") await person.choose(device, chooseWords(person, random));
  else if (deed === "hide") await person.choose(device, { status: "offline" });
  else if (deed === "attend") await person.attend(device, random.next() < 0.5);
  else if (deed === "look") await person.look(device, peopleIn(person, world));
}

/** A ghost may change its words, and stays one. */
export function chooseWords({ life }: PresencePerson, random: Random): Chosen["choice"] {
  const status = life.ghostSince !== undefined ? "offline" : random.pick(["online", "online", "away", "dnd"] as const);
  const text = random.next() < 0.4 ? { text: `words ${Math.floor(random.next() * 1e6)}` } : {};
  const emoji = random.next() < 0.3 ? { emoji: random.pick(["🌴", "🎧", "🍜"]) } : {};
  return { status, ...text, ...emoji };
}

/** Those whom a person may follow by name without being told of strangers. */
export function peopleIn({ life }: PresencePerson, { people }: Pick<World, "people">): string[] {
  const others = people.filter(
    (other) => other.life !== life && other.life.roomIds.some((id) => life.roomIds.includes(id)),
  );
  return others.map(({ userId }) => userId);
}
