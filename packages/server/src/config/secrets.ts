import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Secrets that are made at first start when nobody set them. */
export interface Secrets {
  jwtSecret: string;
  authSecret: string;
  apiKey: string;
}

const secretsSchema = z.object({
  jwtSecret: z.string().min(32),
  authSecret: z.string().min(32),
  apiKey: z.string().min(32),
});

/**
 * Reads `<dataDir>/secrets.json`, and makes it first where it is missing: readable by its owner alone. Two processes
 * that start at once agree on one file: it is written beside and linked into place, and the later link loses.
 */
export function openSecrets(dataDir: string): Secrets {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, "secrets.json");
  return readSecrets(path) ?? makeSecrets(path);
}

function makeSecrets(path: string): Secrets {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  const made = { jwtSecret: randomSecret(), authSecret: randomSecret(), apiKey: randomSecret() };
  writeFileSync(draft, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readSecrets(path) ?? made;
}

function readSecrets(path: string): Secrets | undefined {
  try {
    const secrets = secretsSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    chmodSync(path, 0o600);
    return secrets;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    if (hasCode(error, "EACCES")) throw new Error(`unable to read ${path}; give this user the right to read it`);
    if (error instanceof z.ZodError || error instanceof SyntaxError) {
      throw new Error(`${path} is damaged; restore it, or remove it to make new secrets (everybody signs in again)`);
    }
    throw error;
  }
}

function randomSecret(): string {
  return randomBytes(32).toString("base64url");
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
