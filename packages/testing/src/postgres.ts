import { spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectOutput, stopChild, waitForExit } from "./child.ts";
import { eventually } from "./eventually.ts";
import { findFreePort } from "./free-port.ts";

/** A private Postgres: a directory, a port and a process of its own. */
export interface PrivatePostgres {
  /** Superuser address of the database `postgres`. */
  readonly url: string;
  readonly port: number;
  /** As `postgres --version` says it, for example `15.18`. */
  readonly version: string;
  readonly pid: number;
  /** Kills it as a crash would; `start` brings it back on the same files and port. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

/** `isDurable`: fsync on, for runs that crash it. */
export interface PostgresOptions {
  isDurable?: boolean;
}

/** The folder of Postgres' programs, newest version first: Debian keeps them off the PATH. */
export function findPostgresPrograms(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env.PATH ?? "").split(":"),
    "/usr/local/bin",
    "/opt/homebrew/bin",
  ];
  return folders.find((folder) => folder && existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

/** Starts a Postgres that belongs to the caller alone. As root it runs as the user `postgres`: it refuses root. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PrivatePostgres> {
  const programs = findPostgresPrograms();
  if (!programs) throw new Error("PostgreSQL is not installed: apt-get install postgresql");
  const owner = findOwner();
  const folder = mkdtempSync(join(tmpdir(), "mirage-postgres-"));
  const dataDir = join(folder, "data");
  if (owner) chownSync(folder, owner.uid, owner.gid);
  initialise(join(programs, "initdb"), dataDir, owner);
  const port = await findFreePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;

  const settings = { listen_addresses: "127.0.0.1", port, unix_socket_directories: folder, max_connections: 200 };
  const fast = options.isDurable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
  const args = Object.entries({ ...settings, ...fast }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const run = () => launch({ program: join(programs, "postgres"), args: ["-D", dataDir, ...args], owner, url });
  let child = await run();
  return {
    url,
    port,
    version: versionOf(join(programs, "postgres")),
    get pid() {
      return child.pid ?? 0;
    },
    async crash() {
      child.kill("SIGKILL");
      await waitForExit(child);
    },
    async start() {
      // After a crash its processes linger for a moment and hold what a new one needs.
      child = await eventually(run, { timeoutMs: 20_000, intervalMs: 200 });
    },
    async stop() {
      await stopChild(child, "SIGINT", 10_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Owner {
  uid: number;
  gid: number;
}

function findOwner(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const ask = (flag: string) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  const owner = { uid: ask("-u"), gid: ask("-g") };
  if (!owner.uid || !owner.gid) throw new Error("Postgres does not run as root and there is no user postgres");
  return owner;
}

function initialise(initdb: string, dataDir: string, owner: Owner | undefined): void {
  const args = ["-D", dataDir, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
  const result = spawnSync(initdb, args, { encoding: "utf8", cwd: tmpdir(), ...owner });
  if (result.status !== 0) throw new Error(`initdb failed: ${result.stderr || result.error?.message}`);
}

async function launch(run: { program: string; args: string[]; owner: Owner | undefined; url: string }) {
  const child = spawn(run.program, run.args, { stdio: ["ignore", "pipe", "pipe"], cwd: tmpdir(), ...run.owner });
  const output = collectOutput(child);
  // The parent may end without a word; Postgres must not outlive it.
  const reap = () => child.kill("SIGKILL");
  process.once("exit", reap);
  child.once("exit", () => process.off("exit", reap));
  const { default: connect } = await import("postgres");
  try {
    await eventually(
      async () => {
        if (child.exitCode !== null) throw new Error("it ended");
        const sql = connect(run.url, { max: 1, connect_timeout: 2, onnotice: () => undefined });
        await sql`select 1`.finally(() => sql.end());
      },
      { timeoutMs: 20_000, intervalMs: 50 },
    );
  } catch (error) {
    reap();
    throw new Error(`Postgres did not start: ${output()}`, { cause: error });
  }
  return child;
}

function versionOf(program: string): string {
  const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return /\d+(\.\d+)*/.exec(stdout)?.[0] ?? "unknown";
}
