import type { BenchRun } from "./bench-run.ts";
import type { TrialHooks } from "./fan-out.ts";
import { limitedBy } from "./limited-by.ts";
import { startGenerator } from "./load/start-generator.ts";
import type { Trial } from "./outcome.ts";
import { startPeer } from "./peers/peer.ts";
import { type Contender, type Documents, labelOf } from "./workload.ts";

const quickSeconds = 5;

/** Everybody types into one document, and sees what the others type. */
export async function runDocuments(
  workload: Documents,
  contender: Contender,
  bench: BenchRun & TrialHooks,
): Promise<Trial> {
  const peer = await startPeer(contender, { places: bench.places, hasInspector: bench.onLoad !== undefined });
  const onProgress = (line: string): void => bench.progress(`${labelOf(contender)}: ${line}`);
  const generator = startGenerator({ cores: bench.places.generator, onProgress });
  try {
    const { port, jwtSecret, pid } = peer;
    const { editors, editsPerSecond, warmUpSeconds } = workload;
    const finish = await bench.onLoad?.(peer);
    const fixed = await generator.edit({
      server: contender.peer === "hocuspocus" ? "hocuspocus" : "mirage",
      ...{ port, jwtSecret, editors, editsPerSecond, warmUpSeconds },
      seconds: bench.seconds ?? (bench.isQuick ? quickSeconds : workload.seconds),
      watch: { server: pid, ...(bench.postgresPid === undefined ? {} : { postgres: bench.postgresPid }) },
    });
    await finish?.();
    return { fixed, fixedLimitedBy: limitedBy(fixed.span, bench.places), ramp: [], figures: {}, problems: {} };
  } catch (error) {
    throw new Error(`${labelOf(contender)} broke off; it said last:\n${peer.output()}`, { cause: error });
  } finally {
    await generator.stop();
    await peer.remove();
  }
}
