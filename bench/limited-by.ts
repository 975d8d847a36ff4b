import type { Span } from "./load/orders.ts";
import type { Places } from "./machine/cores.ts";

/** Above this share of its core a part is taken for what limits. */
const busy = 0.85;
/** Cores that something else may use before the figures say so. */
const quiet = 0.15;

/** Which part had no more to give. */
export function limitedBy(span: Span, places: Places): string {
  const { main, workers, total, generator, postgres, others } = shareOf(span);
  if (others > quiet)
    return `other work on this machine or its host (${others.toFixed(1)} cores): run it again when it is idle`;
  if (main >= busy) return `the server's main thread (${percent(main)})`;
  if (total >= busy) return `the server's core (main ${percent(main)}, database worker ${percent(workers)})`;
  if (generator >= busy) return `the load generator (${percent(generator)} of its core)`;
  if (places.postgres === places.generator && generator + postgres >= busy) {
    return `the core that generator (${percent(generator)}) and Postgres (${percent(postgres)}) share`;
  }
  if (postgres >= busy) return `Postgres (${percent(postgres)})`;
  return `nothing: server ${percent(total)}, generator ${percent(generator)}, Postgres ${percent(postgres)}`;
}

/** CPU seconds per second. */
export function shareOf({ seconds, server, postgresCpu, generatorCpu, hostCpu }: Span) {
  return {
    main: server.main / seconds,
    workers: server.workers / seconds,
    total: server.total / seconds,
    postgres: postgresCpu / seconds,
    generator: generatorCpu / seconds,
    others: (hostCpu - server.total - postgresCpu - generatorCpu) / seconds,
  };
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
