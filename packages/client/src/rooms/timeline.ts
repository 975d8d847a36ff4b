import type { Message } from "@mirage/protocol";

/** A page of history. */
export interface HistoryPage {
  messages: readonly Message[];
  hasMoreBefore: boolean;
  hasMoreAfter: boolean;
}

/** A page that was asked for and has not come yet. */
export interface Load {
  /** Puts the page into the window; does nothing if the window has become another one meanwhile. */
  finish(page: HistoryPage): void;
  abandon(): void;
}

/** Above this the oldest messages are let go, down to `keptMessages`; they can be loaded again. */
const maxMessages = 3_000;
const keptMessages = 2_000;

/**
 * One unbroken piece of a room's history, the *window*, ordered by where its messages were created.
 *
 *     ░░░░ more before ░░░░│ window: every undeleted message is here │░░░░ more after ░░░░
 *
 * - Of two states of a message the one with the higher `updatedSeq` is kept, whichever comes first.
 * - A message that belongs into the window is put there; one outside of it is not.
 * - A tombstone replaces what it buries; of a message that is not here it shows nothing.
 * - States that arrive while a page is under way are kept until it is there: the page may be older than they are.
 */
export class Timeline {
  #messages: Message[] = [];
  #isLoaded = false;
  #hasMoreBefore = false;
  #hasMoreAfter = false;
  /** Counts the windows there have been: a page belongs to the one it was asked for. */
  #window = 0;
  #loadCount = 0;
  /** Of several pages that shall take the window's place, the one asked for last does. */
  #jump = 0;
  readonly #sinceLoads = new Map<string, Message>();

  get messages(): readonly Message[] {
    return this.#messages;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get hasMoreBefore(): boolean {
    return this.#hasMoreBefore;
  }

  get hasMoreAfter(): boolean {
    return this.#hasMoreAfter;
  }

  /** Takes in a state of a message, from an event, a catch-up or an answer. */
  apply(message: Message): void {
    if (this.#loadCount > 0) this.#remember(message);
    if (this.#isLoaded) this.#merge(message);
    this.#trim();
  }

  /** Finds a loaded message. */
  find(messageId: string): Message | undefined {
    return this.#messages.find(({ id }) => id === messageId);
  }

  /** The messages behind `afterSeq` up to `upToSeq`; `undefined` where the window does not hold all of them. */
  listBetween(afterSeq: number, upToSeq: number): Message[] | undefined {
    const first = this.#messages[0];
    const last = this.#messages.at(-1);
    const fromStart = !this.#hasMoreBefore || (first !== undefined && first.seq <= afterSeq + 1);
    const toEnd = !this.#hasMoreAfter || (last !== undefined && last.seq >= upToSeq);
    if (!this.#isLoaded || !fromStart || !toEnd) return undefined;
    return this.#messages.filter(({ seq }) => seq > afterSeq && seq <= upToSeq);
  }

  /** Starts with a window of its own; what was there is gone. */
  replace(page: HistoryPage): void {
    this.#window += 1;
    this.#isLoaded = true;
    this.#hasMoreBefore = page.hasMoreBefore;
    this.#hasMoreAfter = page.hasMoreAfter;
    this.#messages = page.messages.filter(({ deleted }) => !deleted);
    this.#mergeRemembered(page.messages);
  }

  /** Forgets everything. */
  unload(): void {
    this.#jump += 1;
    this.replace({ messages: [], hasMoreBefore: false, hasMoreAfter: false });
    this.#isLoaded = false;
  }

  /** Says that a page is being asked for that continues the window or takes its place. */
  startLoad(place: "before" | "after" | "instead"): Load {
    if (place === "instead") this.#jump += 1;
    const window = this.#window;
    const jump = this.#jump;
    let isOpen = true;
    this.#loadCount += 1;
    const end = () => {
      if (!isOpen) return;
      isOpen = false;
      this.#loadCount -= 1;
      if (this.#loadCount === 0) this.#sinceLoads.clear();
    };
    return {
      abandon: end,
      finish: (page) => {
        if (!isOpen) return;
        if (place === "instead" && jump === this.#jump) this.replace(page);
        else if (place !== "instead" && window === this.#window) this.#extend(place, page);
        end();
      },
    };
  }

  #extend(place: "before" | "after", page: HistoryPage): void {
    if (place === "before") this.#hasMoreBefore = page.hasMoreBefore;
    else this.#hasMoreAfter = page.hasMoreAfter;
    const isNew = (message: Message) => !message.deleted && this.#at(message.seq) === undefined;
    const added = page.messages.filter(isNew);
    this.#messages = place === "before" ? [...added, ...this.#messages] : [...this.#messages, ...added];
    this.#mergeRemembered(page.messages);
  }

  #mergeRemembered(page: readonly Message[]): void {
    // A state in the page may itself be newer than one that was already here.
    for (const message of page) this.#merge(message);
    for (const message of this.#sinceLoads.values()) this.#merge(message);
  }

  #remember(message: Message): void {
    const known = this.#sinceLoads.get(message.id);
    if (!known || known.updatedSeq < message.updatedSeq) this.#sinceLoads.set(message.id, message);
  }

  #merge(message: Message): void {
    const index = this.#indexFrom(message.seq);
    const known = this.#messages[index];
    if (known?.id === message.id) {
      if (message.updatedSeq > known.updatedSeq) this.#messages[index] = message;
    } else if (!message.deleted && this.#covers(message.seq)) {
      this.#messages.splice(index, 0, message);
    }
  }

  #covers(seq: number): boolean {
    const first = this.#messages[0];
    const last = this.#messages.at(-1);
    if (this.#hasMoreBefore && first && seq < first.seq) return false;
    return !(this.#hasMoreAfter && last && seq > last.seq);
  }

  #at(seq: number): Message | undefined {
    const message = this.#messages[this.#indexFrom(seq)];
    return message?.seq === seq ? message : undefined;
  }

  /** Index of the first message at or after `seq`. */
  #indexFrom(seq: number): number {
    let low = 0;
    let high = this.#messages.length;
    // New messages nearly always come last.
    const last = this.#messages[high - 1];
    if (last && last.seq < seq) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      const message = this.#messages[middle];
      if (message && message.seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #trim(): void {
    if (this.#hasMoreAfter || this.#messages.length <= maxMessages) return;
    this.#messages.splice(0, this.#messages.length - keptMessages);
    this.#hasMoreBefore = true;
    this.#window += 1;
  }
}
