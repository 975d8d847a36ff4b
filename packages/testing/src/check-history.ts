import type {
  ApplyEntry,
  FinalRoom,
  FinalState,
  HistoryEntry,
  Invariant,
  OpenEntry,
  ReadEntry,
  SendEntry,
  Violation,
} from "./history.ts";

/** One room's part of the history, in order of time. */
interface RoomHistory {
  roomId: string;
  final: FinalRoom;
  sends: SendEntry[];
  stream: (OpenEntry | ApplyEntry)[];
  reads: ReadEntry[];
  violations: Violation[];
}

/** Judges the histories of all clients against the final state; empty when every promise was kept. */
export function checkHistory(histories: Iterable<HistoryEntry>, finalState: FinalState): Violation[] {
  const entries = [...histories].sort((a, b) => a.atMs - b.atMs);
  const violations: Violation[] = [];
  const roomIds = new Set([...Object.keys(finalState), ...entries.map((entry) => entry.roomId)]);
  for (const roomId of roomIds) {
    const final = finalState[roomId];
    if (!final) {
      violations.push({ invariant: "phantoms", roomId, what: "the room is not in the database" });
      continue;
    }
    const room: RoomHistory = { roomId, final, sends: [], stream: [], reads: [], violations };
    for (const entry of entries) if (entry.roomId === roomId) sort(room, entry);
    for (const check of checks) check(room);
  }
  return violations;
}

function sort(room: RoomHistory, entry: HistoryEntry): void {
  if (entry.kind === "opened" || entry.kind === "applied") room.stream.push(entry);
  else if (entry.kind === "read") room.reads.push(entry);
  else room.sends.push(entry);
}

const checks = [
  checkAcked,
  checkOnce,
  checkPositions,
  checkAgreement,
  checkOrder,
  checkPhantoms,
  checkConvergence,
  checkSenderOrder,
  checkReads,
];

function report(room: RoomHistory, invariant: Invariant, found: string | { what: string; client: string }): void {
  const details = typeof found === "string" ? { what: found } : found;
  room.violations.push({ invariant, roomId: room.roomId, ...details });
}

function checkAcked(room: RoomHistory): void {
  const byNonce = new Map(room.final.messages.map((message) => [nonceKey(message.userId, message.nonce), message]));
  for (const send of room.sends) {
    if (send.kind !== "acked") continue;
    const stored = byNonce.get(nonceKey(send.userId, send.nonce));
    if (!stored)
      report(room, "acknowledged", { what: `${send.nonce} was acknowledged and is not stored`, client: send.client });
    else if (stored.seq !== send.seq || stored.id !== send.messageId) {
      report(room, "acknowledged", {
        what: `${send.nonce} was acknowledged at ${send.seq} and stands at ${stored.seq}`,
        client: send.client,
      });
    }
  }
}

function checkOnce(room: RoomHistory): void {
  const seen = new Set<string>();
  for (const message of room.final.messages) {
    if (message.nonce === undefined) continue;
    const key = nonceKey(message.userId, message.nonce);
    if (seen.has(key)) report(room, "once", `${message.nonce} of ${message.userId} is stored twice`);
    seen.add(key);
  }
}

// The database keeps the last position of each entity; those that later changes overtook are known from who saw them, or
// from who was away then: the answer to their return covers what lies between.
function checkPositions(room: RoomHistory): void {
  const { head, messages, otherPositions } = room.final;
  const known = new Set([...messages.flatMap((message) => [message.seq, message.updatedSeq]), ...otherPositions]);
  const positions = new Map<string, number>();
  for (const entry of room.stream) {
    const last = positions.get(entry.client);
    const isReturn = entry.kind === "opened" && !entry.isFresh && last !== undefined;
    const from = entry.kind === "applied" ? (entry.from ?? entry.seq) : isReturn ? last + 1 : Infinity;
    for (let seq = from; seq <= entry.seq; seq++) known.add(seq);
    positions.set(entry.client, Math.max(entry.seq, last ?? 0));
  }
  for (let seq = 1; seq <= head; seq++) if (!known.has(seq)) report(room, "positions", `position ${seq} is missing`);
  for (const seq of known)
    if (seq < 1 || seq > head) report(room, "positions", `position ${seq} is outside 1..${head}`);
  const created = messages.map((message) => message.seq);
  if (new Set(created).size !== created.length) report(room, "positions", "two messages share a position");
}

function checkAgreement(room: RoomHistory): void {
  const changes = new Map<number, string>();
  for (const message of room.final.messages) {
    changes.set(message.seq, `message:${message.id}`);
    changes.set(message.updatedSeq, `message:${message.id}`);
  }
  for (const entry of room.stream) {
    if (entry.kind !== "applied") continue;
    const known = changes.get(entry.seq);
    if (known === undefined) changes.set(entry.seq, entry.change);
    else if (known !== entry.change) {
      report(room, "agreement", {
        what: `position ${entry.seq} is ${known} and ${entry.change}`,
        client: entry.client,
      });
    }
  }
}

function checkOrder(room: RoomHistory): void {
  const positions = new Map<string, number>();
  for (const entry of room.stream) {
    const last = positions.get(entry.client);
    if (entry.kind === "opened") {
      if (last !== undefined && !entry.isFresh && entry.seq < last) {
        report(room, "order", { what: `answered ${entry.seq} to a client at ${last}`, client: entry.client });
      }
      positions.set(entry.client, entry.seq);
      continue;
    }
    if (last === undefined)
      report(room, "order", { what: `${entry.seq} came before the room was open`, client: entry.client });
    else if (entry.seq <= last)
      report(room, "order", { what: `${entry.seq} came after ${last}`, client: entry.client });
    else if ((entry.from ?? entry.seq) > last + 1) {
      report(room, "order", { what: `${last + 1} was left out before ${entry.seq}`, client: entry.client });
    }
    positions.set(entry.client, Math.max(entry.seq, last ?? 0));
  }
}

function checkPhantoms(room: RoomHistory): void {
  const stored = new Set(room.final.messages.map((message) => `message:${message.id}`));
  const nonces = new Set(room.final.messages.map((message) => nonceKey(message.userId, message.nonce)));
  for (const entry of room.stream) {
    if (entry.kind !== "applied" || !entry.change.startsWith("message:")) continue;
    if (!stored.has(entry.change))
      report(room, "phantoms", { what: `${entry.change} was seen and is not stored`, client: entry.client });
  }
  const acked = new Set(
    room.sends.filter((send) => send.kind === "acked").map((send) => nonceKey(send.userId, send.nonce)),
  );
  const lost = new Set(
    room.sends.filter((send) => send.kind === "lost").map((send) => nonceKey(send.userId, send.nonce)),
  );
  for (const send of room.sends) {
    const key = nonceKey(send.userId, send.nonce);
    if (send.kind !== "refused" || acked.has(key) || lost.has(key)) continue;
    if (nonces.has(key))
      report(room, "phantoms", { what: `${send.nonce} was refused and is stored`, client: send.client });
  }
}

function checkConvergence(room: RoomHistory): void {
  const { head, state, clients } = room.final;
  for (const [client, shown] of Object.entries(clients)) {
    if (shown.seq !== head) report(room, "convergence", { what: `ended at ${shown.seq}, the head is ${head}`, client });
    else if (shown.state !== state)
      report(room, "convergence", { what: "ended with another state than the database", client });
  }
}

// A repeat is answered with the place of the original, which may lie before what was acknowledged meanwhile.
function checkSenderOrder(room: RoomHistory): void {
  const last = new Map<string, number>();
  for (const send of room.sends) {
    if (send.kind !== "acked" || send.duplicate || send.seq === undefined) continue;
    const before = last.get(send.client) ?? 0;
    if (send.seq <= before)
      report(room, "sender order", { what: `${send.nonce} at ${send.seq} came after ${before}`, client: send.client });
    last.set(send.client, send.seq);
  }
}

function checkReads(room: RoomHistory): void {
  const acked = room.sends.filter((send) => send.kind === "acked");
  for (const read of room.reads) {
    const ids = new Set(read.messageIds);
    for (const send of acked) {
      if (send.atMs >= read.startedAtMs || (send.seq ?? 0) < read.fromSeq || !send.messageId) continue;
      if (!ids.has(send.messageId))
        report(room, "reads", { what: `a read did not see ${send.nonce} at ${send.seq}`, client: read.client });
    }
  }
}

function nonceKey(userId: string, nonce: string | undefined): string {
  return JSON.stringify([userId, nonce]);
}
