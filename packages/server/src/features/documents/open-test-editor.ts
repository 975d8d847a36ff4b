import type { CommandReply } from "@mirage/protocol";
import { request, requestOk, type TestServer, type TestSocket, type TestUser } from "@mirage/testing";
import * as Y from "yjs";

/** One editor as a stock client would write it: a Yjs document, a socket, and one update after the other. */
export class TestEditor {
  readonly socket: TestSocket;
  readonly documentId: string;
  readonly doc: Y.Doc;
  /** Updates that have no acknowledgement yet, oldest first. */
  readonly unsent: Uint8Array[] = [];
  /** Positions of edits in the order they came. */
  readonly seen: number[] = [];
  joined: CommandReply<"join_document"> | undefined;

  /** `doc`: what the person has already. */
  constructor(socket: TestSocket, documentId: string, doc = new Y.Doc()) {
    this.socket = socket;
    this.doc = doc;
    this.documentId = documentId;
    const keep = (update: Uint8Array, origin: unknown): void => {
      if (origin !== "server") this.unsent.push(update);
    };
    doc.on("update", keep);
    socket.on("disconnect", () => doc.off("update", keep));
    socket.on("collaborative_edit", ({ documentId: id, update, seq }) => {
      if (id !== documentId) return;
      this.seen.push(seq);
      Y.applyUpdate(this.doc, new Uint8Array(update), "server");
    });
  }

  get text(): Y.Text {
    return this.doc.getText("content");
  }

  /** Joins, and gets what it lacks; what the server lacks is sent in one update. */
  async join(): Promise<CommandReply<"join_document">> {
    const { documentId, doc } = this;
    const stateVector = Y.encodeStateVector(doc);
    const joined = await requestOk(this.socket, "join_document", { documentId, stateVector, clientId: doc.clientID });
    Y.applyUpdate(doc, new Uint8Array(joined.update), "server");
    this.joined = joined;
    this.unsent.length = 0;
    const missing = Y.encodeStateAsUpdate(doc, new Uint8Array(joined.stateVector));
    if (missing.length > 2) this.unsent.push(missing);
    return joined;
  }

  /** Sends what waits, all at once, and waits for every answer. */
  async flush(): Promise<number[]> {
    const sent = this.unsent.splice(0);
    return await Promise.all(sent.map((update) => this.send(update).then(({ seq }) => seq)));
  }

  send(update: Uint8Array): Promise<CommandReply<"collaborative_edit">> {
    return requestOk(this.socket, "collaborative_edit", { documentId: this.documentId, update });
  }

  /** The code of the refusal; undefined where it was taken. */
  async tryToSend(update: Uint8Array): Promise<string | undefined> {
    const answer = await request(this.socket, "collaborative_edit", { documentId: this.documentId, update });
    return answer.ok ? undefined : answer.error.code;
  }
}

/** Connects somebody and opens a document for them. */
export async function openTestEditor(server: TestServer, user: TestUser, documentId: string): Promise<TestEditor> {
  const editor = new TestEditor(await server.connect(user), documentId);
  await editor.join();
  return editor;
}
