import { createTestStorage, pause, type Reachable, requestOk, spawnServer, type TestSocket } from "@mirage/testing";
import { check, checkRefusals, checkViolations, type Fault } from "./fault.ts";
import type { FaultClient } from "./fault-client.ts";
import { judge, readFresh } from "./judge.ts";
import { makeRooms, startClients } from "./make-rooms.ts";
import { onConnection } from "./on-connection.ts";
import { unlimited } from "./unlimited.ts";
import { Workload } from "./workload.ts";

const roomCount = 3;
const secret = { JWT_SECRET: "two nodes share one secret of many characters" };
/** How long someone is out: longer than the second that a node may take to hear of it. */
const outMs = 1_300;

/** Two processes write to the same rooms of one Postgres, with nothing else between them. */
export const twoNodes: Fault = {
  summary: "two nodes on one Postgres without a bus: shared rooms, repeated nonces, removals",
  defaults: { database: "postgres", messagesPerSecond: 150 },
  async run({ options, random, say }) {
    const storage = await createTestStorage("postgres");
    const env = { ...unlimited, ...secret };
    const nodes = [
      await spawnServer({ storage, env, readyTimeoutMs: 90_000 }),
      await spawnServer({ storage, env, readyTimeoutMs: 90_000 }),
    ] as const;
    try {
      const roomIds = await makeRooms(nodes[0], roomCount);
      const clients = await startClients(options.clients, { roomIds, place: (index) => nodes[index % 2] ?? nodes[0] });
      const workload = new Workload({ clients, roomIds, messagesPerSecond: options.messagesPerSecond, random });
      workload.start();
      const untilMs = performance.now() + options.seconds * 1_000;
      const [twins, removals] = await Promise.all([
        repeatNonces(nodes, { roomId: roomIds[0] ?? "", untilMs }),
        removeAndAdd(nodes, { clients, roomIds, untilMs }),
      ]);
      say(`${removals.count} removals, ${twins.count} nonces sent to both nodes`);
      await workload.stop();
      const fresh = await readFresh(nodes[1], { clients, roomIds, withinMs: 5_000 });
      for (const client of clients) client.stop();
      const exits = await Promise.all(nodes.map((node) => node.stop()));
      const violations = await judge(storage, { clients, fresh });
      const outputs = nodes.map((node) => node.output());
      return {
        clients,
        serverOutputs: outputs,
        checks: [
          checkViolations(violations, `${workload.sentCount} sent, all readers equal within 5 s`),
          checkRefusals(clients),
          check("one nonce sent to both nodes is stored once", twins.faults.length === 0, twins.faults.join("; ")),
          check("nothing reaches who was removed", removals.faults.length === 0, removals.faults.join("; ")),
          check("someone was removed, and heard things before", removals.count > 0 && removals.heardCount > 0),
          check(
            "no step of the road failed",
            outputs.every((output) => !output.includes('"level":50')),
          ),
          check(
            "both stop well",
            exits.every((exit) => exit === 0),
            exits.join(" "),
          ),
        ],
      };
    } finally {
      for (const node of nodes) await node.remove();
    }
  },
};

type Nodes = readonly [Reachable, Reachable];

/** The same person posts the same nonce on both nodes in the same instant, again and again. */
async function repeatNonces(nodes: Nodes, at: { roomId: string; untilMs: number }) {
  const faults: string[] = [];
  let count = 0;
  await onConnection(nodes[0], "twin", (first) =>
    onConnection(nodes[1], "twin", async (second) => {
      await requestOk(first, "join_room", { roomId: at.roomId });
      await requestOk(first, "leave_room", { roomId: at.roomId });
      while (performance.now() < at.untilMs) {
        const nonce = `twin-${++count}`;
        const payload = { roomId: at.roomId, content: nonce, nonce };
        const [one, other] = await Promise.all(
          [first, second].map((socket) => requestOk(socket, "chat_message", payload)),
        );
        const isOnce = one?.message.id === other?.message.id && one?.message.seq === other?.message.seq;
        if (!isOnce || (one?.duplicate === true) === (other?.duplicate === true))
          faults.push(`${nonce} was stored twice`);
        await pause(20);
      }
    }),
  );
  return { count, faults };
}

interface Heard {
  roomId: string;
  seq: number;
}

/** The founder removes somebody on one node who listens on both, and lets them in again a little later. */
async function removeAndAdd(
  nodes: Nodes,
  at: { clients: readonly FaultClient[]; roomIds: readonly string[]; untilMs: number },
) {
  const userId = "outcast";
  const outs: { roomId: string; from: number; to: number }[] = [];
  const heard: Heard[] = [];
  let count = 0;
  await onConnection(nodes[0], "founder", (founder) =>
    onConnection(nodes[0], userId, (first) =>
      onConnection(nodes[1], userId, async (second) => {
        for (const socket of [first, second]) listen(socket, heard);
        while (performance.now() < at.untilMs) {
          const roomId = at.roomIds[count++ % at.roomIds.length] ?? "";
          await Promise.all([first, second].map((socket) => requestOk(socket, "join_room", { roomId })));
          await pause(400);
          await requestOk(founder, "remove_member", { roomId, userId });
          const from = await lastChangeOf(founder, { roomId, userId }, at.clients);
          await pause(outMs);
          await requestOk(founder, "add_member", { roomId, userId });
          const to = await lastChangeOf(founder, { roomId, userId }, at.clients);
          outs.push({ roomId, from, to });
        }
      }),
    ),
  );
  const wrong = heard.filter(({ roomId, seq }) =>
    outs.some((out) => out.roomId === roomId && seq > out.from && seq < out.to),
  );
  const faults = wrong.slice(0, 5).map(({ roomId, seq }) => `${seq} of ${roomId} was heard`);
  return { count, faults, heardCount: heard.length };
}

function listen(socket: TestSocket, heard: Heard[]): void {
  socket.on("chat_message", ({ roomId, seq }) => heard.push({ roomId, seq }));
  socket.on("message_updated", ({ roomId, updatedSeq }) => heard.push({ roomId, seq: updatedSeq }));
  socket.on("member_updated", ({ roomId, seq }) => heard.push({ roomId, seq }));
}

/** Position of somebody's last change of membership, as the clients of the founder's own node were told. */
async function lastChangeOf(
  founder: TestSocket,
  { roomId, userId }: { roomId: string; userId: string },
  clients: readonly FaultClient[],
): Promise<number> {
  // The answer to any request comes after what was sent before it; the clients of this node were told by then.
  await requestOk(founder, "list_members", { roomId });
  const [listener] = clients;
  const events = listener?.room(roomId).recorder.events ?? [];
  await pause(100);
  for (const { name, seq, payload } of events.toReversed()) {
    const users = name === "member_updated" ? (payload as { users: { userId: string }[] }).users : [];
    if (users.some((user) => user.userId === userId)) return seq;
  }
  throw new Error(`nobody was told of ${userId}`);
}
