import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../ports/clock.ts";

/** Whoever sends a request byte by byte is not waited for; uploads have a time of their own. */
const receivingMs = 60_000;

/** Answers 408 and hangs up when the body of a request is not there in time. */
export function limitReceiving(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  const timer = clock.after(receivingMs, () => {
    if (request.complete) return;
    if (!response.headersSent) response.writeHead(408, { connection: "close" }).end();
    request.destroy();
  });
  response.once("close", () => timer.cancel());
}
