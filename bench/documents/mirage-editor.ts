import { signToken } from "@mirage/testing/tokens";
import { io, type Socket } from "socket.io-client";
import * as Y from "yjs";
import { type Desk, type Editor, remote } from "./editor.ts";

interface Answer {
  ok: boolean;
  error?: { code: string };
}

const answerMs = 10_000;

/** Editors with a stock Socket.IO client, in a document of their own. */
export async function openMirageEditors(desk: Desk, count: number): Promise<Editor[]> {
  const sockets = await Promise.all(Array.from({ length: count }, (_, user) => connect(desk, `editor-${user}`)));
  const [owner, ...others] = sockets;
  if (!owner) return [];
  const { document } = await ask<{ document: { id: string } }>(owner, "create_document", { title: "Bench" });
  for (const user of others.keys()) {
    const person = { documentId: document.id, userId: `editor-${user + 1}`, role: "edit" };
    await ask(owner, "set_document_role", person);
  }
  return await Promise.all(sockets.map((socket) => openEditor(socket, document.id)));
}

async function connect({ port, jwtSecret }: Desk, userId: string): Promise<Socket> {
  const token = signToken({ userId, username: userId }, jwtSecret);
  const socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"], auth: { token }, forceNew: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  return socket;
}

async function openEditor(socket: Socket, documentId: string): Promise<Editor> {
  const doc = new Y.Doc();
  let answered: (refusal?: string) => void = () => undefined;
  socket.on("collaborative_edit", ({ update }: { update: ArrayBuffer }) => {
    Y.applyUpdate(doc, new Uint8Array(update), remote);
  });
  const joining = { documentId, clientId: doc.clientID };
  const { update } = await ask<{ update: ArrayBuffer }>(socket, "join_document", joining);
  Y.applyUpdate(doc, new Uint8Array(update), remote);
  doc.on("update", (edit: Uint8Array, origin: unknown) => {
    if (origin === remote) return;
    socket.emit("collaborative_edit", { documentId, update: edit }, ({ ok, error }: Answer) => {
      answered(ok ? undefined : error?.code);
    });
  });
  return {
    doc,
    onAnswer: (callback) => {
      answered = callback;
    },
    close: () => void socket.close(),
  };
}

async function ask<Reply>(socket: Socket, command: string, payload: object): Promise<Reply> {
  const answer: Answer = await socket.timeout(answerMs).emitWithAck(command, payload);
  if (!answer.ok) throw new Error(`${command} was refused: ${answer.error?.code}`);
  return answer as Answer & Reply;
}
