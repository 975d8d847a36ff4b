// The load generator: a process of its own that connects, sends and counts as it is ordered. Started by
// start-generator.ts, which it answers.
import { Audience } from "./audience.ts";
import { OpenLoop } from "./open-loop.ts";
import type { Failure, Order, Progress, Report } from "./orders.ts";

let audience: Audience | undefined;

async function carryOut(order: Order): Promise<Report> {
  if (order.kind === "open") {
    audience = new Audience(order);
    return await audience.open(tell);
  }
  if (!audience) throw new Error("nobody is connected: order `open` first");
  return await new OpenLoop(audience, order).run(tell);
}

function tell(line: string): void {
  process.send?.({ kind: "progress", line } satisfies Progress);
}

process.on("message", (order: Order) => {
  carryOut(order).then(
    (report) => process.send?.(report),
    (error) => process.send?.({ kind: "failed", error: String(error) } satisfies Failure),
  );
});
