import { type Check, defaults, type Fault, type FaultOptions } from "./fault.ts";
import { Random } from "./random.ts";

/** A fault run among other tests: returns the promises that were broken, but for those about the machine's speed. */
export async function runShort(fault: Fault, options: Partial<FaultOptions>): Promise<Check[]> {
  const seed = Date.now() % 1_000_000;
  const all = { ...defaults, ...fault.defaults, ...options };
  const say = (line: string): void => console.log(line);
  say(`seed ${seed}`);
  const { checks } = await fault.run({ seed, random: new Random(seed), say, options: all });
  return checks.filter(({ isOk, isTiming }) => !isOk && !isTiming);
}
