import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Refusal } from "@mirage/protocol";
import type { Clock } from "../../ports/clock.ts";

/** Whoever sends so slowly that nobody should wait: HTTP answers it with 408. */
export class TooSlow extends Error {
  override readonly name = "TooSlow";
}

export interface BodyLimits {
  clock: Clock;
  /** 0: without end. */
  maxBytes: number;
  refusal: () => Refusal;
  /** What the sender said it would be. */
  declaredBytes: number | undefined;
}

/** Nothing at all for so long. */
const idleMs = 30_000;
/** After the first minute, on the average from the beginning. */
const minBytesPerSecond = 32 * 1024;
const firstMs = 60_000;

/** How long receiving so many bytes may take at most; undefined where there may be any number of them. */
export function longestUploadMs(maxBytes: number): number | undefined {
  return maxBytes > 0 ? firstMs + (maxBytes / minBytesPerSecond) * 1_000 : undefined;
}

/**
 * Writes what is sent into a new file at `path`, and resolves with its size. The body is left as it is on a refusal, so that
 * this can still be answered.
 * @throws Refusal `too_large`, `bad_request`; TooSlow; whatever ends the body or the disk
 */
export async function receiveBody(body: Readable, path: string, limits: BodyLimits): Promise<number> {
  const { clock, maxBytes, declaredBytes, refusal } = limits;
  const file = await open(path, "wx", 0o600);
  const pace = new Pace(clock);
  let size = 0;
  try {
    for await (const chunk of chunksOf(body, pace)) {
      size += chunk.length;
      if (maxBytes > 0 && size > maxBytes) throw refusal();
      pace.heard(size);
      await file.writeFile(chunk);
    }
  } finally {
    pace.stop();
    await file.close();
  }
  if (declaredBytes !== undefined && size !== declaredBytes) {
    throw new Refusal("bad_request", `The body has ${size} bytes, not ${declaredBytes} as its Content-Length says`);
  }
  return size;
}

async function* chunksOf(body: Readable, pace: Pace): AsyncGenerator<Buffer> {
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  for (;;) {
    const next = chunks.next();
    // Once it was too slow, nobody looks at what it brings.
    next.catch(() => undefined);
    const { value, done } = await Promise.race([next, pace.tooSlow]);
    if (done) return;
    yield value;
  }
}

/** Watches how fast something comes in. */
class Pace {
  readonly tooSlow: Promise<never>;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #timer: { cancel(): void };
  #size = 0;
  #heardAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAtMs = clock.monotonicMs();
    this.#heardAtMs = this.#startedAtMs;
    const { promise, reject } = Promise.withResolvers<never>();
    this.tooSlow = promise;
    promise.catch(() => undefined);
    this.#timer = clock.every(1_000, () => {
      if (this.#isTooSlow()) reject(new TooSlow("the body comes in too slowly"));
    });
  }

  heard(size: number): void {
    this.#size = size;
    this.#heardAtMs = this.#clock.monotonicMs();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #isTooSlow(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#heardAtMs >= idleMs) return true;
    const elapsedMs = nowMs - this.#startedAtMs;
    return elapsedMs > firstMs && this.#size < (elapsedMs / 1_000) * minBytesPerSecond;
  }
}
