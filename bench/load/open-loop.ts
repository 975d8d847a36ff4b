import { bareTraffic } from "@mirage/testing/bare-link";
import { readCpu, readFamilyCpu, readHostCpu } from "../machine/processes.ts";
import type { Audience } from "./audience.ts";
import { deliveries, type Member, type Watch } from "./member.ts";
import type { LoadOrder, LoadReport, Span } from "./orders.ts";
import { Samples, Tally } from "./samples.ts";
import { SideLoad } from "./side-load.ts";
import { subtractSpans } from "./subtract-spans.ts";

const tickMs = 1;
const headStartMs = 100;
/** How long after the last message may something still come? */
const patienceMs = 5_000;
const lookMs = 50;
const progressMs = 2_000;
/** Numbers of messages go on over the loads of a process, so that a straggler is not taken for a new one. */
let nextMessage = 0;

/**
 * One load: message n is due at start + n / rate, whatever became of those before it. What the server or this process
 * cannot do in time makes latencies longer, never the load smaller.
 */
export class OpenLoop {
  readonly #audience: Audience;
  readonly #order: LoadOrder;
  readonly #senders: Member[];
  readonly #firstMessage = nextMessage;
  readonly #messages: number;
  readonly #failures = new Tally();
  readonly #latenciesMs = new Samples();
  readonly #ackLatenciesMs = new Samples();
  readonly #lateMs = new Samples();
  readonly #side: SideLoad;
  readonly #padding: string;
  readonly #startMs: number = performance.now() + headStartMs;
  #sent = 0;
  #answered = 0;
  #acked = 0;

  constructor(audience: Audience, order: LoadOrder) {
    this.#audience = audience;
    this.#order = order;
    this.#senders = audience.senders;
    const { load } = order;
    const seconds = load.warmUpSeconds + load.seconds;
    this.#messages = Math.round(load.messagesPerSecond * seconds);
    nextMessage += this.#messages;
    this.#padding = "x".repeat(audience.contentBytes);
    this.#side = new SideLoad(audience, order, { startMs: this.#startMs, failures: this.#failures });
  }

  async run(onProgress: (line: string) => void): Promise<LoadReport> {
    const { load, isBlind } = this.#order;
    const watch = this.#watch();
    for (const room of this.#audience.rooms) room.accepted = 0;
    for (const member of this.#audience.members) member.begin(watch, isBlind);
    const sending = setInterval(() => this.#sendDue(), tickMs);
    const telling = setInterval(() => onProgress(this.#describe()), progressMs);
    await until(this.#startMs + 1_000 * load.warmUpSeconds);
    const first = this.#look();
    await until(this.#startMs + 1_000 * (load.warmUpSeconds + load.seconds));
    const last = this.#look();
    await this.#drain();
    clearInterval(sending);
    clearInterval(telling);
    this.#side.close();
    return this.#report(subtractSpans(last, first));
  }

  #watch(): Watch {
    const { load, hasPositions } = this.#order;
    const firstMeasured = this.#firstMessage + Math.round(load.messagesPerSecond * load.warmUpSeconds);
    return {
      firstMeasured,
      lastMeasured: this.#firstMessage + this.#messages - 1,
      intendedMs: (message) => this.#dueMs(message - this.#firstMessage, load.messagesPerSecond),
      hasPositions,
      latenciesMs: this.#latenciesMs,
      ...this.#side.watch,
    };
  }

  #dueMs(index: number, perSecond: number): number {
    return this.#startMs + (1_000 * index) / perSecond;
  }

  #sendDue(): void {
    const { load } = this.#order;
    const nowMs = performance.now();
    while (this.#sent < this.#messages && this.#dueMs(this.#sent, load.messagesPerSecond) <= nowMs) this.#send();
    this.#side.sendDue(nowMs);
  }

  #send(): void {
    const index = this.#sent++;
    const dueMs = this.#dueMs(index, this.#order.load.messagesPerSecond);
    const isMeasured = index >= this.#order.load.messagesPerSecond * this.#order.load.warmUpSeconds;
    if (isMeasured) this.#lateMs.add(performance.now() - dueMs);
    const sender = this.#senders[index % this.#senders.length];
    if (!sender || sender.isClosed) {
      this.#answered++;
      this.#failures.add("the sender's connection is closed");
      return;
    }
    const message = this.#firstMessage + index;
    const content = `#${message} ${this.#padding}`.slice(0, this.#padding.length);
    const payload = `{"roomId":"${sender.room.id}","nonce":"bench-${message}","content":"${content}"}`;
    sender.link.ask("chat_message", payload, (answer) => {
      this.#answered++;
      if (isMeasured) this.#ackLatenciesMs.add(performance.now() - dueMs);
      if (answer.startsWith('{"ok":true')) {
        this.#acked++;
        sender.room.accepted++;
      } else this.#failures.add(`refused: ${/"code":"(\w+)"/.exec(answer)?.[1] ?? answer.slice(0, 80)}`);
    });
  }

  async #drain(): Promise<void> {
    const endMs = performance.now() + patienceMs;
    while (performance.now() < endMs && !this.#isDone()) await until(performance.now() + lookMs);
  }

  #isDone(): boolean {
    if (this.#answered < this.#messages || !this.#side.isDone) return false;
    return this.#audience.members.every((member) => this.#receivedBy(member) >= member.room.accepted);
  }

  /** A blind member has received the share of bytes that it has of those of a sampled reader in the same room. */
  #receivedBy(member: Member): number {
    if (!member.link.isBlind) return member.received;
    const seeing = this.#audience.seeing(member.room);
    if (!seeing || seeing.eventBytes === 0) return 0;
    return Math.round(seeing.received * Math.min(1, member.link.blindBytes / seeing.eventBytes));
  }

  #look(): Span {
    const { server, postgres } = this.#order.watch;
    const { user, system } = process.cpuUsage();
    return {
      seconds: performance.now() / 1_000,
      deliveries: this.#order.isBlind ? this.#countAll() : deliveries.count,
      ...bareTraffic,
      server: readCpu(server),
      postgresCpu: postgres === undefined ? 0 : readFamilyCpu(postgres),
      generatorCpu: (user + system) / 1e6,
      hostCpu: readHostCpu(),
    };
  }

  #countAll(): number {
    return this.#audience.members.reduce((sum, member) => sum + this.#receivedBy(member), 0);
  }

  #describe(): string {
    const expected = this.#acked * this.#audience.membersPerRoom;
    const waiting = this.#order.isBlind ? "" : `, ${expected - this.#countAll()} deliveries under way`;
    return `${this.#sent} sent, ${this.#sent - this.#answered} unanswered${waiting}`;
  }

  #report(span: Span): LoadReport {
    const { members, rooms, membersPerRoom } = this.#audience;
    this.#failures.add("unanswered", this.#messages - this.#answered);
    this.#failures.add("connections lost", members.filter(({ isClosed }) => isClosed).length);
    return {
      kind: "loaded",
      sent: this.#sent,
      acked: this.#acked,
      failures: this.#failures.toRecord(),
      delivered: this.#countAll(),
      expected: rooms.reduce((sum, { accepted }) => sum + accepted * membersPerRoom, 0),
      violations: members.reduce((sum, { violations }) => sum + violations, 0),
      ...this.#side.counts,
      span,
      latenciesMs: this.#latenciesMs.toArray(),
      ackLatenciesMs: this.#ackLatenciesMs.toArray(),
      typingLatenciesMs: this.#side.typingLatenciesMs.toArray(),
      urgentLatenciesMs: this.#side.urgentLatenciesMs.toArray(),
      lateMs: this.#lateMs.toArray(),
      isBlind: this.#order.isBlind,
    };
  }
}

function until(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs - performance.now()));
}
