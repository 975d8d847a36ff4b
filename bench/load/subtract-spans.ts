import type { Span } from "./orders.ts";

/** What happened between two looks at the same counters. */
export function subtractSpans(last: Span, first: Span): Span {
  const { total, main, workers } = last.server;
  const before = first.server;
  return {
    seconds: last.seconds - first.seconds,
    deliveries: last.deliveries - first.deliveries,
    reads: last.reads - first.reads,
    bytes: last.bytes - first.bytes,
    server: { total: total - before.total, main: main - before.main, workers: workers - before.workers },
    postgresCpu: last.postgresCpu - first.postgresCpu,
    generatorCpu: last.generatorCpu - first.generatorCpu,
    hostCpu: last.hostCpu - first.hostCpu,
  };
}
