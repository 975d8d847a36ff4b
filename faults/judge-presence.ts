import { limits } from "@mirage/protocol";
import type { Chosen, Life, PresenceHistory, Sight, Stay } from "./presence-history.ts";

/**
 * Judges what people were shown of each other by what they did. Every rule is about single sights, so one is enough to
 * find a fault; and each gives the servers, and this machine, time to say what is true already.
 */

/** A change of somebody is told 250 ms after another node has heard of it, which takes as long; the rest is a busy machine. */
const slackMs = 3_000;
/** A node that was killed keeps its people for so long. */
const deadNodeMs = 20_000;
/** A connection is told at most one list in 250 ms; they may be held up and arrive together. */
const burstWindowMs = 5_000;
const maxListsInWindow = burstWindowMs / limits.presenceWindowMs + 2;

export interface PresenceJudgement {
  /** Shown as here, or with words, while invisible or away; to a stranger; a ghost at all. */
  leaks: string[];
  /** Shown as gone by an event, and was neither away for 5 s nor invisible. */
  flickers: string[];
  /** A coming or a going that was told twice in a row, or lists that come too fast. */
  repeats: string[];
  /** People of a killed node whose going was not told to somebody on a survivor in time. */
  unnoticed: string[];
  /** The longest that a survivor took to say so, in milliseconds. */
  slowestNoticeMs: number;
}

export function judgePresence(history: PresenceHistory): PresenceJudgement {
  const lives = new Map(history.lives.map((life) => [life.userId, life]));
  const leaks: string[] = [];
  const flickers: string[] = [];
  for (const sight of history.sights) {
    const by = lives.get(sight.by);
    const about = lives.get(sight.about);
    if (!by || !about || by === about) continue;
    const leak = leakOf(sight, by, about);
    if (leak) leaks.push(`${describe(sight)}: ${leak}`);
    if (saysGone(sight) && !mayBeGone(about, sight.atMs) && !mayBeHidden(about, sight.atMs))
      flickers.push(`${describe(sight)}: was here`);
  }
  return { leaks, flickers, repeats: findRepeats(history.sights), ...findUnnoticed(history, lives) };
}

function leakOf(sight: Sight, by: Life, about: Life): string | undefined {
  const sharesRoom = about.roomIds.some((roomId) => by.roomIds.includes(roomId));
  if (!sharesRoom) return "they share no room";
  if (about.ghostSince !== undefined) return isTrace(sight, about.ghostSince) ? "is invisible for ever" : undefined;
  if (!saysHere(sight)) return undefined;
  if (!mayBeHere(about, sight.atMs)) return "was not here";
  return isHidden(about, sight.atMs) ? "was invisible" : undefined;
}

/** Of a ghost nothing is told, and an answer says no more than that they are not here. */
function isTrace({ what, status, text, emoji, lastSeen }: Sight, ghostSince: number): boolean {
  const hasWords = (text ?? emoji) !== undefined;
  // Another node may have shown them until it heard of it.
  const isSeenSince = Date.parse(lastSeen ?? "") > ghostSince + slackMs;
  return what !== "answer" || status !== "offline" || hasWords || isSeenSince;
}

const saysHere = ({ what, status, text, emoji }: Sight): boolean =>
  what === "user_online" ||
  what === "user_joined_room" ||
  (status !== undefined && status !== "offline") ||
  (text ?? emoji) !== undefined;

const saysGone = ({ what, status }: Sight): boolean =>
  what === "user_offline" || (what === "presence_changed" && status === "offline");

/** Some connection of theirs counted at that time, or a moment before. */
function mayBeHere({ stays }: Life, atMs: number): boolean {
  return stays.some(({ askedAtMs, endedAtMs = Number.POSITIVE_INFINITY, wasKilled }) => {
    const tailMs = wasKilled ? deadNodeMs : limits.presenceGraceMs;
    return askedAtMs <= atMs && atMs <= endedAtMs + tailMs + slackMs;
  });
}

/** They were away for as long as it takes to count as gone, and had not been back for long. */
function mayBeGone({ stays }: Life, atMs: number): boolean {
  return absencesOf(stays).some(
    ({ fromMs, toMs }) =>
      fromMs + limits.presenceGraceMs <= atMs && atMs <= toMs + slackMs && toMs - fromMs >= limits.presenceGraceMs,
  );
}

/** When a person had no connection at all, as they themselves saw it. */
function absencesOf(stays: readonly Stay[]): { fromMs: number; toMs: number }[] {
  const open = stays
    .flatMap(({ openedAtMs, endedAtMs = Number.POSITIVE_INFINITY }) =>
      openedAtMs === undefined ? [] : [{ openedAtMs, endedAtMs }],
    )
    .sort((a, b) => a.openedAtMs - b.openedAtMs);
  const absences: { fromMs: number; toMs: number }[] = [];
  let goneSinceMs = Number.NEGATIVE_INFINITY;
  for (const { openedAtMs, endedAtMs } of open) {
    if (openedAtMs > goneSinceMs) absences.push({ fromMs: goneSinceMs, toMs: openedAtMs });
    goneSinceMs = Math.max(goneSinceMs, endedAtMs);
  }
  return [...absences, { fromMs: goneSinceMs, toMs: Number.POSITIVE_INFINITY }];
}

const nothingChosen: Chosen = {
  askedAtMs: Number.NEGATIVE_INFINITY,
  ackedAtMs: Number.NEGATIVE_INFINITY,
  choice: { status: "online" },
};

/** What a person may have shown in a span of time: what was chosen in it, and the last that surely counted before. */
function choicesWithin(life: Life, fromMs: number, toMs: number): readonly Chosen[] {
  const choices = [nothingChosen, ...life.choices];
  const settled = choices.findLastIndex(({ ackedAtMs = Number.POSITIVE_INFINITY }) => ackedAtMs <= fromMs);
  return choices.slice(settled).filter(({ askedAtMs }) => askedAtMs <= toMs);
}

/** Nothing but invisible, and for longer than it takes to say so everywhere. */
const isHidden = (life: Life, atMs: number): boolean =>
  choicesWithin(life, atMs - slackMs, atMs).every(({ choice }) => choice.status === "offline");

const mayBeHidden = (life: Life, atMs: number): boolean =>
  choicesWithin(life, atMs - slackMs, atMs).some(({ choice }) => choice.status === "offline");

function findRepeats(sights: readonly Sight[]): string[] {
  const repeats: string[] = [];
  for (const [connection, all] of Map.groupBy(sights, (sight) => sight.connection)) {
    const turns = all.filter(({ what }) => what === "user_online" || what === "user_offline");
    for (const ofOne of Map.groupBy(turns, ({ about }) => about).values()) {
      ofOne.forEach((turn, index) => {
        if (ofOne[index - 1]?.what === turn.what) repeats.push(`${describe(turn)}: was told before`);
      });
    }
    // One list is one instant, however many it is about.
    const listsAtMs = [...new Set(all.filter(({ what }) => what === "presence_changed").map(({ atMs }) => atMs))];
    const isTooFast = listsAtMs.some(
      (atMs, index) => (listsAtMs[index + maxListsInWindow] ?? Number.POSITIVE_INFINITY) - atMs < burstWindowMs,
    );
    if (isTooFast) repeats.push(`${connection} was sent more than ${maxListsInWindow} lists in ${burstWindowMs} ms`);
  }
  return repeats;
}

/** Everybody on a survivor who could see somebody of a killed node, and was connected all the while, hears of their going. */
function findUnnoticed({ kills, sights, endedAtMs }: PresenceHistory, lives: ReadonlyMap<string, Life>) {
  const unnoticed: string[] = [];
  let slowestNoticeMs = 0;
  for (const { atMs, node, lostIds } of kills) {
    const untilMs = Math.min(atMs + deadNodeMs, endedAtMs);
    const heard = sights.filter(
      (sight) => sight.what === "user_offline" && sight.atMs >= atMs && sight.atMs <= untilMs,
    );
    for (const lostId of lostIds) {
      const lost = lives.get(lostId);
      for (const life of lives.values()) {
        const isWitness =
          life.roomIds.some((roomId) => lost?.roomIds.includes(roomId)) &&
          staysThrough(life, node, { fromMs: atMs - slackMs, toMs: untilMs });
        if (!isWitness) continue;
        const sight = heard.find(({ by, about }) => by === life.userId && about === lostId);
        if (sight) slowestNoticeMs = Math.max(slowestNoticeMs, sight.atMs - atMs);
        else unnoticed.push(`${life.userId} was not told that ${lostId} went with node ${node + 1}`);
      }
    }
  }
  return { unnoticed, slowestNoticeMs: Math.round(slowestNoticeMs) };
}

const staysThrough = ({ stays }: Life, deadNode: number, { fromMs, toMs }: { fromMs: number; toMs: number }): boolean =>
  stays.some(
    ({ node, openedAtMs = Number.POSITIVE_INFINITY, endedAtMs = Number.POSITIVE_INFINITY }) =>
      node !== deadNode && openedAtMs <= fromMs && endedAtMs >= toMs,
  );

function describe({ atMs, by, connection, about, what, status }: Sight): string {
  return `${Math.round(atMs)} ms ${by} (${connection}) ${what} ${about}${status === undefined ? "" : ` ${status}`}`;
}
