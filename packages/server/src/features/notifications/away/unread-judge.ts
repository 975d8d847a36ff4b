import { limits } from "@mirage/protocol";
import type { AwayChannel } from "../../../hot-path/chat-lane/notices.ts";
import type { Clock } from "../../../ports/clock.ts";
import { triggerOf } from "../host-notifications.ts";
import type { Teller } from "../teller.ts";
import type { Sent } from "./courier.ts";
import { judge } from "./deliveries.policy.ts";
import type { ClaimedDelivery, DeliveryFacts, DeliveryStore, UnreadNotification } from "./deliveries.store.ts";

export interface UnreadJudgeDeps {
  store: DeliveryStore;
  teller: Pick<Teller, "decideFor">;
  clock: Clock;
  /** Whether somebody sits at the app at this moment, on any node. */
  isActive: (userId: string) => boolean;
}

/** A delivery, and all that is known of it now. */
export interface Due {
  delivery: ClaimedDelivery;
  facts: DeliveryFacts;
}

/** What is to be sent to somebody, as it is now. */
export interface Parcel extends Due {
  /** All that the person wants to be told of this way, the newest first. */
  wanted: readonly [UnreadNotification, ...UnreadNotification[]];
}

/** A way to tell people. */
export interface Way {
  channel: AwayChannel;
  /** How long something has to stay unread, unless it is urgent. */
  delayMs: number;
  send: (parcel: Parcel) => Promise<Sent>;
  /** Nothing of it is unread any more. */
  onRead?: (due: Due) => Promise<Sent>;
}

/** Looks at everything again before it is sent: still unread, still wanted, and nobody there who would see it in the app. */
export class UnreadJudge {
  readonly #deps: UnreadJudgeDeps;

  constructor(deps: UnreadJudgeDeps) {
    this.#deps = deps;
  }

  /** Has what is right at this moment sent, side by side, and answers for each of the batch. */
  async sendWanted(batch: readonly ClaimedDelivery[], way: Way): Promise<Sent[]> {
    const facts = new Map((await this.#deps.store.read(batch.map(({ id }) => id))).map((one) => [one.id, one]));
    return await Promise.all(
      batch.map(async (delivery) => {
        const known = facts.get(delivery.id);
        if (!known) return { outcome: "read" };
        const sent = await this.#sendOne({ delivery, facts: known }, way);
        return { ...sent, lastSeq: known.unread?.[0]?.seq ?? 0 };
      }),
    );
  }

  async #sendOne(due: Due, way: Way): Promise<Sent> {
    const { clock, isActive } = this.#deps;
    const unread = due.facts.unread ?? [];
    const wanted = unread.filter((one) => this.#isWanted(way.channel, due, one));
    const [newest, ...others] = wanted;
    const verdict = judge({
      unreadCount: unread.length,
      wantedCount: wanted.length,
      isActive: isActive(due.delivery.userId),
      toldAtMs: due.delivery.toldAt.getTime(),
      readyAtMs: readyAt(wanted, way.delayMs),
      nowMs: clock.now(),
    });
    if (verdict === "send" && newest) return await way.send({ ...due, wanted: [newest, ...others] });
    if (verdict !== "send" && verdict.outcome === "read" && way.onRead) return await way.onRead(due);
    return verdict === "send" ? { outcome: "unwanted" } : verdict;
  }

  /** Whether the person would be told of it this way today; urgent ones pass do-not-disturb here, too. */
  #isWanted(channel: AwayChannel, { delivery, facts }: Due, one: UnreadNotification): boolean {
    const { type, isUrgent, level, mutedUntil, roomType, memberCount } = one;
    const room = { isDirect: roomType === "direct", isCrowd: (memberCount ?? 0) > limits.crowdMembers };
    const row = {
      userId: delivery.userId,
      triggers: [triggerOf(type)],
      overrides: facts.overrides,
      level,
      mutedUntil: mutedUntil === null ? null : new Date(mutedUntil),
      // Whether they can be reached is for the courier to find.
      hasPush: true,
      hasEmail: true,
    };
    const isInRoom = roomType !== null || level !== null || mutedUntil !== null;
    const cause = { isUrgent, isTrial: true, ...(isInRoom ? { room } : {}) };
    return this.#deps.teller.decideFor(row, cause).channels.some((each) => each.channel === channel && each.isDue);
  }
}

/** When the first of them has waited long enough; of more than are listed the first has. */
function readyAt(wanted: readonly UnreadNotification[], delayMs: number): number {
  if (delayMs === 0 || wanted.length > limits.mailedNotifications) return 0;
  return Math.min(...wanted.map((one) => Date.parse(one.createdAt) + (one.isUrgent ? 0 : delayMs)));
}
