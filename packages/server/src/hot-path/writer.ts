import { type Database, DatabaseError, type Lane, type SqlValue } from "../database/database.ts";

/**
 * This node's pen in one lane. Every batch carries the node's generation and a number; the database keeps the number of
 * the last one that committed. When the answer to a batch is lost, raising the generation waits for the old call to end
 * or keeps it from ever starting, and tells which of the two happened. See docs/decisions/0003-unknown-outcomes.md.
 */
export class Writer {
  readonly #name: string;
  readonly #lane: Lane;
  #generation: number | undefined;
  #batch = 0;

  constructor(database: Database, name: string) {
    this.#name = name;
    this.#lane = database.openLane(name);
  }

  /** Makes the writer known, or, after a lost answer, fences the call that was under way. */
  async #enter(): Promise<{ lastCommitted: number }> {
    const [row] = await this.#lane.query<{ generation: number; batch: number }>(
      `INSERT INTO writers (node, generation, batch) VALUES ($1, 1, 0)
       ON CONFLICT (node) DO UPDATE SET generation = writers.generation + 1
       RETURNING generation, batch`,
      [this.#name],
    );
    if (!row) throw new DatabaseError("the writer's row was not returned");
    this.#generation = row.generation;
    return { lastCommitted: row.batch };
  }

  /** Runs one batch; a call that dies on the way leaves its outcome unknown until `settle`. */
  async commit<Row extends object>(text: string, params: readonly SqlValue[]): Promise<Row[]> {
    // Counted before anything can fail: a batch that was never sent must not look like the one before it.
    this.#batch++;
    if (this.#generation === undefined) await this.#enter();
    return await this.#lane.query<Row>(text, [this.#name, this.#generation ?? 0, this.#batch, ...params]);
  }

  /** Whether the last batch committed. Afterwards no call of an older generation can commit any more. */
  async settle(): Promise<"committed" | "never"> {
    const { lastCommitted } = await this.#enter();
    return lastCommitted === this.#batch ? "committed" : "never";
  }

  /** Puts the pen down for good. */
  async close(): Promise<void> {
    try {
      if (this.#generation !== undefined) await this.#lane.query("DELETE FROM writers WHERE node = $1", [this.#name]);
    } catch (error) {
      // Its row is then one that nobody writes any more, as after a crash.
      if (!(error instanceof DatabaseError)) throw error;
    }
    await this.#lane.close();
  }
}
