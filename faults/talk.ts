import { connect, pause, type Reachable, requestOk, type TestSocket } from "@mirage/testing";
import { percentile } from "./fault.ts";

const senderCount = 5;
const tickMs = 20;

/** A fast talk of a few in one room, by a schedule that waits for nobody. */
export class Talk {
  readonly #senders: readonly TestSocket[];
  readonly #roomId: string;
  readonly #latenciesMs: number[] = [];
  #count = 0;
  #failedCount = 0;
  #tookMs = 0;

  private constructor(senders: readonly TestSocket[], roomId: string) {
    this.#senders = senders;
    this.#roomId = roomId;
  }

  /** Connects those who will talk; they do not listen. */
  static async prepare(server: Reachable, roomId: string): Promise<Talk> {
    const senders = Array.from({ length: senderCount }, async (_, index) => {
      const socket = await connect(server, `sender-${index}`);
      await requestOk(socket, "join_room", { roomId });
      await requestOk(socket, "leave_room", { roomId });
      return socket;
    });
    return new Talk(await Promise.all(senders), roomId);
  }

  /** Messages that were acknowledged. */
  get postedCount(): number {
    return this.#count - this.#failedCount;
  }

  get failedCount(): number {
    return this.#failedCount;
  }

  get tookMs(): number {
    return this.#tookMs;
  }

  /** Talks until everything is answered; the senders leave. */
  async run({ messagesPerSecond, seconds }: { messagesPerSecond: number; seconds: number }): Promise<void> {
    const startedMs = performance.now();
    const answers: Promise<void>[] = [];
    while (performance.now() - startedMs < seconds * 1_000) {
      const due = ((performance.now() - startedMs) / 1_000) * messagesPerSecond;
      while (this.#count < due) answers.push(this.#post().catch(() => void this.#failedCount++));
      await pause(tickMs);
    }
    await Promise.all(answers);
    this.#tookMs = performance.now() - startedMs;
    for (const socket of this.#senders) socket.disconnect();
  }

  /** For people: how fast the answers were. */
  describe(): string {
    const [p50, p99] = [percentile(this.#latenciesMs, 0.5), percentile(this.#latenciesMs, 0.99)];
    return `acknowledgement p50 ${p50} ms, p99 ${p99} ms`;
  }

  async #post(): Promise<void> {
    const socket = this.#senders[this.#count % senderCount];
    const content = `message ${++this.#count} ${"x".repeat(80)}`;
    const sentMs = performance.now();
    if (socket) await requestOk(socket, "chat_message", { roomId: this.#roomId, content });
    this.#latenciesMs.push(performance.now() - sentMs);
  }
}
