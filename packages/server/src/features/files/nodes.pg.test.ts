import { readdirSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { createTestStorage, eventually, FakeClock, signToken, spawnServer, startTestServer } from "@mirage/testing";
import { expect, test } from "vitest";

test("[FILE-1] what a node is receiving is left alone while it lives, and goes when its lease has ended", async () => {
  const storage = await createTestStorage();
  const jwtSecret = "one secret for both of them, long enough";
  const clock = new FakeClock();
  const watching = await startTestServer({ storage, clock, settings: { jwtSecret } });
  const { database } = watching.running;
  const receiving = await spawnServer({ storage, env: { JWT_SECRET: jwtSecret } });
  const incoming = () => readdirSync(join(storage.dataDir, "files", "incoming"));
  const states = async () =>
    (await database.query<{ state: string }>("SELECT state FROM files")).map((row) => row.state);
  /** One whole round of the watching node's, which removes this on its way. */
  const sweep = async () => {
    await database.query(
      `INSERT INTO files (id, user_id, state, name, type, size, storage_key, created_at, remove_at)
       VALUES ('marker', 'ann', 'removing', '', '', 0, $1, $2, $2)`,
      ["0".repeat(32), new Date(0)],
    );
    clock.advance(60_000);
    await eventually(async () => expect(await database.query("SELECT FROM files WHERE id = 'marker'")).toEqual([]));
  };
  try {
    const token = signToken({ userId: "ann", username: "ann" }, jwtSecret);
    const upload = connectTcp(receiving.port, "127.0.0.1").on("error", () => undefined);
    upload.write(
      `POST /api/v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 5000000\r\n\r\n`,
    );
    upload.write(Buffer.alloc(1_000_000));
    await eventually(() => expect(incoming()).toHaveLength(1));
    await sweep();
    expect([await states(), incoming().length]).toEqual([["receiving"], 1]);
    await receiving.kill();
    await eventually(
      async () => {
        await sweep();
        expect([await states(), incoming()]).toEqual([[], []]);
      },
      { timeoutMs: 40_000 },
    );
  } finally {
    await receiving.kill();
    await watching.close();
  }
});
