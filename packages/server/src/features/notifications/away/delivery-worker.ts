/**
 * Sends what is due to people who are away:
 *
 *   notification ─ stores what is due with itself ─▶ claim (a lease) ─▶ still unread? wanted? away? ─▶ send ─▶ settle
 *                                                      │                          └ nothing unread: close what was shown
 *                                                      ▲ after a crash, when the lease is over
 *
 * At least once: what was sent by a node that dies before it could say so is sent again, and replaces itself: a push by its
 * tag, a mail by its Message-ID. Each channel has a lane of its own, so that a mail server that hangs holds up no push.
 */
import type { Clock, Timer } from "../../../ports/clock.ts";
import type { Courier } from "./courier.ts";
import { DeliveryLane, type DeliveryLaneDeps } from "./delivery-lane.ts";

export interface DeliveryWorkerDeps extends Omit<DeliveryLaneDeps, "courier"> {
  couriers: readonly Courier[];
  clock: Clock;
}

export class DeliveryWorker {
  readonly #clock: Clock;
  readonly #lanes: readonly DeliveryLane[];
  #hold: Timer | undefined;

  constructor({ couriers, ...deps }: DeliveryWorkerDeps) {
    this.#clock = deps.clock;
    this.#lanes = couriers.map((courier) => new DeliveryLane({ ...deps, courier }));
  }

  /** Begins after `holdMs`: people who are on their way back after a restart are not told as if they were away. */
  start(holdMs = 0): void {
    this.#hold = this.#clock.after(holdMs, () => {
      for (const lane of this.#lanes) lane.start();
    });
  }

  /** Has every lane look for what is due. */
  run(): void {
    for (const lane of this.#lanes) lane.run();
  }

  /** Ends after what is on its way: some seconds at most. */
  async close(): Promise<void> {
    this.#hold?.cancel();
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }
}
