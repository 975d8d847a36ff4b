// The load generator: a process of its own that connects, sends and counts as it is ordered. Started by
// start-generator.ts, which it answers.
import { Audience } from "./audience.ts";
import { Homecoming } from "./homecoming.ts";
import { Idlers } from "./idlers.ts";
import { OpenLoop } from "./open-loop.ts";
import type { Failure, Order, Progress, Report } from "./orders.ts";

let audience: Audience | undefined;
let idlers: Idlers | undefined;
let homecoming: Homecoming | undefined;

async function carryOut(order: Order): Promise<Report> {
  switch (order.kind) {
    case "open":
      audience = new Audience(order);
      return await audience.open(tell);
    case "load":
      if (!audience) throw new Error("nobody is connected: order `open` first");
      return await new OpenLoop(audience, order).run(tell);
    case "hear":
      if (!audience) throw new Error("nobody is connected: order `open` first");
      return await audience.hear(order.timeoutMs);
    case "edit": {
      // Editors are heavier than people who chat: who has none does without them.
      const { Editing } = await import("../documents/editing.ts");
      return await new Editing(order).run(tell);
    }
    case "connect":
      idlers ??= new Idlers();
      return await idlers.connect(order, tell);
    case "gather":
      homecoming = new Homecoming(order);
      return await homecoming.gather(tell);
    case "finish":
      if (!homecoming) throw new Error("nobody has left: order `gather` first");
      return await homecoming.finish(order.listeningAtMs);
  }
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
