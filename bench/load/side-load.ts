import type { Audience } from "./audience.ts";
import { deliveries, type Watch } from "./member.ts";
import type { LoadOrder, SideCount } from "./orders.ts";
import { Samples, type Tally } from "./samples.ts";
import { UrgentSender } from "./urgent-sender.ts";

/** Choices that take turns, so that each is another one than the person's last. */
const statuses = ["dnd", "online"] as const;

/** What goes on beside the messages of a load, each by a schedule of its own: typing, choosing a status, urgent news. */
export class SideLoad {
  readonly typingLatenciesMs = new Samples();
  readonly urgentLatenciesMs = new Samples();
  readonly #audience: Audience;
  readonly #order: LoadOrder;
  readonly #startMs: number;
  readonly #failures: Tally;
  readonly #urgentSender: UrgentSender | undefined;
  readonly #typedMs = new Map<string, number>();
  readonly #sent = { typing: 0, presence: 0, urgent: 0 };

  constructor(audience: Audience, order: LoadOrder, at: { startMs: number; failures: Tally }) {
    this.#audience = audience;
    this.#order = order;
    this.#startMs = at.startMs;
    this.#failures = at.failures;
    const { urgentPerSecond = 0 } = order.load;
    if (urgentPerSecond > 0) this.#urgentSender = new UrgentSender(audience.port, order.apiKey ?? "");
    Object.assign(deliveries, { typing: 0, presence: 0, urgent: 0 });
  }

  get counts(): Record<"typing" | "presence" | "urgent", SideCount> {
    const { typing, presence, urgent } = this.#sent;
    return {
      typing: { sent: typing, delivered: deliveries.typing },
      presence: { sent: presence, delivered: deliveries.presence },
      urgent: { sent: urgent, delivered: deliveries.urgent },
    };
  }

  /** Nothing is under way any more that must arrive; signals may be lost. */
  get isDone(): boolean {
    return deliveries.urgent >= this.#sent.urgent;
  }

  get watch(): Pick<Watch, "typedMs" | "typingLatenciesMs" | "urgentDueMs" | "urgentLatenciesMs"> {
    const { urgentPerSecond = 0 } = this.#order.load;
    const { typingLatenciesMs, urgentLatenciesMs } = this;
    const urgentDueMs = (index: number): number => this.#dueMs(index, urgentPerSecond);
    return { typedMs: this.#typedMs, typingLatenciesMs, urgentDueMs, urgentLatenciesMs };
  }

  sendDue(nowMs: number): void {
    const { typingPerSecond = 0, presencePerSecond = 0, urgentPerSecond = 0 } = this.#order.load;
    while (this.#isDue(this.#sent.typing, typingPerSecond, nowMs)) this.#type(this.#sent.typing++);
    while (this.#isDue(this.#sent.presence, presencePerSecond, nowMs)) this.#choose(this.#sent.presence++);
    while (this.#isDue(this.#sent.urgent, urgentPerSecond, nowMs)) this.#notify(this.#sent.urgent++);
  }

  close(): void {
    this.#failures.add("urgent notifications that did not arrive", this.#sent.urgent - deliveries.urgent);
    this.#urgentSender?.close();
  }

  #isDue(index: number, perSecond: number, nowMs: number): boolean {
    const { warmUpSeconds, seconds } = this.#order.load;
    return index < Math.round(perSecond * (warmUpSeconds + seconds)) && this.#dueMs(index, perSecond) <= nowMs;
  }

  #dueMs(index: number, perSecond: number): number {
    return this.#startMs + (1_000 * index) / perSecond;
  }

  #type(index: number): void {
    const typist = this.#audience.members[index % this.#audience.members.length];
    if (!typist) return;
    this.#typedMs.set(typist.userId, this.#dueMs(index, this.#order.load.typingPerSecond ?? 0));
    typist.link.ask("typing_start", `{"roomId":"${typist.room.id}"}`, (answer) => {
      if (!answer.startsWith('{"ok":true')) this.#failures.add("typing refused");
    });
  }

  #choose(index: number): void {
    const { members } = this.#audience;
    const status = statuses[Math.floor(index / members.length) % statuses.length];
    members[index % members.length]?.link.ask("presence_update", `{"status":"${status}"}`, (answer) => {
      if (!answer.startsWith('{"ok":true')) this.#failures.add("a status refused");
    });
  }

  #notify(index: number): void {
    const { members } = this.#audience;
    const person = members[Math.floor(Math.random() * members.length)];
    if (!person) return;
    const refused = (what: string): void => this.#failures.add(`urgent: ${what}`);
    this.#urgentSender?.send(person.userId, { index, onRefused: refused });
  }
}
