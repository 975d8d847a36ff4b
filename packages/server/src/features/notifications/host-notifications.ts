import {
  type Issue,
  type NewNotification,
  type Notification,
  newNotificationSchema,
  Refusal,
  type Trigger,
  triggers,
} from "@mirage/protocol";
import type { Notice } from "../../hot-path/chat-lane/notices.ts";
import { requireOk } from "../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NotificationStore } from "./notifications.store.ts";
import type { RoomJobStore } from "./room-jobs.store.ts";
import type { RoomJobs } from "./room-jobs.ts";
import type { Teller } from "./teller.ts";

export interface HostNotificationsDeps {
  hotPath: HotPath;
  store: NotificationStore;
  jobStore: RoomJobStore;
  jobs: RoomJobs;
  teller: Teller;
  clock: Clock;
  createId: () => string;
  isEnabled: boolean;
}

/** A very large room is told in the background after this, in milliseconds. */
const maxWaitMs = 10_000;

/** What the host application tells people. */
export class HostNotifications {
  readonly #deps: HostNotificationsDeps;

  constructor(deps: HostNotificationsDeps) {
    this.#deps = deps;
  }

  /**
   * Tells one person; with a nonce, once. Answers null where they do not want to be told of this kind.
   * @throws Refusal `not_found`, `bad_request`, `disabled`; `unavailable` and `overloaded` (trying again helps).
   */
  async send(userId: string, input: NewNotification): Promise<Notification | null> {
    const { hotPath, store, teller, clock } = this.#deps;
    const { notice, trigger, isUrgent } = this.#read(input);
    const [row] = await store.listRecipients([userId], trigger);
    if (!row) throw new Error("a recipient was not read back");
    const earlier = await store.findByCause(userId, notice.cause);
    if (earlier) return earlier;
    const decision = teller.decideFor(row, { isUrgent });
    const people = decision.trigger ? [teller.toTold(userId, decision)] : [];
    const item = {
      op: "notify",
      userId,
      notices: people.length > 0 ? [{ ...notice, people }] : [],
      at: clock.now(),
    } as const;
    requireOk(await hotPath.submit(async () => item, `host ${userId}`));
    return (await store.findByCause(userId, notice.cause)) ?? null;
  }

  /**
   * Tells everybody in a room; with a nonce, once. Stored before it is answered, and answered when all have been told, or
   * after 10 s with how many have been by then.
   * @throws Refusal as `send` does.
   */
  async sendToRoom(roomId: string, input: NewNotification): Promise<{ count: number }> {
    const { jobStore, jobs, clock, createId } = this.#deps;
    const { notice, trigger, nonce } = this.#read(input);
    if (!(await jobStore.hasRoom(roomId))) throw new Refusal("not_found", "Room not found");
    const id = nonce === undefined ? createId() : `host:${roomId}:${nonce}`;
    const job = {
      id,
      roomId,
      kind: "tell",
      notice: { ...notice, roomId, messageSeq: 0, trigger },
      excludedIds: [],
    } as const;
    await jobStore.add(job, new Date(clock.now()));
    await Promise.race([jobs.run(), new Promise<void>((resolve) => clock.after(maxWaitMs, resolve))]);
    return { count: (await jobStore.find(id))?.toldCount ?? 0 };
  }

  #read(input: NewNotification): {
    notice: Omit<Notice, "people">;
    trigger: Trigger;
    isUrgent: boolean;
    nonce?: string;
  } {
    if (!this.#deps.isEnabled) throw new Refusal("disabled", "Feature is disabled");
    const parsed = newNotificationSchema.safeParse(input);
    if (!parsed.success)
      throw new Refusal("bad_request", "Invalid notification", { issues: issuesOf(parsed.error.issues) });
    const { type, title, content, metadata, urgent: isUrgent, groupKey, nonce } = parsed.data;
    const cause = `host:${nonce ?? this.#deps.createId()}`;
    const notice = { type, cause, title, content, metadata, isUrgent, ...(groupKey === undefined ? {} : { groupKey }) };
    return { notice, trigger: triggerOf(type), isUrgent, ...(nonce === undefined ? {} : { nonce }) };
  }
}

function triggerOf(type: string): Trigger {
  return triggers.find((trigger) => trigger === type) ?? "app";
}

function issuesOf(issues: readonly { path: PropertyKey[]; message: string }[]): Issue[] {
  return issues.map(({ path, message }) => ({ path: path.map(String).join("."), message }));
}
