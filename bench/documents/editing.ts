import type { EditOrder, LoadReport, Span } from "../load/orders.ts";
import { Samples, Tally } from "../load/samples.ts";
import { subtractSpans } from "../load/subtract-spans.ts";
import { readCpu, readFamilyCpu, readHostCpu } from "../machine/processes.ts";
import { type Editor, onEdits, type } from "./editor.ts";
import { openHocuspocusEditors } from "./hocuspocus-editor.ts";
import { openMirageEditors } from "./mirage-editor.ts";

const tickMs = 1;
const headStartMs = 100;
/** How long after the last edit may something still come? */
const patienceMs = 5_000;
const lookMs = 20;

/** One document, and everybody in it: edit n is due at start + n / rate, whatever became of those before it. */
export class Editing {
  readonly #order: EditOrder;
  readonly #perSecond: number;
  readonly #edits: number;
  readonly #echoMs = new Samples();
  readonly #answerMs = new Samples();
  readonly #lateMs = new Samples();
  readonly #failures = new Tally();
  #editors: Editor[] = [];
  #startMs = 0;
  #sent = 0;
  #answered = 0;
  #refused = 0;
  #delivered = 0;

  constructor(order: EditOrder) {
    const { editors, editsPerSecond, warmUpSeconds, seconds } = order;
    this.#order = order;
    this.#perSecond = editors * editsPerSecond;
    this.#edits = Math.round(this.#perSecond * (warmUpSeconds + seconds));
  }

  async run(onProgress: (line: string) => void): Promise<LoadReport> {
    const { server, editors, warmUpSeconds, seconds } = this.#order;
    const open = server === "mirage" ? openMirageEditors : openHocuspocusEditors;
    this.#editors = await open(this.#order, editors);
    for (const [editor, one] of this.#editors.entries()) this.#watch(editor, one);
    onProgress(`${editors} editors are in the document`);
    this.#startMs = performance.now() + headStartMs;
    const typing = setInterval(() => this.#typeDue(), tickMs);
    await until(this.#startMs + 1_000 * warmUpSeconds);
    const first = this.#look();
    await until(this.#startMs + 1_000 * (warmUpSeconds + seconds));
    const last = this.#look();
    const endMs = performance.now() + patienceMs;
    while (performance.now() < endMs && this.#delivered < this.#expected) await until(performance.now() + lookMs);
    clearInterval(typing);
    const report = this.#report(subtractSpans(last, first));
    for (const editor of this.#editors) editor.close();
    return report;
  }

  get #expected(): number {
    return (this.#sent - this.#refused) * (this.#editors.length - 1);
  }

  /** Whose edits have come here, how far, and how long each took from its time; and which of their own were answered. */
  #watch(editor: number, { doc, onAnswer }: Editor): void {
    const seen = new Map<number, number>();
    onEdits(doc, (other, index) => {
      const nowMs = performance.now();
      for (let next = seen.get(other) ?? other; next <= index; next += this.#editors.length) {
        seen.set(other, next + this.#editors.length);
        this.#delivered++;
        if (this.#isMeasured(next)) this.#echoMs.add(nowMs - this.#dueMs(next));
      }
    });
    let answered = editor;
    onAnswer((refusal) => {
      const index = answered;
      answered += this.#editors.length;
      this.#answered++;
      if (this.#isMeasured(index)) this.#answerMs.add(performance.now() - this.#dueMs(index));
      if (refusal === undefined) return;
      this.#refused++;
      this.#failures.add(`refused: ${refusal}`);
    });
  }

  #isMeasured(index: number): boolean {
    return index >= this.#perSecond * this.#order.warmUpSeconds;
  }

  #dueMs(index: number): number {
    return this.#startMs + (1_000 * index) / this.#perSecond;
  }

  #typeDue(): void {
    const nowMs = performance.now();
    while (this.#sent < this.#edits && this.#dueMs(this.#sent) <= nowMs) {
      const index = this.#sent++;
      if (this.#isMeasured(index)) this.#lateMs.add(performance.now() - this.#dueMs(index));
      const editor = index % this.#editors.length;
      const doc = this.#editors[editor]?.doc;
      if (doc) type(doc, { editor, index });
    }
  }

  #look(): Span {
    const { server, postgres } = this.#order.watch;
    const { user, system } = process.cpuUsage();
    return {
      seconds: performance.now() / 1_000,
      deliveries: this.#delivered,
      reads: 0,
      bytes: 0,
      server: readCpu(server),
      postgresCpu: postgres === undefined ? 0 : readFamilyCpu(postgres),
      generatorCpu: (user + system) / 1e6,
      hostCpu: readHostCpu(),
    };
  }

  #report(span: Span): LoadReport {
    const texts = new Set(this.#editors.map(({ doc }) => doc.getText("content").toString()));
    this.#failures.add("unanswered", this.#sent - this.#answered);
    this.#failures.add("documents that differ in the end", texts.size - 1);
    const none = new Float32Array();
    return {
      kind: "loaded",
      sent: this.#sent,
      acked: this.#answered - this.#refused,
      failures: this.#failures.toRecord(),
      delivered: this.#delivered,
      expected: this.#expected,
      violations: 0,
      typing: { sent: 0, delivered: 0 },
      presence: { sent: 0, delivered: 0 },
      urgent: { sent: 0, delivered: 0 },
      span,
      latenciesMs: this.#echoMs.toArray(),
      ackLatenciesMs: this.#answerMs.toArray(),
      typingLatenciesMs: none,
      urgentLatenciesMs: none,
      lateMs: this.#lateMs.toArray(),
      isBlind: false,
    };
  }
}

function until(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, timeMs - performance.now())));
}
