import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { runStep } from "./step.ts";

const output = "apps/web/.next";
const stamp = `${output}/built-from`;
const inputs = [
  "package-lock.json",
  "apps/web/**/*",
  "packages/{protocol,client,documents,react}/{package.json,src/**/*}",
];
const notInputs = [
  "**/node_modules/**",
  "apps/web/.next/**",
  "**/*.test.{ts,tsx}",
  "apps/web/e2e/**",
  "**/next-env.d.ts",
  "apps/web/public/emoji/**",
];

/** Builds the web app unless the build that is there was made from exactly these sources. Returns whether it is there. */
export async function buildWeb(): Promise<boolean> {
  const builtFrom = hashInputs();
  if (existsSync(`${output}/BUILD_ID`) && existsSync(stamp) && readFileSync(stamp, "utf8") === builtFrom) return true;
  console.log("Building the web app; this takes a minute, once …");
  rmSync(stamp, { force: true });
  const env = { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
  const result = await runStep({ name: "build", command: ["next", "build"], cwd: "apps/web", env });
  if (!result.isOk) {
    console.error(`The web app could not be built:\n${result.output}`);
    return false;
  }
  writeFileSync(stamp, builtFrom);
  console.log(`Built in ${Math.round(result.durationMs / 1000)} s.`);
  return true;
}

/** Of everything that can change what the browser gets. */
function hashInputs(): string {
  const hash = createHash("sha256").update(process.version);
  for (const path of globSync(inputs, { exclude: notInputs }).sort()) {
    if (statSync(path).isFile()) hash.update(`\0${path}\0`).update(readFileSync(path));
  }
  for (const [name, value] of Object.entries(process.env).sort()) {
    if (name.startsWith("NEXT_PUBLIC_")) hash.update(`\0${name}=${value}`);
  }
  return hash.digest("hex");
}
