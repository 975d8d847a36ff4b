import { defineConfig } from "vitest/config";

const everywhere = ["packages/**", "apps/**", "tools/**", "faults/**", "bench/**"];
const named = (suffix: string) => everywhere.map((folder) => `${folder}/*.${suffix}`);
const never = ["**/node_modules/**", "**/.next/**"];

/** Tests that need more than Node alone, or more than a moment, say so in their file's name. */
const special = ["pg", "long", "redis", "cluster", "e2e"].map((kind) => `**/*.${kind}.test.ts`);

/** Attacks on a whole server: floods and slow readers take as long as the limits they test. */
const threats = "packages/server/src/threats/**/*.test.ts";

/** Tests of the server that touch no database, or choose one themselves. */
const onOneDatabase = ["database", "lib", "config", "adapters"].map((folder) => `packages/server/src/${folder}/**`);

/** One machine runs all of it: two workers, since a test server brings a database worker of its own. */
export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    reporters: ["default"],
    projects: [
      {
        test: {
          name: "unit",
          include: [...named("test.ts"), ...named("test.tsx")],
          exclude: [...never, ...special, threats],
          testTimeout: 20_000,
          hookTimeout: 60_000,
          env: { TEST_DATABASE: "pglite" },
        },
      },
      {
        // What takes its time (kills, storms, crowds): `npm test` runs it, `npm run check` does not.
        test: {
          name: "long",
          include: [...named("long.test.ts"), threats],
          exclude: never,
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 60_000,
          env: { TEST_DATABASE: "pglite" },
        },
      },
      {
        test: {
          name: "postgres",
          include: named("pg.test.ts"),
          exclude: never,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          env: { TEST_DATABASE: "postgres" },
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
          env: { TEST_DATABASE: "postgres" },
        },
      },
      {
        test: {
          name: "browser",
          include: named("e2e.test.ts"),
          exclude: never,
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
