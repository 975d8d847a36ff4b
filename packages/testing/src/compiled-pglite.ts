import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../../../node_modules", import.meta.url));
const program = join(modules, "@electric-sql/pglite/dist/pglite.wasm");
let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * Compiles the embedded database once a process and keeps it: V8 gives every thread that compiles the same bytes what
 * is there already, for as long as somebody holds it. Half of what starting a test's server costs is this.
 */
export async function keepPgliteCompiled(): Promise<void> {
  compiled ??= readFile(program).then((bytes) => WebAssembly.compile(bytes));
  await compiled;
}
