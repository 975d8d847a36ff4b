import { spawn } from "node:child_process";

/** One part of a longer command: a program to run, with a name people read. */
export interface Step {
  name: string;
  command: readonly string[];
  cwd?: string;
  env?: Record<string, string>;
}

export interface StepResult {
  step: Step;
  isOk: boolean;
  output: string;
  durationMs: number;
}

const children = new Set<ReturnType<typeof spawn>>();
let isInterrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    isInterrupted = true;
    for (const child of children) child.kill(signal);
    process.exitCode = 130;
  });
}

/** Runs a step; its output is kept, or shown as it comes where `isShown`. */
export function runStep(step: Step, options: { isShown?: boolean } = {}): Promise<StepResult> {
  const startedMs = performance.now();
  const [program = "", ...args] = step.command;
  if (isInterrupted) return Promise.resolve({ step, isOk: false, output: "interrupted\n", durationMs: 0 });
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...(step.cwd ? { cwd: step.cwd } : {}),
      env: { ...process.env, ...(options.isShown ? {} : { NO_COLOR: "1" }), ...step.env },
      stdio: ["ignore", options.isShown ? "inherit" : "pipe", options.isShown ? "inherit" : "pipe"],
    });
    children.add(child);
    let output = "";
    const finish = (isOk: boolean) => {
      children.delete(child);
      resolve({ step, isOk, output, durationMs: performance.now() - startedMs });
    };
    child.stdout?.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      output += chunk;
    });
    child.once("error", (error) => {
      output += `${program}: ${error.message}\n`;
      finish(false);
    });
    child.once("close", (code) => finish(code === 0));
  });
}

/** Runs steps, `atOnce` at a time, and tells of each as it ends. */
export async function runSteps(steps: readonly Step[], atOnce: number, onEnd: (result: StepResult) => void) {
  const waiting = [...steps];
  const results: StepResult[] = [];
  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const result = await runStep(step);
      results.push(result);
      onEnd(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

/** `0.4 s`, `12 s`, `6 min 12 s`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
