import {
  findUncleanPath,
  limits,
  type NewNotification,
  type Notification,
  newNotificationSchema,
  Refusal,
  type Trigger,
  triggers,
} from "@mirage/protocol";
import { parsePayload } from "../../access/parse-input.ts";
import type { Notice } from "../../hot-path/chat-lane/notices.ts";
import { requireOk } from "../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import { canonicalJson } from "../../lib/canonical-json.ts";
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
/** Another node may be at work. */
const lookAgainMs = 50;

/** What the host application tells people. */
export class HostNotifications {
  readonly #deps: HostNotificationsDeps;

  constructor(deps: HostNotificationsDeps) {
    this.#deps = deps;
  }

  /**
   * Tells one person; with a nonce, once. Answers null where they do not want to be told of this kind.
   * @throws Refusal `not_found`, `bad_request`, `disabled`, `nonce_conflict` where the nonce told something else before;
   * `unavailable` and `overloaded` (trying again helps).
   */
  async send(userId: string, input: NewNotification): Promise<Notification | null> {
    const { hotPath, store, teller, clock } = this.#deps;
    const { notice, trigger, isUrgent } = this.#read(input);
    if (!isId(userId)) throw new Refusal("not_found", "Not found");
    const [row] = await store.listRecipients([userId], trigger);
    if (!row) throw new Error("a recipient was not read back");
    const earlier = await store.findByCause(userId, notice.cause);
    if (earlier) return requireSameWords(earlier, notice);
    const decision = teller.decideFor(row, { isUrgent });
    const people = decision.trigger ? [teller.toTold(userId, decision)] : [];
    const item = {
      op: "notify",
      userId,
      notices: people.length > 0 ? [{ ...notice, people }] : [],
      at: clock.now(),
    } as const;
    requireOk(await hotPath.submit(async () => item, `host ${userId}`));
    const made = await store.findByCause(userId, notice.cause);
    return made ? requireSameWords(made, notice) : null;
  }

  /**
   * Tells everybody in a room; with a nonce, once. Stored before it is answered, and answered when all have been told, or
   * after 10 s with how many have been by then.
   * @throws Refusal as `send` does.
   */
  async sendToRoom(roomId: string, input: NewNotification): Promise<{ count: number }> {
    const { jobStore, clock, createId } = this.#deps;
    const { notice: words, trigger, nonce } = this.#read(input);
    if (!isId(roomId) || !(await jobStore.hasRoom(roomId))) throw new Refusal("not_found", "Room not found");
    const id = `host:${roomId}:${nonce ?? createId()}`;
    const notice = { ...words, cause: id, roomId, messageSeq: 0, trigger };
    const job = { id, roomId, kind: "tell", notice, excludedIds: [] } as const;
    if (!(await jobStore.add(job, new Date(clock.now())))) {
      const stored = await jobStore.find(id);
      if (canonicalJson(stored?.notice) !== canonicalJson(notice)) throw nonceConflict();
    }
    return { count: await this.#finish(id) };
  }

  /** Waits until a job is done, here or at another node, though not for ever; answers how many have been told. */
  async #finish(jobId: string): Promise<number> {
    const { jobStore, jobs, clock } = this.#deps;
    const endMs = clock.monotonicMs() + maxWaitMs;
    for (;;) {
      await untilDue(clock, { work: jobs.run(), withinMs: endMs - clock.monotonicMs() });
      const job = await jobStore.find(jobId);
      if (!job || job.isDone || clock.monotonicMs() >= endMs) return job?.toldCount ?? 0;
      await untilDue(clock, { withinMs: lookAgainMs });
    }
  }

  #read(input: NewNotification): {
    notice: Omit<Notice, "people">;
    trigger: Trigger;
    isUrgent: boolean;
    nonce?: string;
  } {
    if (!this.#deps.isEnabled) throw new Refusal("disabled", "Feature is disabled");
    const parsed = parsePayload(newNotificationSchema, input);
    if (!parsed.ok) throw parsed.refusal;
    const { type, title, content, metadata, urgent: isUrgent, groupKey, nonce } = parsed.payload;
    const cause = `host:${nonce ?? this.#deps.createId()}`;
    const notice = { type, cause, title, content, metadata, isUrgent, ...(groupKey === undefined ? {} : { groupKey }) };
    return { notice, trigger: triggerOf(type), isUrgent, ...(nonce === undefined ? {} : { nonce }) };
  }
}

/** Ends with `work`, and no later than after `withinMs`. */
async function untilDue(clock: Clock, { work, withinMs }: { work?: Promise<void>; withinMs: number }): Promise<void> {
  const due = Promise.withResolvers<void>();
  const timer = clock.after(Math.max(0, withinMs), due.resolve);
  await Promise.race([due.promise, ...(work ? [work] : [])]);
  timer.cancel();
}

/** @throws Refusal `nonce_conflict` where a record says something else than what is to be told. */
function requireSameWords(
  { notification, isDeleted }: { notification: Notification; isDeleted: boolean },
  notice: Omit<Notice, "people">,
): Notification {
  const { type, title, content, metadata, urgent: isUrgent = false, groupKey } = notification;
  const words = canonicalJson(wordsOf(notice));
  if (!isDeleted && canonicalJson(wordsOf({ type, title, content, metadata, isUrgent, groupKey })) !== words)
    throw nonceConflict();
  return notification;
}

function wordsOf({ type, title, content, metadata, isUrgent, groupKey }: Omit<Notice, "people" | "cause">) {
  return [type, title, content, metadata, isUrgent === true, groupKey ?? null];
}

const nonceConflict = (): Refusal => new Refusal("nonce_conflict", "This nonce was used for another notification");

/** What the database can be asked for. */
const isId = (id: string): boolean => id.length <= limits.idCodePoints && findUncleanPath(id, 1) === undefined;

export function triggerOf(type: string): Trigger {
  return triggers.find((trigger) => trigger === type) ?? "app";
}
