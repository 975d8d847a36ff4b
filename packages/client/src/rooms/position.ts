/** What an event is to a stream of which everything up to `lastSeq` is known. */
export type Verdict = "next" | "old" | "gap";

/** Where an event stands: its own position, and the first one it covers where it stands for several. */
export interface Span {
  seq: number;
  from?: number | undefined;
}

/**
 * Says whether an event may be applied. `old`: it is known already. `gap`: something before it is missing, and must be
 * asked for. An event covers `from` … `seq`, so it follows what is known when that leaves nothing out.
 */
export function judge(lastSeq: number, span: Span): Verdict {
  if (span.seq <= lastSeq) return "old";
  return (span.from ?? span.seq) <= lastSeq + 1 ? "next" : "gap";
}
