import { defineConfig } from "vitest/config";

const everywhere = ["packages/**", "apps/**", "tools/**"];
const named = (suffix: string) => everywhere.map((folder) => `${folder}/*.${suffix}`);
const never = ["**/node_modules/**", "**/.next/**"];

/** Tests that need more than Node alone say so in their file's name. */
const special = ["pg.test.ts", "redis.test.ts", "cluster.test.ts", "e2e.test.ts"].map((suffix) => `**/*.${suffix}`);

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
          exclude: [...never, ...special],
          testTimeout: 20_000,
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
          include: [
            "packages/server/src/{features,hot-path,access,http,gateway}/**/*.test.ts",
            "packages/server/src/*.test.ts",
          ],
          exclude: [...never, ...special],
          testTimeout: 30_000,
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
