/** `npm run serve`: the realtime server and its HTTP alone. Settings come from the environment. */
import { parseSettings, SettingsError } from "./config/parse-settings.ts";
import { createServer } from "./index.ts";
import { createLogger } from "./lib/logger.ts";

const stopDeadlineMs = 30_000;

try {
  const settings = parseSettings(process.env);
  const log = createLogger({ level: settings.logLevel });
  const server = await createServer({ log });
  log.info({ url: server.url }, "ready");
  console.log(`Mirage realtime is ready at ${server.url}`);

  let isStopping = false;
  const stop = (exitCode: number): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    setTimeout(() => process.exit(1), stopDeadlineMs).unref();
    server.close().then(
      () => process.exit(exitCode),
      (error) => {
        log.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop(0));
  process.on("unhandledRejection", (reason) => log.error({ err: reason }, "unhandled rejection"));
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "uncaught exception");
    stop(1);
  });
} catch (error) {
  console.error(error instanceof SettingsError ? error.message : startFailure(error));
  process.exit(1);
}

function startFailure(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    return "The port is in use. Stop what listens there, or choose another PORT.";
  }
  return error instanceof Error ? error.message : String(error);
}
