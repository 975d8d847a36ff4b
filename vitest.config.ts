import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Node compiles the sources of a server that a test starts once, and not at each start. */
const compiled = { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/mirage-compiled", import.meta.url)) };

const everywhere = ["packages/**", "apps/**", "tools/**", "faults/**", "bench/**"];
const named = (suffix: string) => everywhere.map((folder) => `${folder}/*.${suffix}`);
const never = ["**/node_modules/**", "**/.next/**"];

/** Tests that need more than Node alone, or more than a moment, say so in their file's name. */
const special = ["pg", "long", "e2e"].map((kind) => `**/*.${kind}.test.ts`);

/** Attacks on a whole server: floods and slow readers take as long as the limits they test. */
const threats = "packages/server/src/threats/**/*.test.ts";

/** Tests of the server that touch no database, or choose one themselves. */
const onOneDatabase = ["database", "lib", "config", "adapters", "features/documents/gate"].map(
  (folder) => `packages/server/src/${folder}/**`,
);

/**
 * One machine runs all of it. Files share their worker's modules, and with them the server and the embedded database as
 * they were compiled: to load both for each file takes more time than the tests. A third worker has something to do
 * while the tests of two wait for a kill, a lease or a grace to be over.
 */
export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 3,
    isolate: false,
    reporters: ["default"],
    projects: [
      {
        test: {
          name: "unit",
          include: [...named("test.ts"), ...named("test.tsx")],
          exclude: [...never, ...special, threats],
          testTimeout: 20_000,
          hookTimeout: 60_000,
          env: { ...compiled, TEST_DATABASE: "pglite" },
        },
      },
      {
        // What takes its time (kills, storms, crowds): `npm test` runs it, `npm run check` does not.
        test: {
          name: "long",
          include: [...named("long.test.ts"), threats],
          exclude: never,
          testTimeout: 180_000,
          hookTimeout: 60_000,
          env: { ...compiled, TEST_DATABASE: "pglite" },
        },
      },
      {
        test: {
          name: "postgres",
          include: named("pg.test.ts"),
          exclude: never,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          env: { ...compiled, TEST_DATABASE: "postgres" },
        },
      },
      {
        // The same tests once more: what holds on the embedded database holds on Postgres.
        test: {
          name: "features-postgres",
          include: ["packages/server/src/**/*.test.ts"],
          exclude: [...never, ...onOneDatabase, "**/*.pg.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          env: { ...compiled, TEST_DATABASE: "postgres" },
        },
      },
      {
        test: {
          name: "browser",
          include: named("e2e.test.ts"),
          exclude: never,
          // Each file is a server and a browser more; its pages wait for each other more than they compute.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          env: compiled,
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
