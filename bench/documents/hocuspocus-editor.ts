import { setTimeout as pause } from "node:timers/promises";
import { HocuspocusProvider, HocuspocusProviderWebsocket } from "@hocuspocus/provider";
import { signToken } from "@mirage/testing/tokens";
import * as Y from "yjs";
import type { Desk, Editor } from "./editor.ts";

/** Editors with Hocuspocus's own provider, each on a connection of its own, in one document. */
export async function openHocuspocusEditors(desk: Desk, count: number): Promise<Editor[]> {
  return await Promise.all(Array.from({ length: count }, (_, user) => openEditor(desk, `editor-${user}`)));
}

async function openEditor({ port, jwtSecret }: Desk, userId: string): Promise<Editor> {
  const document = new Y.Doc();
  const token = signToken({ userId, username: userId }, jwtSecret);
  const websocketProvider = new HocuspocusProviderWebsocket({ url: `ws://127.0.0.1:${port}` });
  let answered: (refusal?: string) => void = () => undefined;
  const provider = await new Promise<HocuspocusProvider>((resolve, reject) => {
    const opening = new HocuspocusProvider({
      name: "bench",
      document,
      token,
      websocketProvider,
      onSynced: () => resolve(opening),
      onAuthenticationFailed: ({ reason }) => reject(new Error(`Hocuspocus refused an editor: ${reason}`)),
    });
    opening.attach();
  });
  // The first exchange of states is answered as well.
  while (provider.unsyncedChanges > 0) await pause(10);
  let unsynced = 0;
  provider.on("unsyncedChanges", () => {
    const before = unsynced;
    unsynced = provider.unsyncedChanges;
    for (let answers = before - unsynced; answers > 0; answers--) answered();
  });
  return {
    doc: document,
    onAnswer: (callback) => {
      answered = callback;
    },
    close: () => {
      provider.destroy();
      websocketProvider.destroy();
    },
  };
}
