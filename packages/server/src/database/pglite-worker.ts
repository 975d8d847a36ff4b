/**
 * The thread the embedded database lives in, so that it never holds up the event loop that serves people.
 * It answers requests one by one, in order, those of a lane before all others: a lane has one call at a time, so they
 * take turns, and a crowd of readers never holds up what people have sent.
 *
 * NOTE it runs with fsync off: what was acknowledged survives the death of the process, not the loss of power.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite, type Results } from "@electric-sql/pglite";
import type { PgliteReply, PgliteRequest, PgliteWorkerData } from "./pglite-messages.ts";
import type { WireResult, WireValue } from "./sql-values.ts";

const port = parentPort;
if (port === null) throw new Error("pglite-worker is started as a worker thread");
const { directory } = workerData as PgliteWorkerData;
const laneRequests: PgliteRequest[] = [];
const requests: PgliteRequest[] = [];
let isBusy = false;
const send = (reply: PgliteReply): void => port.postMessage(reply);

try {
  const database = await PGlite.create(directory);
  // Values travel as text; see sql-values.ts.
  database.parsers = verbatim();
  database.serializers = verbatim();
  await database.exec("set timezone = 'UTC'; set datestyle = 'ISO'; set client_min_messages = warning; set jit = off");
  port.on("message", (request: PgliteRequest) => void accept(database, request));
  send({ kind: "ready" });
} catch (error) {
  send({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
}

async function accept(database: PGlite, request: PgliteRequest): Promise<void> {
  const isOfLane = request.kind === "query" && request.isOfLane === true;
  (isOfLane ? laneRequests : requests).push(request);
  if (isBusy) return;
  isBusy = true;
  for (let next = takeNext(); next !== undefined; next = takeNext()) {
    await answer(database, next);
    // Messages come in between turns of the event loop alone.
    await nextTurn();
  }
  isBusy = false;
}

function takeNext(): PgliteRequest | undefined {
  return laneRequests.shift() ?? requests.shift();
}

async function answer(database: PGlite, request: PgliteRequest): Promise<void> {
  try {
    send({ kind: "result", id: request.id, result: await run(database, request) });
    if (request.kind === "close") port?.close();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    send({ kind: "error", id: request.id, message, sqlState: typeof code === "string" ? code : undefined });
  }
}

async function run(database: PGlite, request: PgliteRequest): Promise<WireResult> {
  if (request.kind === "query") {
    const result = await database.query(request.text, [...request.params], { rowMode: "array" });
    return toWireResult(result);
  }
  if (request.kind === "script") await database.exec(request.text);
  else await database.close();
  return { columns: [], rows: [] };
}

function toWireResult(result: Results<unknown>): WireResult {
  return {
    columns: result.fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })),
    rows: result.rows as WireValue[][],
  };
}

/** Any type, array or not: the text as it is. */
function verbatim(): Record<number | string, (value: string) => string> {
  return new Proxy({}, { get: () => (value: string) => value });
}
