import { isDeepStrictEqual } from "node:util";
import { createRealtime, type Realtime, RealtimeError } from "@mirage/client";
import type { CommandInput, CommandName, CommandReply, Notification } from "@mirage/protocol";
import { eventually, pause, type Reachable, signToken } from "@mirage/testing";
import type { Random } from "./random.ts";

const devicesPerPerson = 3;
const retryAfterMs = 150;
/** Another node may take a moment to hear that somebody is in a room again. */
const heardWithinMs = 3_000;
/** May be refused because what they are about has gone, or because they were done before a connection was lost. */
const mayBeLate: ReadonlySet<CommandName> = new Set([
  "delete_message",
  "remove_member",
  "mark_read",
  "mark_notification_read",
  "delete_notification",
]);
const againWithinMs = 60_000;

/** One person with several devices, each of them the product's own client. */
export class InboxPerson {
  readonly name: string;
  readonly devices: readonly Realtime[];
  /** Ids of notifications that this person has deleted, or tried to. */
  readonly dismissed = new Set<string>();
  /** What this person was refused and should not have been. */
  readonly refusals: string[] = [];

  constructor(name: string, place: (device: number) => Reachable) {
    this.name = name;
    this.devices = Array.from({ length: devicesPerPerson }, (_, index) => {
      const at = place(index);
      const getToken = async () => signToken({ userId: name, username: name }, at.jwtSecret);
      const device = createRealtime({ url: at.url, getToken, storage: "memory", transports: ["websocket"] });
      device.notifications.load();
      return device;
    });
  }

  /**
   * Asks from one of the devices, again and again until the server has said yes or no.
   * @returns undefined where it said no for good.
   */
  async ask<Name extends CommandName>(
    random: Random,
    name: Name,
    input: CommandInput<Name>,
  ): Promise<CommandReply<Name> | undefined> {
    const endMs = performance.now() + againWithinMs;
    for (let refusedAtMs: number | undefined; ; ) {
      try {
        return await random.pick(this.devices).request(name, input);
      } catch (error) {
        if (!(error instanceof RealtimeError) || performance.now() > endMs) throw error;
        if (!isUnsettled(error)) {
          if (mayBeLate.has(name)) return undefined;
          refusedAtMs ??= performance.now();
          if (performance.now() - refusedAtMs > heardWithinMs) {
            this.refusals.push(`${this.name}: ${name} ${error.code}`);
            return undefined;
          }
        }
        await pause(retryAfterMs);
      }
    }
  }

  reconnect(): void {
    for (const device of this.devices) device.reconnectNow();
  }

  /** The whole list as the server has it now. */
  async readAll(random: Random): Promise<Shown> {
    const list: Notification[] = [];
    let unreadCount = 0;
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page = await this.ask(random, "get_notifications", { limit: 100, ...(cursor ? { cursor } : {}) });
      if (!page) throw new Error("one's own list was refused");
      list.push(...page.notifications);
      unreadCount = page.unreadCount;
      cursor = page.nextCursor ?? undefined;
    }
    return { list, unreadCount };
  }

  /** Waits until each device shows what the server has; answers how one that does not differs. */
  async compare(random: Random, withinMs: number): Promise<string[]> {
    const truth = await this.readAll(random);
    const faults = this.devices.map(async (device, index) => {
      const show = (): Shown => {
        const { notifications, unreadCount } = device.notifications.state.get();
        return { list: notifications, unreadCount };
      };
      try {
        await eventually(
          async () => {
            if (device.notifications.state.get().hasMore) await device.notifications.loadMore();
            return isDeepStrictEqual(show(), truth);
          },
          { timeoutMs: withinMs, intervalMs: 100 },
        );
        return [];
      } catch {
        const { list, unreadCount } = show();
        return [
          `device ${index + 1} of ${this.name} shows ${list.length} (${unreadCount} unread) of ${truth.list.length} ` +
            `(${truth.unreadCount} unread); ${firstDifference(list, truth.list) ?? "in the count"}`,
        ];
      }
    });
    return (await Promise.all(faults)).flat();
  }

  close(): void {
    for (const device of this.devices) device.close();
  }
}

interface Shown {
  list: readonly Notification[];
  unreadCount: number;
}

function firstDifference(shown: readonly Notification[], truth: readonly Notification[]): string | undefined {
  const known = new Map(shown.map((one) => [one.id, one]));
  const missing = truth.find(({ id }) => !known.has(id));
  if (missing) return `lacks ${missing.type} "${missing.title}" at ${missing.seq}`;
  const wanted = new Map(truth.map((one) => [one.id, one]));
  const undue = shown.find(({ id }) => !wanted.has(id));
  if (undue) return `shows ${undue.type} "${undue.title}" at ${undue.seq}, which is not there`;
  const other = truth.find((one) => known.get(one.id)?.read !== one.read || known.get(one.id)?.readAt !== one.readAt);
  return other && `shows ${other.id} as ${JSON.stringify(known.get(other.id))} and not ${JSON.stringify(other)}`;
}

/** Nobody knows yet whether it was done, or it was not and may be tried again. */
function isUnsettled(error: RealtimeError): boolean {
  return error.retryable || ["disconnected", "timeout", "unavailable", "overloaded"].includes(error.code);
}
