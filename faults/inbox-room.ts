import type { RoomLevel } from "@mirage/protocol";
import { pause } from "@mirage/testing";
import { type Deed, DueRecords, type RoomKind } from "./due-records.ts";
import type { InboxPerson } from "./inbox-person.ts";
import type { Random } from "./random.ts";

export interface InboxRoomOptions {
  roomId: string;
  kind: RoomKind;
  /** The owner first, who may call everybody. */
  people: readonly InboxPerson[];
  /** Members who never say anything. */
  crowd?: readonly string[];
  random: Random;
}

const maxPauseMs = 60;
const levels: readonly (RoomLevel | null)[] = ["all", "mentions", "none", null];
const deeds = ["post", "post", "post", "reply", "edit", "edit", "delete", "level", "move"] as const;

/**
 * What goes on in one room: one deed after the other, each repeated until it is acknowledged, so that their order is
 * known; and beside them people who read and clear away on whichever device.
 */
export class InboxRoom {
  readonly roomId: string;
  readonly due: DueRecords;
  readonly #options: InboxRoomOptions;
  readonly #posted: { messageId: string; by: InboxPerson; seq: number }[] = [];
  readonly #away = new Set<InboxPerson>();
  #count = 0;
  deedCount = 0;
  readCount = 0;

  constructor(options: InboxRoomOptions) {
    this.#options = options;
    this.roomId = options.roomId;
    this.due = new DueRecords(options.kind, [...options.people.map(({ name }) => name), ...(options.crowd ?? [])]);
  }

  async run(isOver: () => boolean): Promise<void> {
    await Promise.all([this.#act(isOver), this.#read(isOver)]);
  }

  /** @returns the id of the message */
  async post(by: InboxPerson, call: { calls: readonly string[]; isForAll: boolean; replyTo?: string }) {
    const { random } = this.#options;
    const replyTo = call.replyTo === undefined ? {} : { replyTo: call.replyTo };
    const nonce = `${by.name} ${++this.#count}`;
    const input = { roomId: this.roomId, content: this.#say(call), nonce, ...replyTo };
    const answer = await by.ask(random, "chat_message", input);
    if (!answer) return undefined;
    const { id: messageId, seq } = answer.message;
    this.#posted.push({ messageId, by, seq });
    this.#take({ kind: "post", by: by.name, messageId, ...call });
    return messageId;
  }

  async #act(isOver: () => boolean): Promise<void> {
    const { random } = this.#options;
    while (!isOver()) {
      await this.#doOne();
      await pause(random.between(0, maxPauseMs));
    }
  }

  async #doOne(): Promise<void> {
    const { random, kind } = this.#options;
    const deed = random.pick(deeds);
    const target = this.#posted.length > 0 ? random.pick(this.#posted.slice(-15)) : undefined;
    if (deed === "post" || deed === "reply" || !target) {
      const by = random.pick(this.#present());
      const replyTo = deed === "reply" && target ? { replyTo: target.messageId } : {};
      await this.post(by, { ...this.#choose(by), ...replyTo });
    } else if (deed === "edit" && this.#mayChange(target)) await this.#edit(target);
    else if (deed === "delete" && this.#mayChange(target)) await this.#delete(target);
    else if (deed === "level" && !kind.isCrowd) await this.#setLevel();
    else if (deed === "move" && !kind.isCrowd && !kind.isDirect) await this.#move();
  }

  async #edit({ messageId, by }: { messageId: string; by: InboxPerson }): Promise<void> {
    const call = this.#choose(by);
    const content = this.#say(call);
    const answer = await by.ask(this.#options.random, "edit_message", { messageId, content });
    if (answer) this.#take({ kind: "edit", messageId, ...call });
  }

  async #delete({ messageId, by }: { messageId: string; by: InboxPerson }): Promise<void> {
    // Asked again after it was done, it is refused: what is gone is gone.
    await by.ask(this.#options.random, "delete_message", { messageId });
    this.#take({ kind: "delete", messageId });
  }

  async #setLevel(): Promise<void> {
    const { random } = this.#options;
    const person = random.pick(this.#present());
    const level = random.pick(levels);
    if (await person.ask(random, "set_room_preferences", { roomId: this.roomId, level }))
      this.#take({ kind: "level", userId: person.name, level });
  }

  /** Somebody leaves, or is taken in again. */
  async #move(): Promise<void> {
    const { random, people } = this.#options;
    const [owner, ...others] = people;
    const person = random.pick(others);
    const at = { roomId: this.roomId, userId: person.name };
    if (this.#away.has(person)) {
      if (!(await owner?.ask(random, "add_member", at))) return;
      this.#away.delete(person);
      this.#take({ kind: "enter", userId: person.name });
    } else {
      // Asked again after it was done, it is refused: whoever has left has left.
      await person.ask(random, "remove_member", at);
      this.#away.add(person);
      this.#take({ kind: "leave", userId: person.name });
    }
  }

  /** Reading changes nothing about who is told, so it need not wait its turn. */
  async #read(isOver: () => boolean): Promise<void> {
    const { random, people } = this.#options;
    while (!isOver()) {
      const person = random.pick(people);
      await this.#readOne(person, random.pick(["mark", "mark", "mark", "one", "one", "all", "dismiss"] as const));
      this.readCount++;
      await pause(random.between(0, 2 * maxPauseMs));
    }
  }

  async #readOne(person: InboxPerson, how: "mark" | "one" | "all" | "dismiss"): Promise<void> {
    const { random } = this.#options;
    const newest = this.#posted.at(-1);
    if (how === "mark" && newest && !this.#away.has(person))
      await person.ask(random, "mark_read", { roomId: this.roomId, seq: newest.seq });
    if (how === "all" && random.next() < 0.3) await person.ask(random, "mark_all_notifications_read", {});
    const { notifications } = random.pick(person.devices).notifications.state.get();
    if (notifications.length === 0 || how === "mark" || how === "all") return;
    const { id: notificationId } = random.pick(notifications);
    if (how === "one") await person.ask(random, "mark_notification_read", { notificationId });
    else {
      person.dismissed.add(notificationId);
      await person.ask(random, "delete_notification", { notificationId });
    }
  }

  #mayChange({ messageId, by }: { messageId: string; by: InboxPerson }): boolean {
    return !this.#away.has(by) && this.due.messages.get(messageId)?.isDeleted === false;
  }

  #present(): InboxPerson[] {
    return this.#options.people.filter((person) => !this.#away.has(person));
  }

  #choose(by: InboxPerson): { calls: string[]; isForAll: boolean } {
    const { random, people, kind } = this.#options;
    const calls = people.filter(() => random.next() < 0.3).map(({ name }) => name);
    return { calls, isForAll: by === people[0] && !kind.isDirect && random.next() < 0.35 };
  }

  #say({ calls, isForAll }: { calls: readonly string[]; isForAll: boolean }): string {
    return [`say ${++this.#count}`, ...(isForAll ? ["@everyone"] : []), ...calls.map((name) => `@${name}`)].join(" ");
  }

  #take(deed: Deed): void {
    this.due.take(deed);
    this.deedCount++;
  }
}
