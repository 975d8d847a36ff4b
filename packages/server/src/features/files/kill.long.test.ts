import { readdirSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { connect, eventually, requestOk, signToken, spawnServer } from "@mirage/testing";
import { expect, test } from "vitest";
import { drawPicture } from "./open-test-files.ts";

test("[FILE-1] a server that is killed during uploads loses none that was answered, and of the others nothing is left", {
  timeout: 175_000,
}, async () => {
  const server = await spawnServer();
  const incoming = join(server.storage.dataDir, "files", "incoming");
  const authorization = `Bearer ${signToken({ userId: "ann", username: "ann" }, server.jwtSecret)}`;
  const send = async (body: Uint8Array<ArrayBuffer>) => {
    const answer = await fetch(`${server.url}/api/v1/files?name=a`, {
      method: "POST",
      headers: { authorization },
      body,
    });
    return ((await answer.json()) as { file: { id: string } }).file.id;
  };
  const photo = await drawPicture(1_500, 1_000).jpeg().toBuffer();
  const answered: string[] = [];
  try {
    for (let round = 0; round < 3; round++) {
      answered.push(await send(photo));
      const halfway = connectTcp(server.port, "127.0.0.1").on("error", () => undefined);
      halfway.write(
        `POST /api/v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Length: 5000000\r\n\r\n`,
      );
      halfway.write(Buffer.alloc(1_000_000));
      await eventually(() => expect(readdirSync(incoming)).toHaveLength(1));
      // One is being made into a picture, stored or answered when the end comes.
      const racing = send(photo).then(
        (id) => answered.push(id),
        () => undefined,
      );
      await new Promise((resolve) => setImmediate(resolve));
      await server.kill();
      await racing;
      expect(readdirSync(incoming).length).toBeGreaterThan(0);
      await server.start();
    }
    const ann = await connect(server, "ann");
    const { urls } = await requestOk(ann, "get_file_urls", { fileIds: answered });
    expect(urls.map(({ fileId }) => fileId)).toEqual(answered);
    for (const { url } of urls) expect((await fetch(`${server.url}${url}`)).status).toBe(200);
    ann.disconnect();
    // Three blobs for each picture that was answered, and nothing beside them. Where other nodes may be at work, that is once
    // the lease of the one that was killed has ended, and the next round begins.
    await eventually(() => expect(countBlobs(server.storage.dataDir)).toBe(3 * answered.length), { timeoutMs: 90_000 });
    expect(readdirSync(incoming)).toEqual([]);
  } finally {
    await server.remove();
  }
});

function countBlobs(dataDir: string): number {
  const entries = readdirSync(join(dataDir, "files"), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}
