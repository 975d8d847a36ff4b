import type { ChatItem } from "./items.ts";

/** Items of one kind that the database takes in one statement; `indexes` point into the batch. */
export interface Step {
  op: ChatItem["op"];
  indexes: number[];
}

/** Kinds that come together, in the order in which they run where the batch does not say otherwise. */
const togetherOps = ["send", "edit", "delete", "react", "pin", "mark", "notify", "inbox", "read_all"] as const;

/**
 * Cuts a batch into steps. Within a step no item depends on another; an item that may depend on an earlier one comes in
 * a later step. Beyond that the order between kinds is free, so a mixed batch takes a step for each kind.
 */
export function planSteps(batch: readonly ChatItem[]): Step[] {
  const steps: Step[] = [];
  let stage = new Stage();
  for (const [index, item] of batch.entries()) {
    const isAlone = !togetherOps.some((op) => op === item.op);
    if (isAlone || !stage.canTake(item)) {
      steps.push(...stage.steps());
      stage = new Stage();
    }
    if (isAlone) steps.push({ op: item.op, indexes: [index] });
    else stage.take(item, index);
  }
  return [...steps, ...stage.steps()];
}

/** Items that do not depend on each other, by kind. */
class Stage {
  readonly #indexes = new Map<ChatItem["op"], number[]>();
  /** What each of them changes, and in which way. */
  readonly #touched = new Map<string, string>();

  canTake(item: ChatItem): boolean {
    for (const [subject, way] of subjectsOf(item)) {
      const other = this.#touched.get(subject);
      if (other !== undefined && (way === "alone" || other !== way)) return false;
    }
    return true;
  }

  take(item: ChatItem, index: number): void {
    for (const [subject, way] of subjectsOf(item)) this.#touched.set(subject, way);
    const indexes = this.#indexes.get(item.op);
    if (indexes) indexes.push(index);
    else this.#indexes.set(item.op, [index]);
  }

  steps(): Step[] {
    return togetherOps.flatMap((op) => {
      const indexes = this.#indexes.get(op);
      return indexes ? [{ op, indexes }] : [];
    });
  }
}

/** What an item changes; two items may change one subject in one step when both do it in the same shared way. */
function subjectsOf(item: ChatItem): [subject: string, way: string][] {
  if (item.op === "mark") return [[`mark ${item.userId} ${item.roomId}`, "alone"]];
  // Of one person's notifications several may be read one by one, but not together with all.
  if (item.op === "read_all") return [[`inbox ${item.userId}`, "alone"]];
  if (item.op === "inbox") {
    return [
      [`inbox ${item.userId}`, "one"],
      [`notification ${item.notificationId}`, "alone"],
    ];
  }
  if (!("messageId" in item)) return [];
  const message = `message ${item.messageId}`;
  if (item.op === "send") {
    const subjects: [string, string][] = [[message, "alone"]];
    if (item.nonce !== undefined) subjects.push([`nonce ${item.roomId} ${item.userId} ${item.nonce}`, "alone"]);
    // A reply to something of the same batch waits until that is there.
    for (const id of [item.replyTo, item.threadId]) if (id !== undefined) subjects.push([`sent ${id}`, "refer"]);
    subjects.push([`sent ${item.messageId}`, "send"]);
    for (const { id } of item.attachments ?? []) subjects.push([`file ${id}`, "alone"]);
    return subjects;
  }
  if (item.op !== "react") return [[message, "alone"]];
  return [
    [message, item.on ? "react" : "unreact"],
    [`reaction ${item.messageId} ${item.emoji} ${item.userId}`, "alone"],
  ];
}
