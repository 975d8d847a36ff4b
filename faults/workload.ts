import { eventually, pause } from "@mirage/testing";
import type { FaultClient } from "./fault-client.ts";
import type { Random } from "./random.ts";

export interface WorkloadOptions {
  clients: readonly FaultClient[];
  roomIds: readonly string[];
  messagesPerSecond: number;
  random: Random;
}

const tickMs = 50;

/** Posts evenly at a rate until stopped; every fourth time somebody also edits, deletes, reacts or pins. */
export class Workload {
  readonly #options: WorkloadOptions;
  #isRunning = false;
  #loop: Promise<void> = Promise.resolve();
  #count = 0;

  constructor(options: WorkloadOptions) {
    this.#options = options;
  }

  get sentCount(): number {
    return this.#count;
  }

  start(): void {
    this.#isRunning = true;
    this.#loop = this.#run();
  }

  /** Stops posting and waits until everything was answered. */
  async stop(timeoutMs = 60_000): Promise<void> {
    this.#isRunning = false;
    await this.#loop;
    const whoWaits = () => this.#options.clients.filter((client) => client.pendingCount > 0);
    await eventually(
      () => {
        const waiting = whoWaits().map(({ name, pendingCount, isReady }) => `${name} ${pendingCount} ${isReady}`);
        if (waiting.length > 0) throw new Error(`no answers: ${waiting.join(", ")}`);
      },
      { timeoutMs },
    );
  }

  async #run(): Promise<void> {
    const startedMs = performance.now();
    while (this.#isRunning) {
      const dueCount = ((performance.now() - startedMs) / 1_000) * this.#options.messagesPerSecond;
      while (this.#count < dueCount) this.#step();
      await pause(tickMs);
    }
  }

  #step(): void {
    const { clients, roomIds, random } = this.#options;
    const client = random.pick(clients);
    const roomId = random.pick(roomIds);
    client.send(roomId, `message ${++this.#count}`);
    if (random.next() < 0.25) this.#change(client, random.pick(clients));
  }

  /** Somebody changes one of their own messages, or reacts to somebody's. */
  #change(author: FaultClient, reader: FaultClient): void {
    const { random } = this.#options;
    if (author.posted.length === 0) return;
    const { messageId } = random.pick(author.posted);
    const kind = random.pick(["edit", "delete", "react", "react", "unreact"] as const);
    if (kind === "react") reader.act("add_reaction", { messageId, emoji: random.pick(["👍", "🎉", "🚀"]) });
    else if (kind === "unreact") reader.act("remove_reaction", { messageId, emoji: "👍" });
    else if (kind === "edit") author.act("edit_message", { messageId, content: `edited ${this.#count}` });
    else author.act("delete_message", { messageId });
  }
}
