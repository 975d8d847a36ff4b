import { BareLink } from "@mirage/testing/bare-link";
import { signToken } from "@mirage/testing/tokens";
import { inParallel } from "./in-parallel.ts";
import type { ConnectOrder, OpenReport } from "./orders.ts";
import { Tally } from "./samples.ts";

/** Connections that say who they are and nothing else. */
export class Idlers {
  #open = 0;

  /** Connects as fast as `atOnce` at a time allow; whoever is refused is counted. Reports how many are open now. */
  async connect(order: ConnectOrder, onProgress: (line: string) => void): Promise<OpenReport> {
    const startedMs = performance.now();
    const failures = new Tally();
    const { port, jwtSecret, firstUser, count, atOnce, localAddress } = order;
    let done = 0;
    const connect = async (index: number): Promise<void> => {
      const userId = `user-${firstUser + index}`;
      const token = signToken({ userId, username: userId }, jwtSecret);
      const link = new BareLink({ port, token, localAddress, onClose: () => this.#open-- });
      this.#open++;
      try {
        await link.opened;
      } catch (error) {
        failures.add(error instanceof Error ? error.message : String(error));
      }
      if (++done % 1_000 === 0) onProgress(`${done} of ${count} connected from ${localAddress}`);
    };
    const seats = Array.from({ length: count }, (_, index) => index);
    await inParallel(seats, { atOnce, work: connect });
    const tookMs = performance.now() - startedMs;
    return { kind: "opened", roomIds: [], connections: this.#open, failures: failures.toRecord(), tookMs };
  }
}
