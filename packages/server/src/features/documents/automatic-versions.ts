import { Refusal } from "@mirage/protocol";
import type { Clock, Timer } from "../../ports/clock.ts";

/** How long after a change the content is kept, with all that came until then. */
export const automaticVersionMs = 10 * 60_000;

/** A document that was changed, and who changed it last. */
export interface Changed {
  documentId: string;
  userId: string;
}

export interface AutomaticVersionsOptions {
  clock: Clock;
  keep: (changed: Changed) => Promise<void>;
  onFault: (error: unknown) => void;
}

/** Keeps versions of what people change without being asked, at most one in ten minutes and document. */
export class AutomaticVersions {
  readonly #options: AutomaticVersionsOptions;
  readonly #due = new Map<string, { userId: string; timer: Timer }>();

  constructor(options: AutomaticVersionsOptions) {
    this.#options = options;
  }

  edited({ documentId, userId }: Changed): void {
    const due = this.#due.get(documentId);
    if (due) due.userId = userId;
    else {
      const timer = this.#options.clock.after(automaticVersionMs, () => this.#keep(documentId));
      this.#due.set(documentId, { userId, timer });
    }
  }

  close(): void {
    for (const { timer } of this.#due.values()) timer.cancel();
    this.#due.clear();
  }

  #keep(documentId: string): void {
    const { keep, onFault } = this.#options;
    const due = this.#due.get(documentId);
    this.#due.delete(documentId);
    if (!due) return;
    keep({ documentId, userId: due.userId }).catch((error: unknown) => {
      // It was deleted, or changes too fast: the next edit makes it due again.
      if (!(error instanceof Refusal)) onFault(error);
    });
  }
}
