import { connect, eventually, requestOk, spawnServer } from "@mirage/testing";
import { expect, test } from "vitest";

test("[DOC-38] a mention whose server was killed before it could be told is told after the next start", async () => {
  const server = await spawnServer();
  try {
    const olga = await connect(server, "olga");
    (await connect(server, "ann")).disconnect();
    const { document } = await requestOk(olga, "create_document", { title: "Plan" });
    await requestOk(olga, "set_document_role", { documentId: document.id, userId: "ann", role: "view" });
    await requestOk(olga, "append_document", { documentId: document.id, markdown: "[@Ann](mention:ann)" });
    await server.kill();
    await server.start();
    const ann = await connect(server, "ann");
    const mentions = async () =>
      (await requestOk(ann, "get_notifications", {})).notifications.filter(({ type }) => type === "mention");
    expect(await mentions()).toEqual([]);
    await eventually(async () => expect(await mentions()).toMatchObject([{ content: "@Ann" }]), { timeoutMs: 15_000 });
    ann.disconnect();
    expect(await server.stop()).toBe(0);
  } finally {
    await server.remove();
  }
}, 60_000);
