/**
 * Tells a whole room, however large, in slices: each is one read and one commit in the lane for bulk, chat goes between.
 *
 *     cause ─ stores the job with itself ─▶ claim (a lease) ─▶ slice, slice, slice … ─▶ done
 *                                              ▲ after a crash, from the last slice's end
 *
 * A slice and the mark of how far the job has come are one commit, and a cause tells a person once: so nobody is told
 * twice or left out, whenever a node dies.
 */
import type { ChatItem } from "../../hot-path/chat-lane/items.ts";
import { messageIdOf, type Told } from "../../hot-path/chat-lane/notices.ts";
import { requireOk } from "../../hot-path/chat-lane/require-ok.ts";
import type { HotPath } from "../../hot-path/hot-path.ts";
import { Rounds } from "../../lib/rounds.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RecipientRow } from "./notifications.store.ts";
import type { RoomJobStore, StartedJob } from "./room-jobs.store.ts";
import type { RoomFacts, Teller } from "./teller.ts";
import { undecided } from "./who-is-told.ts";

export interface RoomJobsDeps {
  hotPath: Pick<HotPath, "submit" | "submitBulk" | "hubs">;
  store: RoomJobStore;
  teller: Teller;
  clock: Clock;
  isEnabled: boolean;
  onFault: (error: unknown) => void;
}

/** A node that has said nothing for so long is taken for dead, and its job goes to another. */
const leaseMs = 5_000;
const patrolMs = 2_500;

type SliceItem = Extract<ChatItem, { op: "slice" }>;

interface Slice extends Pick<SliceItem, "notices" | "withdrawal"> {
  /** The last of those looked at. */
  lastUserId: string;
  toldCount: number;
}

export class RoomJobs {
  readonly #deps: RoomJobsDeps;
  readonly #rounds: Rounds;

  constructor(deps: RoomJobsDeps) {
    this.#deps = deps;
    // After a fault the job's lease ends by itself: then whoever is there goes on.
    this.#rounds = new Rounds({ ...deps, everyMs: patrolMs, work: () => this.#work() });
  }

  /** Looks for what a crash or another node has left, now and from time to time. */
  start(): void {
    this.#rounds.start();
  }

  /** Works until no job is left that is free. */
  run(): Promise<void> {
    return this.#rounds.run();
  }

  /** Ends after the slice that is under way. */
  close(): Promise<void> {
    return this.#rounds.close();
  }

  async #work(): Promise<void> {
    const { store, clock } = this.#deps;
    while (this.#rounds.isOpen) {
      const now = clock.now();
      const job = await store.claim({ now: new Date(now), leasedUntil: new Date(now + leaseMs) });
      if (!job) return;
      await this.#finish(job);
    }
  }

  async #finish(job: StartedJob): Promise<void> {
    const { store, clock } = this.#deps;
    while (this.#rounds.isOpen) {
      const slice = await this.#readSlice(job);
      if (slice) await this.#commit(job, slice);
      else if (!(await this.#withdrawLikes(job))) return await store.finish(job.id, new Date(clock.now()));
    }
    await store.release(job.id);
  }

  async #commit(job: StartedJob, { lastUserId, toldCount, ...telling }: Slice): Promise<void> {
    const { hotPath, clock } = this.#deps;
    const progress = { jobId: job.id, afterUserId: lastUserId, toldCount, leasedUntil: clock.now() + leaseMs };
    const item: SliceItem = { op: "slice", userId: lastUserId, ...telling, progress, at: clock.now() };
    requireOk(await hotPath.submitBulk(item));
    job.afterUserId = lastUserId;
  }

  async #readSlice(job: StartedJob): Promise<Slice | undefined> {
    return job.kind === "tell" ? await this.#readTelling(job) : await this.#readWithdrawal(job);
  }

  async #readTelling(job: StartedJob & { kind: "tell" }): Promise<Slice | undefined> {
    const { store } = this.#deps;
    const { trigger, ...notice } = job.notice;
    // A host's words stand for themselves; a call ends with its message.
    const messageId = messageIdOf(notice.cause);
    const isCall = messageId !== undefined;
    if (isCall && !(await store.isCalling(messageId))) return undefined;
    const rows = await store.listMembers(job, trigger);
    const lastUserId = rows.at(-1)?.userId;
    if (lastUserId === undefined) return undefined;
    const excluded = new Set(job.excludedIds);
    const isUrgent = notice.isUrgent === true;
    const people = rows.flatMap((row) => (excluded.has(row.userId) ? [] : this.#tell(row, { isUrgent, isCall })));
    const notices = people.length > 0 ? [{ ...notice, people }] : [];
    return { notices, lastUserId, toldCount: people.filter(({ isListed }) => isListed).length };
  }

  #tell(row: RecipientRow, { isUrgent, isCall }: { isUrgent: boolean; isCall: boolean }): Told[] {
    const { teller, isEnabled, hotPath } = this.#deps;
    const decision = isEnabled ? teller.decideFor(row, { room: manyPeople, isUrgent }) : undecided(["feature_off"]);
    // Whoever is called hears it, with or without a record.
    if (!decision.trigger && !isCall) return [];
    return [{ ...teller.toTold(row.userId, decision), isHeard: hotPath.hubs.find(`user:${row.userId}`) !== undefined }];
  }

  async #readWithdrawal(job: StartedJob & { kind: "withdraw" }): Promise<Slice | undefined> {
    const { cause, type } = job.notice;
    const told = await this.#deps.store.listTold(cause, job.afterUserId);
    const lastUserId = told.at(-1);
    if (lastUserId === undefined) return undefined;
    const userIds = told.filter((userId) => !job.excludedIds.includes(userId));
    return { notices: [], withdrawal: { cause, type, userIds }, lastUserId, toldCount: 0 };
  }

  /**
   * Takes back some of what reactions to a deleted message told its author, whom they concern alone; false where nothing is
   * left of it. Whoever goes on after a crash finds what is left.
   */
  async #withdrawLikes({ kind, notice }: StartedJob): Promise<boolean> {
    const { store, hotPath, clock } = this.#deps;
    const messageId = kind === "withdraw" && notice.type === undefined ? messageIdOf(notice.cause) : undefined;
    if (messageId === undefined) return false;
    const likes = await store.listLikes(messageId);
    const deletions = likes.map(({ id, userId }) => {
      const item: ChatItem = { op: "inbox", userId, notificationId: id, change: "delete", at: clock.now() };
      return hotPath.submit(async () => item, `likes ${messageId}`);
    });
    await Promise.all(deletions);
    return likes.length > 0;
  }
}

const manyPeople: RoomFacts = { isDirect: false, isCrowd: true };
