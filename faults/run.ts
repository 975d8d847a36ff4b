// `npm run faults`: breaks things on purpose and judges what must still hold.
//   npm run faults -- --list
//   npm run faults -- crash --kills=20 --database=postgres --seed=7
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type PrivatePostgres, startPostgres } from "@mirage/testing";
import { crash } from "./crash.ts";
import { crowd } from "./crowd.ts";
import { defaults, type Fault, type FaultOptions, type FaultResult } from "./fault.ts";
import { inbox } from "./inbox.ts";
import { postgresGone } from "./postgres-gone.ts";
import { presence } from "./presence.ts";
import { Random } from "./random.ts";
import { restarts } from "./restarts.ts";
import { secondProcess } from "./second-process.ts";
import { stuckReaders } from "./stuck-readers.ts";
import { twoNodes } from "./two-nodes.ts";

const faults: Record<string, Fault> = {
  crash,
  "two-nodes": twoNodes,
  "postgres-gone": postgresGone,
  "second-process": secondProcess,
  crowd,
  "stuck-readers": stuckReaders,
  restarts,
  inbox,
  presence,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: "boolean" },
    database: { type: "string" },
    seed: { type: "string" },
    kills: { type: "string" },
    seconds: { type: "string" },
    clients: { type: "string" },
    rate: { type: "string" },
    sockets: { type: "string" },
  },
});

if (values.list) {
  for (const [name, fault] of Object.entries(faults)) console.log(`${name.padEnd(16)} ${fault.summary}`);
} else {
  process.exitCode = (await runAll(positionals.length > 0 ? positionals : Object.keys(faults))) ? 0 : 1;
  // Clients that gave up may still hold a timer.
  process.exit();
}

async function runAll(names: readonly string[]): Promise<boolean> {
  let isOk = true;
  for (const name of names) {
    const fault = faults[name];
    if (!fault) throw new Error(`There is no fault ${name}; see --list.`);
    isOk = (await runOne(name, fault)) && isOk;
  }
  return isOk;
}

async function runOne(name: string, fault: Fault): Promise<boolean> {
  const options = readOptions(fault);
  const database = fault.ownDatabase ?? options.database;
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
  console.log(`\n=== ${name} on ${database}, seed ${seed}`);
  const startedMs = performance.now();
  const seconds = () => ((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6);
  const postgres = database === "postgres" && !fault.ownDatabase ? await providePostgres() : undefined;
  try {
    const say = (line: string) => console.log(`${seconds()} s  ${line}`);
    const result = await fault.run({ seed, random: new Random(seed), say, options });
    const isOk = result.checks.every((check) => check.isOk);
    for (const { what, isOk: isGood, details } of result.checks) {
      console.log(`${isGood ? "  ok  " : "  FAIL"} ${what}${details ? `: ${details}` : ""}`);
    }
    if (!isOk) keep(name, seed, result);
    console.log(`${isOk ? "ok" : "FAILED"}: ${name} on ${database} in ${seconds().trim()} s (seed ${seed})`);
    return isOk;
  } catch (error) {
    console.error(error);
    console.log(`FAILED: ${name} on ${database} broke off after ${seconds().trim()} s (seed ${seed})`);
    return false;
  } finally {
    await postgres?.stop();
  }
}

async function providePostgres(): Promise<PrivatePostgres> {
  const postgres = await startPostgres();
  process.env.TEST_POSTGRES_URL = postgres.url;
  return postgres;
}

function readOptions(fault: Fault): FaultOptions {
  const chosen = { ...defaults, ...fault.defaults };
  const number = (text: string | undefined, otherwise: number) => (text === undefined ? otherwise : Number(text));
  return {
    database: values.database === "postgres" || values.database === "pglite" ? values.database : chosen.database,
    kills: number(values.kills, chosen.kills),
    seconds: number(values.seconds, chosen.seconds),
    clients: number(values.clients, chosen.clients),
    messagesPerSecond: number(values.rate, chosen.messagesPerSecond),
    sockets: number(values.sockets, chosen.sockets),
  };
}

/** What a failure leaves behind: the seed, every client's history, what the servers said last. */
function keep(name: string, seed: number, result: FaultResult): void {
  const folder = mkdtempSync(join(tmpdir(), `mirage-fault-${name}-`));
  for (const client of result.clients ?? []) {
    const lines = client.fullHistory.sort((a, b) => a.atMs - b.atMs).map((entry) => JSON.stringify(entry));
    writeFileSync(join(folder, `${client.name}.jsonl`), lines.join("\n"));
  }
  result.serverOutputs?.forEach((output, index) => {
    writeFileSync(join(folder, `server-${index + 1}.log`), output);
  });
  writeFileSync(join(folder, "result.json"), JSON.stringify({ name, seed, checks: result.checks }, null, 2));
  console.log(`  histories, logs and seed are in ${folder}`);
}
