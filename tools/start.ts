// `npm start`: builds the web app when its sources changed, then serves web and realtime on one port and says how the
// second person joins. Settings come from the environment; none is needed.
import { spawn } from "node:child_process";
import { networkInterfaces } from "node:os";
import { buildWeb } from "./build-web.ts";

const port = Number(process.env.PORT || 3001);
const host = process.env.HOST || "0.0.0.0";
const localUrl = `http://localhost:${port}`;
const readyTimeoutMs = 120_000;

if (!(await buildWeb())) {
  console.error("Mirage was not started. What went wrong is said above; `npm ci` and `npm run doctor` may help.");
  process.exit(1);
}

const server = spawn(process.execPath, [...process.execArgv, "apps/web/server.ts"], {
  stdio: "inherit",
  env: {
    ...process.env,
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    // A person looks at this terminal; whoever collects logs sets the level.
    LOG_LEVEL: process.env.LOG_LEVEL || "warn",
  },
});
let isEnded = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => server.kill(signal));
server.once("exit", (code, signal) => {
  isEnded = true;
  const isPlanned = code === 0 || signal === "SIGINT" || signal === "SIGTERM";
  if (!isPlanned) console.error("\nThe server has ended. `npm run doctor` says what is configured and what to fix.");
  process.exitCode = isPlanned ? 0 : (code ?? 1);
});

if (await becomesReady()) console.log(greeting());

async function becomesReady(): Promise<boolean> {
  const address = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  const endMs = performance.now() + readyTimeoutMs;
  while (!isEnded && performance.now() < endMs) {
    const answer = await fetch(`http://${address}:${port}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    if (answer?.ok) return !isEnded;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

function greeting(): string {
  const others = host === "0.0.0.0" || host === "::" ? listNetworkUrls() : [];
  const lines = [
    "",
    `  Mirage is ready:   ${process.env.PUBLIC_URL || localUrl}`,
    ...others.map((url, index) => `${index === 0 ? "  on your network:   " : "                     "}${url}`),
    "",
    "  Open it, choose a name, and write. To invite the second person, open a room, choose",
    `  “Invite”, and send the link${others.length > 0 ? " (they need to reach one of the addresses above)" : ""}.`,
    "  Stop with Ctrl+C; everything is kept.",
    "",
  ];
  return lines.join("\n");
}

function listNetworkUrls(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return addresses
    .filter((entry) => entry.family === "IPv4" && !entry.internal)
    .map((entry) => `http://${entry.address}:${port}`);
}
