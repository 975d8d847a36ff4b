import { defineConfig } from "drizzle-kit";

/** A new migration: `npx drizzle-kit generate --name=x` after a change of the schema, `--custom` for views and functions. */
export default defineConfig({
  dialect: "postgresql",
  schema: [
    "./packages/server/src/database/schema.ts",
    "./packages/server/src/database/auth-schema.ts",
    "./packages/server/src/database/delivery-schema.ts",
    "./packages/server/src/database/documents-schema.ts",
    "./packages/server/src/database/file-schema.ts",
  ],
  out: "./packages/server/src/database/migrations",
});
