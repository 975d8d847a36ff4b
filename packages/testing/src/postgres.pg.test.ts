import connect from "postgres";
import { expect, test } from "vitest";
import { startPostgres } from "./index.ts";

test("a private Postgres comes back after a crash with what was committed", async () => {
  const postgres = await startPostgres({ isDurable: true });
  try {
    const sql = connect(postgres.url, { max: 1 });
    await sql`create table probe as select 1 as value`;
    await sql.end();
    await postgres.crash();
    await postgres.start();
    const again = connect(postgres.url, { max: 1 });
    expect([...(await again`select value from probe`)]).toEqual([{ value: 1 }]);
    await again.end();
  } finally {
    await postgres.stop();
  }
});
