import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, DatabaseError } from "./database.ts";
import { readEpoch } from "./epoch.ts";
import { checkMigrations, migrate } from "./migrate.ts";
import { openOrm } from "./orm.ts";
import { customEmoji, rooms } from "./schema.ts";

/** What every driver must do alike. `open` gives an empty database; called again, the same one over new connections. */
export function testDatabaseContract(
  name: string,
  open: () => Promise<{ database: Database; second: Database }>,
): void {
  describe(name, () => {
    let database: Database;
    let second: Database;

    beforeAll(async () => {
      ({ database, second } = await open());
    });
    afterAll(async () => {
      await database.close();
      if (second !== database) await second.close();
    });

    async function one(text: string, params: Parameters<Database["query"]>[1] = []): Promise<Record<string, unknown>> {
      const [row] = await database.query<Record<string, unknown>>(text, params);
      if (row === undefined) throw new Error("no row");
      return row;
    }

    test("[DB-1] values come back as the same JavaScript values", async () => {
      const at = new Date("2026-03-04T05:06:07.089Z");
      const row = await one(
        `select 9007199254740991::int8 as big, 7::int4 as small, 1.5::numeric as exact, 2.5::float8 as float, true as yes,
          null as nothing, $1::timestamptz as at, '2026-03-04 05:06:07.089'::timestamp as local_at, '2026-03-04'::date as day,
          $2::bytea as bytes, '{"a":[1,null,"x"]}'::jsonb as json, array[1,2]::int8[] as numbers,
          array['a','b"\\{},','','NULL',null,'null']::text[] as texts, '{}'::text[] as none, '{{1,2},{3,4}}'::int4[] as grid,
          array['{"a":1}']::jsonb[] as documents, 'é😀'::text as text`,
        [at, new Uint8Array([0, 255, 7])],
      );
      expect(row).toEqual({
        big: 9007199254740991,
        small: 7,
        exact: 1.5,
        float: 2.5,
        yes: true,
        nothing: null,
        at,
        local_at: at,
        day: new Date("2026-03-04T00:00:00.000Z"),
        bytes: new Uint8Array([0, 255, 7]),
        json: { a: [1, null, "x"] },
        numbers: [1, 2],
        texts: ["a", 'b"\\{},', "", "NULL", null, "null"],
        none: [],
        grid: [
          [1, 2],
          [3, 4],
        ],
        documents: [{ a: 1 }],
        text: "é😀",
      });
    });

    test("[DB-1] json given as text is that json, not a string in json", async () => {
      const text = JSON.stringify([{ a: 'x"y' }, "z"]);
      expect((await one("select $1::jsonb as value", [text])).value).toEqual([{ a: 'x"y' }, "z"]);
      expect((await one("select $1::json as value", ['"word"'])).value).toBe("word");
      const rows = await database.query("select value from jsonb_array_elements($1::jsonb) as value", [text]);
      expect(rows).toEqual([{ value: { a: 'x"y' } }, { value: "z" }]);
    });

    test("[DB-1] parameters of each kind arrive as they were given", async () => {
      const words = ["a", 'b"\\', "", "NULL", "x,y", "{z}"];
      expect((await one("select $1::text[] as value", [words])).value).toEqual(words);
      expect((await one("select 'x,y' = any($1::text[]) as value", [words])).value).toBe(true);
      expect((await one("select $1::text[] as value", [[]])).value).toEqual([]);
      expect((await one("select $1::int8[] as value", [[1, 2]])).value).toEqual([1, 2]);
      expect((await one("select $1::boolean as value", [false])).value).toBe(false);
      expect((await one("select $1::text as value", ["t"])).value).toBe("t");
      expect((await one("select $1::int8 + 1 as value", [41])).value).toBe(42);
      expect((await one("select $1::text is null as value", [null])).value).toBe(true);
      expect((await one("select $1::timestamptz = '2026-01-01Z' as value", ["2026-01-01T00:00:00Z"])).value).toBe(true);
    });

    test("[DB-1] rows for query builders keep every column, and json and dates as text", async () => {
      const rows = await database.queryArrays(`select 1 as a, 2 as a, '{"b":1}'::jsonb as c, '2026-01-01'::date as d`);
      expect(rows).toEqual([[1, 2, '{"b": 1}', "2026-01-01"]]);
    });

    test("[DB-2] a failed statement tells Postgres' code and leaves the lane usable", async () => {
      const lane = database.openLane("test");
      await lane.query("create table if not exists pairs (id int primary key)");
      await lane.query("insert into pairs values (1)");
      await expect(lane.query("insert into pairs values (1)")).rejects.toMatchObject({
        name: "DatabaseError",
        sqlState: "23505",
        connectionLost: false,
      });
      await expect(lane.query("select")).resolves.toEqual([{}]);
      await expect(lane.query("selct")).rejects.toMatchObject({ sqlState: "42601" });
      await expect(lane.query("select $1::text", ["a\0b"])).rejects.toMatchObject({ sqlState: /^22/ });
      await expect(lane.query("select $1::jsonb", ['"\\u0000"'])).rejects.toMatchObject({ sqlState: /^22/ });
      await expect(lane.query("select $1::int", ["x"])).rejects.toBeInstanceOf(DatabaseError);
      expect(await lane.query("select count(*) as count from pairs")).toEqual([{ count: 1 }]);
      await lane.close();
    });

    test("[DB-3] calls on one lane run in the order they were made", async () => {
      const lane = database.openLane("order");
      await lane.query("create table if not exists steps (id bigserial primary key, step int not null)");
      const inserts = Array.from({ length: 50 }, (_, step) =>
        lane.query("insert into steps (step) values ($1)", [step]),
      );
      const seen = lane.query<{ step: number }>("select step from steps order by id");
      await Promise.all(inserts);
      expect((await seen).map(({ step }) => step)).toEqual(Array.from({ length: 50 }, (_, step) => step));
      await lane.close();
    });

    test("[DB-3] many calls at once are all answered", async () => {
      const lanes = ["a", "b"].map((lane) => database.openLane(lane));
      const calls = [database, ...lanes].flatMap((target) =>
        Array.from({ length: 100 }, (_, index) => target.query("select $1::int as index", [index])),
      );
      expect((await Promise.all(calls)).map(([row]) => row)).toEqual(
        [0, 1, 2].flatMap(() => Array.from({ length: 100 }, (_, index) => ({ index }))),
      );
      await Promise.all(lanes.map((lane) => lane.close()));
    });

    test("[DB-4] exclusive work may hold a transaction open, and what it leaves open is rolled back", async () => {
      await database.query("create table if not exists kept (id int)");
      await database.exclusive(async (connection) => {
        await connection.script("begin; insert into kept values (1); insert into kept values (2); commit");
      });
      const failing = database.exclusive(async (connection) => {
        await connection.script("begin");
        await connection.query("insert into kept values (3)");
        throw new Error("stop");
      });
      await expect(failing).rejects.toThrow("stop");
      expect(await database.query("select id from kept order by id")).toEqual([{ id: 1 }, { id: 2 }]);
    });

    test("[MIG-1] processes that migrate at once both succeed, and again changes nothing", async () => {
      expect((await checkMigrations(database)).length).toBeGreaterThan(0);
      await Promise.all([migrate(database), migrate(second), migrate(database)]);
      expect(await checkMigrations(database)).toEqual([]);
      const epoch = await readEpoch(database);
      await migrate(database);
      expect(await readEpoch(second)).toBe(epoch);
      expect(epoch).toMatch(/^[\w-]{12}$/);
    });

    test("[MIG-2] a migrated database has the general room and its stream", async () => {
      await migrate(database);
      expect(await database.query("select id, name, type, description from rooms")).toEqual([
        { id: "general", name: "General", type: "public", description: "Everyone is here." },
      ]);
      expect(await database.query("select head from streams where id = 'room:general'")).toEqual([{ head: 0 }]);
    });

    test("[DB-5] a query builder reads and writes over the open database", async () => {
      await migrate(database);
      const orm = openOrm(database);
      const [made] = await orm.insert(customEmoji).values({ name: "wave", url: "/w.png", createdBy: "u1" }).returning();
      expect(made?.createdAt).toBeInstanceOf(Date);
      expect(await orm.select({ name: rooms.name, members: rooms.memberCount }).from(rooms)).toEqual([
        { name: "General", members: 0 },
      ]);
      expect((await orm.execute("select 1 as one"))[0]).toEqual({ one: 1 });
    });
  });
}
