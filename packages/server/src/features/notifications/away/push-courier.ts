import type { Clock } from "../../../ports/clock.ts";
import type { Push, PushSender } from "../../../ports/push-sender.ts";
import type { SendResult } from "../../../ports/send-result.ts";
import type { Courier, Sent } from "./courier.ts";
import { maySendSilently, pauseMs } from "./deliveries.policy.ts";
import type { ClaimedDelivery, PushAddress } from "./deliveries.store.ts";
import type { DeviceResult, PushDeviceStore } from "./push-devices.store.ts";
import { closingOf, pushOf } from "./push-payload.ts";
import type { ShownPush, ShownPushStore } from "./shown-pushes.store.ts";
import type { Due, Parcel, UnreadJudge } from "./unread-judge.ts";

export interface PushCourierDeps {
  judge: UnreadJudge;
  devices: PushDeviceStore;
  shownPushes: ShownPushStore;
  sender: PushSender;
  clock: Clock;
  /** From 0 to 1. */
  random: () => number;
}

/** What is to be stored of a batch beside the deliveries themselves. */
interface Notes {
  results: DeviceResult[];
  shown: ShownPush[];
  closed: ShownPush[];
}

/** Pushes to each device of a person, and closes there what was read elsewhere. */
export class PushCourier implements Courier {
  readonly channel = "push";
  readonly #deps: PushCourierDeps;

  constructor(deps: PushCourierDeps) {
    this.#deps = deps;
  }

  async deliver(batch: readonly ClaimedDelivery[]): Promise<Sent[]> {
    const { judge, devices, shownPushes, clock } = this.#deps;
    const notes: Notes = { results: [], shown: [], closed: [] };
    const sent = await judge.sendWanted(batch, {
      channel: this.channel,
      delayMs: 0,
      send: (parcel) => this.#push(parcel, notes),
      onRead: (due) => this.#close(due, notes),
    });
    const now = new Date(clock.now());
    await shownPushes.note(notes, now);
    if (notes.results.length > 0) await devices.note(notes.results, now);
    return sent;
  }

  async #push({ delivery, facts, wanted }: Parcel, notes: Notes): Promise<Sent> {
    const devices = (facts.devices ?? []).filter(({ id }) => !delivery.reachedIds.includes(id));
    if (devices.length === 0) return { outcome: "unreachable" };
    const results = await this.#sendTo(devices, pushOf(delivery.subject, wanted[0], facts.unreadCount), notes);
    // What may not be closed silently is not remembered for it.
    const shown = devices.filter(({ endpoint }, at) => results[at]?.kind === "taken" && maySendSilently(endpoint));
    notes.shown.push(...shownOf(delivery, shown));
    return this.#sentOf(delivery, devices, results);
  }

  /** Nothing is unread any more: where it still stands, it is closed, once. */
  async #close({ delivery, facts }: Due, notes: Notes): Promise<Sent> {
    const devices = facts.isAllRead ? (facts.devices ?? []).filter(({ isShown }) => isShown) : [];
    if (devices.length === 0) return { outcome: "read" };
    const results = await this.#sendTo(devices, closingOf(delivery.subject, facts.unreadCount), notes);
    const sent = this.#sentOf(delivery, devices, results);
    const isLast = sent.dueAtMs === undefined;
    const closed = devices.filter((_, at) => isLast || results[at]?.kind !== "later");
    notes.closed.push(...shownOf(delivery, closed));
    return sent.outcome === "sent" ? { outcome: "closed" } : sent;
  }

  async #sendTo(devices: readonly PushAddress[], push: Push, notes: Notes): Promise<SendResult[]> {
    const results = await Promise.all(devices.map((device) => this.#deps.sender.send(device, push)));
    devices.forEach(({ id }, at) => {
      const result = results[at];
      if (result) notes.results.push({ deviceId: id, result });
    });
    return results;
  }

  /** Once any device has it, only those that may still take it are tried again. */
  #sentOf(delivery: ClaimedDelivery, devices: readonly PushAddress[], results: readonly SendResult[]): Sent {
    const { clock, random } = this.#deps;
    const later = results.filter((result) => result.kind === "later");
    const hasTaken = results.some(({ kind }) => kind === "taken") || delivery.reachedIds.length > 0;
    if (later.length === 0) {
      const isGone = results.every(({ kind }) => kind === "gone");
      return { outcome: hasTaken ? "sent" : isGone ? "unreachable" : "refused" };
    }
    const attempts = delivery.attempts + 1;
    const retryAfterMs = Math.max(...later.map((result) => result.retryAfterMs ?? 0));
    const pause = pauseMs({ attempts, retryAfterMs }, random());
    if (pause === undefined) return { outcome: hasTaken ? "sent" : "given_up" };
    // Whoever refused it once refuses it again.
    const ended = devices.filter((_, at) => results[at]?.kind !== "later").map(({ id }) => id);
    const reachedIds = [...delivery.reachedIds, ...ended];
    return { outcome: "retried", dueAtMs: clock.now() + pause, attempts, reachedIds };
  }
}

function shownOf({ userId, subject }: ClaimedDelivery, devices: readonly PushAddress[]): ShownPush[] {
  return devices.map(({ id }) => ({ deviceId: id, userId, subject }));
}
