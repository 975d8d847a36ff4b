import { createRequire } from "node:module";

const description = createRequire(import.meta.url)("../../package.json") as { version: string };

/** Version of this build. */
export const version = description.version;
