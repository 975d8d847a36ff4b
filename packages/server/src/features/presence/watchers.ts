/** Who follows whom by name. A connection's list is replaced as a whole, and goes with the connection. */
export class Watchers {
  readonly #watched = new Map<string, readonly string[]>();
  readonly #watching = new Map<string, Set<string>>();

  replace(connectionId: string, userIds: readonly string[]): void {
    this.drop(connectionId);
    if (userIds.length === 0) return;
    this.#watched.set(connectionId, userIds);
    for (const userId of userIds) {
      const watching = this.#watching.get(userId);
      if (watching) watching.add(connectionId);
      else this.#watching.set(userId, new Set([connectionId]));
    }
  }

  drop(connectionId: string): void {
    for (const userId of this.#watched.get(connectionId) ?? []) {
      const watching = this.#watching.get(userId);
      if (watching?.delete(connectionId) && watching.size === 0) this.#watching.delete(userId);
    }
    this.#watched.delete(connectionId);
  }

  /** Connections that follow a person. */
  of(userId: string): ReadonlySet<string> {
    return this.#watching.get(userId) ?? nobody;
  }
}

const nobody: ReadonlySet<string> = new Set();
