import { existsSync } from "node:fs";
import { runStep } from "./step.ts";

/** A program of the machine that tests need: how it is found, and the Debian package it comes in. */
export interface MachineProgram {
  name: string;
  debianPackage: string;
  /** The option that leaves its tests out, for people. */
  withoutOption: string;
  find: () => string | undefined;
}

/**
 * Finds a program of the machine, or installs Debian's package of it where that is allowed (as root).
 * Returns what is wrong and the command to type, or nothing when the program is there.
 */
export async function provide(program: MachineProgram): Promise<string | undefined> {
  if (program.find()) return undefined;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${program.debianPackage}`;
  const isRoot = process.getuid?.() === 0;
  const hint = `${program.name} is missing. Type: ${isRoot ? command : asRoot(command)}\n(or leave its tests out: npm test -- ${program.withoutOption})`;
  if (!isRoot || !existsSync("/usr/bin/apt-get")) return hint;

  console.log(`${program.name} is missing: installing Debian's ${program.debianPackage} …`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const result = await runStep({ name: "apt-get", command: ["/bin/sh", "-c", command], env }, { isShown: true });
  return result.isOk && program.find() ? undefined : hint;
}

function asRoot(command: string): string {
  return `sudo sh -c '${command}'`;
}
